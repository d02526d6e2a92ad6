// The periods of an expectation as moments: the one begun last, and the one before. Pure; right through changes of the clock.

import { MINUTES_PER_DAY, type CalendarDeclaration, type Hours } from './calendar-declaration.js';
import { MS_PER_DAY, scheduleOf, type Schedule } from './calendar-schedule.js';
import { dayOfMinute, readCron, type CronTimes, type WallMinute } from './cron.js';
import { DAYS_SEARCHED, expectedDays, type ExpectedDay, type ExpectedDays } from './expectation-days.js';
import type { Timing } from './expectation-declaration.js';
import { endOf, localDay, momentOf, wallMinute } from './wall-time.js';

/**
 * Moments are milliseconds since the Unix epoch. A time that a change of the clock skips is the moment of the change; of one that comes
 * twice, what begins does so at the first and what ends at the last.
 */
export interface Period {
  /** From when on a message counts for it. */
  readonly start: number;
  readonly deadline: number;
  /** Before it a message of the period is early; for expectations between two times. */
  readonly earliest: number | undefined;
}

export interface Periods {
  /** The one begun last; undefined where none began within 400 days. */
  readonly current: Period | undefined;
  readonly previous: Period | undefined;
  /** From when on the answer is another one; Infinity where no period begins within 400 days. */
  readonly until: number;
}

export type PeriodTiming = Exclude<Timing, { readonly kind: 'every' }>;

/** The calendar that holds, and the dates of the public holidays in it. */
export interface OpeningHours {
  readonly declaration: CalendarDeclaration;
  readonly holidayDates: ReadonlySet<string>;
}

/** Before a deadline, where nobody says so: a quarter of the period, at most this. */
const WARN_AT_MOST_MS = 30 * 60_000;
/** Times of a cron expression that are looked at before it is given up that one of them lies on a day that opens. */
const CRON_TRIES = 20_000;

/**
 * The periods at a moment, the same object while they hold. Without a calendar each day is a working day, and times are those of UTC.
 * @throws RangeError when the calendar or the cron expression has problems that checking the YAML would have told
 */
export function compilePeriods(timing: PeriodTiming, hours: OpeningHours | undefined): (epochMs: number) => Periods {
  const occurrences = timing.kind === 'cron' ? cronOccurrences(timing, hours) : dailyOccurrences(timing, hours);
  let last: { readonly from: number; readonly until: number; readonly periods: Periods } | undefined;
  return (epochMs) => {
    if (last && last.from <= epochMs && epochMs < last.until) return last.periods;
    const periods = periodsAt(occurrences, epochMs);
    // What lies beyond the horizon comes into sight one day.
    const until = periods.until === Infinity ? epochMs + MS_PER_DAY : periods.until;
    last = { from: periods.current?.start ?? epochMs, until, periods };
    return periods;
  };
}

/** What is due next. */
export interface Due {
  /** Whether it has begun. */
  readonly begun: boolean;
  readonly period: Period;
}

/** @returns undefined where nothing is due within 400 days. @throws RangeError as `compilePeriods` does */
export function nextDue(timing: PeriodTiming, hours: OpeningHours | undefined, now: number): Due | undefined {
  const at = compilePeriods(timing, hours);
  const { current, until } = at(now);
  if (current && current.deadline > now) return { begun: true, period: current };
  if (until === Infinity) return undefined;
  const next = at(until).current;
  return next && { begun: false, period: next };
}

/** From when on what has not come is in jeopardy. @param warnBefore milliseconds; undefined: a quarter of the period, at most half an hour */
export function warningOf({ start, deadline }: Period, warnBefore: number | undefined): number {
  const before = warnBefore ?? Math.min((deadline - start) / 4, WARN_AT_MOST_MS);
  return Math.max(start, deadline - before);
}

/** A period before it is known when the one before ended. */
interface Occurrence {
  readonly deadline: number;
  readonly earliest: number | undefined;
  /** Where nothing came before it; with `earliest`, midway between the deadline before and that holds instead. */
  readonly start: number;
}

