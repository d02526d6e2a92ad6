// Finds where one calendar is open and another one is closed: test environments are never open longer than production.

import { DAYS, formatHours, isRegion, MINUTES_PER_DAY, type CalendarDeclaration, type Hours } from './calendar-declaration.js';
import { dateOf, dayOf, MS_PER_DAY, NO_DATES, scheduleOf, weekdayOf, type Schedule } from './calendar-schedule.js';
import { systemClock } from './clock.js';

/** The dates of public holidays, by the code of the region. */
export type PublicHolidays = ReadonlyMap<string, readonly string[]>;

const NO_HOLIDAYS: PublicHolidays = new Map();
/** A Monday; which one does not matter for what repeats every week. */
const A_MONDAY = dayOf('2024-01-01');
/** How far apart two time zones can be, and a night. */
const MARGIN_DAYS = 2;

/**
 * Says where `inner` is open while `outer` is closed: `open sat 07:00-12:00, production is closed then`; undefined where it nowhere is.
 * Compares the hours of the week, the regions whose public holidays close, the dates that either names, and the public holidays of `outer`
 * of this year and the next. Calendars of different time zones are compared with every difference between the two that occurs within a
 * year of `now` (milliseconds since the Unix epoch).
 *
 * Both calendars must be without problems. @throws RangeError otherwise
 *
 * @param holidays at least what `holidaysWanted` asks for
 */
export function widerThan(
  inner: CalendarDeclaration,
  outer: CalendarDeclaration,
  holidays = NO_HOLIDAYS,
  now = systemClock.now(),
): string | undefined {
  return widerWithoutDates(inner, outer, now) ?? widerOnDates(inner, outer, holidays, now);
}

/** The public holidays without which `widerThan` cannot tell; undefined where it can: computing them takes a quarter of a second. */
export function holidaysWanted(
  inner: CalendarDeclaration,
  outer: CalendarDeclaration,
  now = systemClock.now(),
): { readonly regions: readonly string[]; readonly years: readonly number[] } | undefined {
  if (widerWithoutDates(inner, outer, now) !== undefined) return undefined;
  // Those of the outer calendar are among them by now.
  const regions = (inner.holidays ?? []).filter(isRegion);
  // Holidays of the inner calendar may only undo what is found without them; those of the outer one may add to it.
  const mayUndo = () => widerOnDates(inner, outer, NO_HOLIDAYS, now) !== undefined;
  if (regions.length === 0 || !(mayAdd(inner, outer) || mayUndo())) return undefined;
  const named = [...namedDates(inner), ...namedDates(outer)].flatMap((date) => {
    // What opens on the days around is looked at, and whether that is covered by what opens around those.
    const [first, last] = [dayOf(date) - 2 * MARGIN_DAYS, dayOf(date) + 2 * MARGIN_DAYS];
    return [yearOf(dateOf(first)), yearOf(dateOf(last))];
  });
  const [year, next] = yearsAhead(now);
  return { regions, years: [...new Set([year - 1, year, next, next + 1, ...named])].toSorted((a, b) => a - b) };
}

/**
 * Whether `inner` may be open while a public holiday closes both: by an exception, because a night begins the day before or would have
 * ended the day after, or because it is another day there.
 */
function mayAdd(inner: CalendarDeclaration, outer: CalendarDeclaration): boolean {
  if (!outer.holidays?.some(isRegion)) return false;
  const opensByException = Object.entries(inner.exceptions ?? {}).some(
    ([date, hours]) => hours !== 'closed' && outer.exceptions?.[date] === undefined,
  );
  return opensByException || inner.timezone !== outer.timezone || hasNight(inner) || hasNight(outer);
}

function hasNight({ timezone, open, exceptions = {} }: CalendarDeclaration): boolean {
  const schedule = scheduleOf({ timezone, open, exceptions }, NO_DATES);
  const days = [...DAYS.keys()].map((index) => A_MONDAY + index);
  return [...days, ...Object.keys(exceptions).map(dayOf)].some((day) => schedule(day).some(({ to }) => to > MINUTES_PER_DAY));
}

function widerWithoutDates(inner: CalendarDeclaration, outer: CalendarDeclaration, now: number): string | undefined {
  return widerInWeek(inner, outer, now) ?? widerOnHolidays(inner, outer);
}

function widerInWeek(inner: CalendarDeclaration, outer: CalendarDeclaration, now: number): string | undefined {
  const innerWeek = scheduleOf({ timezone: inner.timezone, open: inner.open }, NO_DATES);
  const outerWeek = scheduleOf({ timezone: outer.timezone, open: outer.open }, NO_DATES);
  for (const shift of shiftsWithinYear(inner.timezone, outer.timezone, now)) {
    const excess = firstExcess(innerWeek, outerWeek, A_MONDAY, DAYS.length, shift);
    if (excess) return tell(weekdayOf(excess.day), excess.hours, inner, outer);
  }
  return undefined;
}

/** A region is only covered by itself: the public holidays of CH-VD, say, leave out some of those of CH. */
function widerOnHolidays(inner: CalendarDeclaration, outer: CalendarDeclaration): string | undefined {
  const missing = (outer.holidays ?? []).find((holiday) => isRegion(holiday) && !inner.holidays?.includes(holiday));
  return missing === undefined ? undefined : `open on public holidays of ${missing}, production is closed then`;
}

