// Which hours a calendar has on a given date: weekdays, holidays and exceptions put together. Still the clock on the wall, no time zones.

import { DAYS, isRegion, readDays, readHours, type CalendarDeclaration, type Day, type Hours } from './calendar-declaration.js';

export const MS_PER_DAY = 86_400_000;
/** Where public holidays do not count. */
export const NO_DATES: ReadonlySet<string> = new Set();

/** The hours that open on a date, given as days since 1970-01-01, in the order in which they open. */
export type Schedule = (day: number) => readonly Hours[];

/**
 * @param holidayDates the dates (`2026-12-25`) that the region codes of the declaration stand for; the dates it names itself are added.
 * @throws RangeError when the declaration has problems that `calendarProblems` would have told
 */
export function scheduleOf(declaration: CalendarDeclaration, holidayDates: ReadonlySet<string>): Schedule {
  const week = new Map<Day, readonly Hours[]>();
  for (const [key, text] of Object.entries(declaration.open)) {
    const hours = hoursOf(text);
    for (const day of valueOf(readDays(key))) week.set(day, hours);
  }
  const namedDates = new Set((declaration.holidays ?? []).filter((holiday) => !isRegion(holiday)));
  const exceptions = new Map(
    Object.entries(declaration.exceptions ?? {}).map(([date, text]) => [date, text === 'closed' ? [] : hoursOf(text)]),
  );
  return (day) => {
    const date = dateOf(day);
    const exception = exceptions.get(date);
    if (exception) return exception;
    if (holidayDates.has(date) || namedDates.has(date)) return [];
    return week.get(weekdayOf(day)) ?? [];
  };
}

/** `2026-12-24`. */
export function dateOf(day: number): string {
  return new Date(day * MS_PER_DAY).toISOString().slice(0, 10);
}

/** Days since 1970-01-01. */
export function dayOf(date: string): number {
  return Date.parse(`${date}T00:00:00Z`) / MS_PER_DAY;
}

export function weekdayOf(day: number): Day {
  const sinceMonday = (day + 3) % 7; // 1970-01-01 was a Thursday
  return DAYS[(sinceMonday + 7) % 7] ?? 'mon';
}

function hoursOf(text: string | readonly string[]): readonly Hours[] {
  const hours = (typeof text === 'string' ? [text] : text).map((one) => valueOf(readHours(one)));
  return hours.toSorted((a, b) => a.from - b.from);
}

function valueOf<T>(reading: { readonly value: T } | { readonly problem: string }): T {
  if ('problem' in reading) throw new RangeError(reading.problem);
  return reading.value;
}