/** What the YAML means, one after the other, on both sides of some time of the day of a moment; nearest first. */
interface Occurrences {
  before(epochMs: number): Iterable<Occurrence>;
  from(epochMs: number): Iterable<Occurrence>;
}

/** How many occurrences are enough for two periods that have begun, each with the one before it. */
const ENOUGH = 3;

function periodsAt(occurrences: Occurrences, epochMs: number): Periods {
  const ascending: Occurrence[] = [];
  let begun = 0;
  for (const occurrence of occurrences.before(epochMs)) {
    // A night and the day after it may mean the same deadline: it is one, and counts once.
    if (!isNew(ascending[0], occurrence)) continue;
    ascending.unshift(occurrence);
    if (occurrence.deadline <= epochMs && ++begun === ENOUGH) break;
  }
  // The first that begins later, with certainty: of two that both lie ahead, the second begins after the deadline of the first.
  let ahead = 0;
  for (const occurrence of occurrences.from(epochMs)) {
    if (!isNew(ascending.at(-1), occurrence)) continue;
    ascending.push(occurrence);
    if (occurrence.deadline > epochMs && ++ahead === 2) break;
  }
  const periods = ascending.map((occurrence, index) => periodOf(occurrence, ascending[index - 1]));
  const next = periods.findIndex(({ start }) => start > epochMs);
  const count = next === -1 ? periods.length : next;
  return { current: periods[count - 1], previous: periods[count - 2], until: periods[next]?.start ?? Infinity };
}

function isNew(neighbour: Occurrence | undefined, { deadline }: Occurrence): boolean {
  return neighbour?.deadline !== deadline;
}

/** No period begins before the deadline of the one before. */
function periodOf({ start, earliest, deadline }: Occurrence, before: Occurrence | undefined): Period {
  if (!before) return { start, earliest, deadline };
  const begins = earliest === undefined ? start : Math.floor((before.deadline + earliest) / 2);
  return { start: Math.min(Math.max(begins, before.deadline), earliest ?? deadline), earliest, deadline };
}

type DailyTiming = Extract<Timing, { readonly kind: 'by' }>;

function dailyOccurrences(timing: DailyTiming, hours: OpeningHours | undefined): Occurrences {
  const zone = hours?.declaration.timezone ?? 'UTC';
  const schedule = hours && scheduleOf(hours.declaration, hours.holidayDates);
  const days: ExpectedDays = expectedDays(timing.days, (day) => schedule === undefined || schedule(day).length > 0);
  const occurrences = function* (found: Iterable<ExpectedDay>) {
    for (const day of found) {
      const occurrence = occurrenceOn(day, timing, schedule, zone);
      // Where the clock jumps over all of it (an hour, or the 30th of December 2011 in Samoa), there is none.
      // Where midnight alone is lost, what began the evening before still is one.
      if ((occurrence.earliest ?? occurrence.start) < occurrence.deadline) yield occurrence;
    }
  };
  return {
    before: (epochMs) => occurrences(days.before(localDay(zone, epochMs) + 1)),
    from: (epochMs) => occurrences(days.from(localDay(zone, epochMs) + 1)),
  };
}

function occurrenceOn(expected: ExpectedDay, timing: DailyTiming, schedule: Schedule | undefined, zone: string): Occurrence {
  const { day, unitStart } = expected;
  const shift = isOfNight(timing.deadline, schedule?.(day) ?? []) ? MINUTES_PER_DAY : 0;
  const minute = timing.deadline + shift;
  const earliest = timing.earliest === undefined ? undefined : momentOf(day, timing.earliest + shift, zone, 'first');
  const deadline = momentOf(day, minute, zone, 'last');
  return { deadline, earliest, start: startOf(day, minute, unitStart, timing.from, schedule, zone) };
}