function widerOnDates(inner: CalendarDeclaration, outer: CalendarDeclaration, holidays: PublicHolidays, now: number): string | undefined {
  const innerHours = scheduleOf(inner, closedBy(inner, holidays));
  const outerClosed = closedBy(outer, holidays);
  const outerHours = scheduleOf(outer, outerClosed);
  const shift = shiftBetween(inner.timezone, outer.timezone);
  const years = yearsAhead(now);
  const ahead = [...outerClosed].filter((date) => years.includes(yearOf(date)));
  // What a date closes may be the night after it, or another date elsewhere.
  const days = [...namedDates(inner), ...namedDates(outer), ...ahead].flatMap((date) => around(dayOf(date)));
  for (const day of [...new Set(days)].toSorted((a, b) => a - b)) {
    const excess = firstExcess(innerHours, outerHours, day, 1, shift(day * MS_PER_DAY + MS_PER_DAY / 2));
    if (excess) return tell(`on ${dateOf(excess.day)}`, excess.hours, inner, outer);
  }
  return undefined;
}

function closedBy({ holidays = [] }: CalendarDeclaration, dates: PublicHolidays): ReadonlySet<string> {
  return new Set(holidays.flatMap((holiday) => dates.get(holiday) ?? []));
}

/** The dates that a calendar names itself, by exceptions and among the holidays. */
function namedDates({ exceptions = {}, holidays = [] }: CalendarDeclaration): readonly string[] {
  return [...Object.keys(exceptions), ...holidays.filter((holiday) => !isRegion(holiday))];
}

function around(day: number): readonly number[] {
  return Array.from({ length: 2 * MARGIN_DAYS + 1 }, (_, index) => day - MARGIN_DAYS + index);
}

/** The years whose public holidays are looked at. */
function yearsAhead(now: number): readonly [number, number] {
  const year = new Date(now).getUTCFullYear();
  return [year, year + 1];
}

function yearOf(date: string): number {
  return Number(date.slice(0, 4));
}

function tell(when: string, hours: Hours, inner: CalendarDeclaration, outer: CalendarDeclaration): string {
  const zone = inner.timezone === outer.timezone ? '' : ` (${inner.timezone})`;
  return `open ${when} ${formatHours(hours)}${zone}, production is closed then`;
}

/**
 * The first time, within the hours that open on these days, at which `inner` is open and `outer` is not, up to the end of that day.
 * @param shift minutes by which the clock of `outer` is ahead of that of `inner`
 */
function firstExcess(
  inner: Schedule,
  outer: Schedule,
  firstDay: number,
  days: number,
  shift: number,
): { day: number; hours: Hours } | undefined {
  const innerOpen = minutesOpen(inner, firstDay, days, firstDay);
  const outerOpen = minutesOpen(outer, firstDay - MARGIN_DAYS, days + 2 * MARGIN_DAYS, firstDay);
  const exceeds = (minute: number) => innerOpen.has(minute) && !outerOpen.has(minute + shift);
  for (let start = 0; start < (days + 1) * MINUTES_PER_DAY; start++) {
    if (!exceeds(start)) continue;
    const dayOffset = Math.floor(start / MINUTES_PER_DAY);
    const midnight = dayOffset * MINUTES_PER_DAY;
    let end = start;
    while (exceeds(end) && end < midnight + MINUTES_PER_DAY) end++;
    return { day: firstDay + dayOffset, hours: { from: start - midnight, to: end - midnight } };
  }
  return undefined;
}

/** Every minute, counted from the midnight of `origin`, within the hours that open on these days. */
function minutesOpen(schedule: Schedule, firstDay: number, days: number, origin: number): ReadonlySet<number> {
  const open = new Set<number>();
  for (let day = firstDay; day < firstDay + days; day++) {
    const midnight = (day - origin) * MINUTES_PER_DAY;
    for (const { from, to } of schedule(day)) {
      for (let minute = from; minute < to; minute++) open.add(midnight + minute);
    }
  }
  return open;
}

/** The minutes by which the clock of one zone is ahead of another's, each that occurs on a day of the year to come, ascending. */
function shiftsWithinYear(behind: string, ahead: string, now: number): readonly number[] {
  if (behind === ahead) return [0];
  const shift = shiftBetween(behind, ahead);
  const shifts = new Set<number>();
  for (let day = 0; day <= 366; day++) shifts.add(shift(now + day * MS_PER_DAY));
  return [...shifts].toSorted((a, b) => a - b);
}

function shiftBetween(behind: string, ahead: string): (epochMs: number) => number {
  const behindUtc = offsetOf(behind);
  const aheadOfUtc = offsetOf(ahead);
  return (epochMs) => aheadOfUtc(epochMs) - behindUtc(epochMs);
}

/** Minutes by which the clock of the zone is ahead of UTC at a moment. From Intl, so that checking a file need not load Temporal. */
function offsetOf(zone: string): (epochMs: number) => number {
  const format = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' });
  return (epochMs) => {
    const name = format.formatToParts(epochMs).find(({ type }) => type === 'timeZoneName')?.value ?? '';
    const [, sign = '+', hours = 0, minutes = 0] = /GMT([+-])(\d\d):(\d\d)/.exec(name) ?? [];
    return Number(`${sign}1`) * (Number(hours) * 60 + Number(minutes));
  };
}
