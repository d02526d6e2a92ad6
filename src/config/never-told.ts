// Expectations that nobody will ever hear of, because of the opening hours that hold for them.

import { DAYS, formatTime, MINUTES_PER_DAY, type CalendarDeclaration, type Day } from '../domain/calendar-declaration.js';
import { MS_PER_DAY, NO_DATES, scheduleOf, weekdayOf } from '../domain/calendar-schedule.js';
import { formatDuration } from '../domain/duration.js';
import type { Timing } from '../domain/expectation-declaration.js';
import { nextDue, type PeriodTiming } from '../domain/expectation-periods.js';
import { longestOpening } from '../domain/longest-opening.js';
import type { Config } from './model.js';
import { within, type Report, type Spot } from './report.js';

const MS_PER_MINUTE = 60_000;

/** Adds them to the report, as warnings. @param flows where flows stand, by name. @param now milliseconds since the Unix epoch */
export function warnOfNeverTold(config: Config, flows: ReadonlyMap<string, Spot>, report: Report, now: number): void {
  const problemOf = problems(config, now);
  const ofEnvironments = new Map(config.environments.map(({ name, calendar }) => [name, calendar]));
  for (const flow of config.flows) {
    const spot = flows.get(flow.name);
    // What one environment never hears of, another one may.
    const calendars = [...new Set(flow.environments.map((env) => ofEnvironments.get(env) ?? flow.calendar))];
    for (const [index, { timing }] of (flow.expectations ?? []).entries()) {
      if (!spot || !timing) continue;
      const found = calendars.map((calendar) => (calendar === undefined ? undefined : problemOf(calendar, timing)));
      const [first] = found;
      if (first === undefined || found.includes(undefined)) continue;
      report.warning(within(spot, 'expect', index, keyOf(timing)), first);
    }
  }
}

/** The key of the YAML. */
function keyOf(timing: Timing): string {
  return timing.kind === 'by' && timing.earliest !== undefined ? 'between' : timing.kind;
}

/** What is wrong with a timing in a calendar: found out once for each pair, however many flows have it. */
function problems(config: Config, now: number): (calendar: string, timing: Timing) => string | undefined {
  const longest = new Map<string, number>();
  const known = new Map<string, string | undefined>();
  const find = (name: string, timing: Timing): string | undefined => {
    const declaration = config.calendars[name];
    if (!declaration) return undefined;
    if (timing.kind !== 'every') return neverDue(name, declaration, timing, now);
    const minutes = longest.get(name) ?? longestOpening(declaration, Math.floor(now / MS_PER_DAY));
    longest.set(name, minutes);
    return neverSilent(name, timing.seconds * 1000, minutes * MS_PER_MINUTE);
  };
  return (name, timing) => {
    const key = JSON.stringify([name, timing]);
    if (!known.has(key)) known.set(key, find(name, timing));
    return known.get(key);
  };
}

/** The interval begins anew with each opening. Both in milliseconds. */
function neverSilent(calendar: string, interval: number, longest: number): string | undefined {
  if (interval < longest) return undefined;
  const [every, opening] = [interval, longest].map(formatDuration);
  if (longest === 0) return `every ${every} is never told: ${calendar} does not open within 400 days`;
  const shorter = formatDuration(Math.max(Math.floor(longest / 2 / MS_PER_MINUTE), 1) * MS_PER_MINUTE);
  return `every ${every} is not shorter than the longest opening of ${calendar} (${opening}): it would never be told; write e.g. ${shorter}`;
}

function neverDue(calendar: string, declaration: CalendarDeclaration, timing: PeriodTiming, now: number): string | undefined {
  if (nextDue(timing, { declaration, holidayDates: NO_DATES }, now)) return undefined;
  // The 29th of February is no matter of the calendar.
  if (!nextDue(timing, undefined, now)) return undefined;
  return `is never due within the opening hours of ${calendar}, at least not for 400 days: ${hint(declaration, timing)}`;
}

function hint({ timezone, open }: CalendarDeclaration, timing: PeriodTiming): string {
  const schedule = scheduleOf({ timezone, open }, NO_DATES);
  const week = Array.from({ length: DAYS.length }, (_, day) => day);
  const opening = new Set(week.filter((day) => schedule(day).length > 0).map(weekdayOf));
  const days = DAYS.filter((day) => opening.has(day)).join(', ') || 'no day of the week';
  const nights = new Map<Day, number>();
  for (const day of week) for (const { to } of schedule(day)) if (to > MINUTES_PER_DAY) nights.set(weekdayOf(day), to - MINUTES_PER_DAY);
  if (nights.size === 0) return `it opens on ${days}`;
  const rule = `it opens on ${days}, and a time after midnight belongs to the night that began the day before`;
  if (timing.kind === 'cron') return `${rule}, while cron names the day on the wall: 03:00 on sat is in the night of fri`;
  if (timing.days.kind !== 'weekdays') return rule;
  const evenings = timing.days.weekdays.map((day) => DAYS[(day + DAYS.length - 1) % DAYS.length] ?? 'mon');
  const isOfNight = evenings.every((day) => timing.deadline <= (nights.get(day) ?? -1));
  return isOfNight ? `${rule}: write "${times(timing)} on ${evenings.join(',')}"` : rule;
}

function times({ earliest, deadline }: Extract<PeriodTiming, { kind: 'by' }>): string {
  return earliest === undefined ? formatTime(deadline) : `${formatTime(earliest)}-${formatTime(deadline)}`;
}