/** Whether the time lies in hours that began on the day before the one whose time it is. */
function isOfNight(minute: number, hours: readonly Hours[]): boolean {
  return hours.some(({ from, to }) => from <= minute + MINUTES_PER_DAY && minute + MINUTES_PER_DAY <= to && to > MINUTES_PER_DAY);
}

function startOf(
  day: number,
  deadline: number,
  unitStart: number | undefined,
  from: number | undefined,
  schedule: Schedule | undefined,
  zone: string,
): number {
  // At midnight, the deadline is the end of the day before.
  const dayOfDeadline = day + Math.floor((deadline - 1) / MINUTES_PER_DAY);
  if (from !== undefined) {
    const ofDeadline = deadline - (dayOfDeadline - day) * MINUTES_PER_DAY;
    return momentOf(dayOfDeadline, from < ofDeadline ? from : from - MINUTES_PER_DAY, zone, 'first');
  }
  if (unitStart !== undefined) return momentOf(unitStart, 0, zone, 'first');
  const night = schedule?.(dayOfDeadline - 1).find(({ to }) => to > MINUTES_PER_DAY);
  if (!night) return momentOf(dayOfDeadline, 0, zone, 'first');
  // What comes before the night has ended belongs to the night.
  const isInNight = deadline - (dayOfDeadline - day) * MINUTES_PER_DAY <= night.to - MINUTES_PER_DAY;
  return isInNight ? momentOf(dayOfDeadline - 1, night.from, zone, 'first') : endOf(dayOfDeadline - 1, night.to, zone);
}

type CronTiming = Extract<Timing, { readonly kind: 'cron' }>;

function cronOccurrences({ expression, seconds }: CronTiming, hours: OpeningHours | undefined): Occurrences {
  const reading = readCron(expression);
  if ('problem' in reading) throw new RangeError(reading.problem);
  const times = reading.value;
  const zone = hours?.declaration.timezone ?? 'UTC';
  const schedule = hours && scheduleOf(hours.declaration, hours.holidayDates);
  const occurrence = (minute: WallMinute): Occurrence => {
    const start = momentOf(0, minute, zone, 'first');
    return { start, deadline: start + seconds * 1000, earliest: undefined };
  };
  const occurrences = function* (found: Iterable<WallMinute>) {
    for (const minute of found) yield occurrence(minute);
  };
  return {
    before: (epochMs) => occurrences(cronMinutes(times, -1, wallMinute(zone, epochMs) + 1, schedule)),
    from: (epochMs) => occurrences(cronMinutes(times, 1, wallMinute(zone, epochMs), schedule)),
  };
}

/** The times on days that open, one after the other in either direction. */
function* cronMinutes(times: CronTimes, direction: 1 | -1, start: WallMinute, schedule: Schedule | undefined): Generator<WallMinute> {
  const step = direction === 1 ? times.after : times.before;
  let minute = step(start);
  for (let tries = 0; tries < CRON_TRIES && minute !== undefined; tries++) {
    if (Math.abs(minute - start) > DAYS_SEARCHED * MINUTES_PER_DAY) return;
    if (schedule === undefined || isWorkingTime(minute, schedule)) yield minute;
    const day = dayOfMinute(minute);
    // Of a day without hours, nor any of the night before, the times are passed over together: there may be one each minute.
    const isClosed = schedule !== undefined && schedule(day).length === 0 && schedule(day - 1).every(({ to }) => to <= MINUTES_PER_DAY);
    if (isClosed) minute = step(direction === 1 ? (day + 1) * MINUTES_PER_DAY - 1 : day * MINUTES_PER_DAY);
    else minute = step(minute);
  }
}

/** The day opens and the time is not one of the night after it, or it is one of the night before. */
function isWorkingTime(minute: WallMinute, schedule: Schedule): boolean {
  const day = dayOfMinute(minute);
  const ofDay = minute - day * MINUTES_PER_DAY;
  if (isOfNight(ofDay, schedule(day - 1))) return true;
  return schedule(day).length > 0 && !isOfNight(ofDay, schedule(day));
}
