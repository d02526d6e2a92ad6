// The days on which something is expected, without time zones: working days, weekdays, the nth day of each month, quarter or year.

import { MS_PER_DAY, weekdayOf } from './calendar-schedule.js';
import { DAYS } from './calendar-declaration.js';
import type { Days } from './expectation-declaration.js';

/** How far a day is looked for, in either direction. */
export const DAYS_SEARCHED = 400;
/** Months, quarters or years around a day that are looked at; the one before the one before bounds the one before. */
const UNITS_AROUND = [-3, -2, -1, 0, 1, 2] as const;
/** A day on which nothing opens moves to the next one that does, unless that is further away. */
const MOVES_AT_MOST = 31;
const MONTHS = { month: 1, quarter: 3, year: 12 } as const;

/** Days since 1970-01-01. */
type Day = number;

export interface ExpectedDay {
  readonly day: Day;
  /** First day of the month, quarter or year, for days that are told within one. */
  readonly unitStart: Day | undefined;
}

/** Those before and from a day on, nearest first. Lazy: who asks stops when he has enough. */
export interface ExpectedDays {
  before(day: Day): Iterable<ExpectedDay>;
  from(day: Day): Iterable<ExpectedDay>;
}

/** @param opens whether something opens on the day; without a calendar, every day */
export function expectedDays(days: Days, opens: (day: Day) => boolean): ExpectedDays {
  if (days.kind === 'nth') return daysOfUnits(days, opens);
  const isExpected = days.kind === 'open' ? opens : (day: Day) => days.weekdays.includes(DAYS.indexOf(weekdayOf(day))) && opens(day);
  return { before: (day) => search(day - 1, -1, isExpected), from: (day) => search(day, 1, isExpected) };
}

function* search(start: Day, step: 1 | -1, isExpected: (day: Day) => boolean): Generator<ExpectedDay> {
  for (let count = 0, day = start; count < DAYS_SEARCHED; count++, day += step) {
    if (isExpected(day)) yield { day, unitStart: undefined };
  }
}

type Nth = Extract<Days, { readonly kind: 'nth' }>;

function daysOfUnits(nth: Nth, opens: (day: Day) => boolean): ExpectedDays {
  const around = (day: Day): ExpectedDay[] => {
    const found = UNITS_AROUND.map((offset) => inUnit(nth, unitAt(day, nth.of, offset), opens)).filter((one) => one !== undefined);
    // Where nothing opens for so long that two move to the same day, they are one.
    return found.filter((one, index) => found.findIndex((other) => other.day === one.day) === index);
  };
  return {
    before: (day) =>
      around(day)
        .filter((one) => one.day < day)
        .toReversed(),
    from: (day) => around(day).filter((one) => one.day >= day),
  };
}

interface Unit {
  readonly first: Day;
  readonly last: Day;
}

function unitAt(day: Day, of: Nth['of'], offset: number): Unit {
  const date = new Date(day * MS_PER_DAY);
  const length = MONTHS[of];
  const month = date.getUTCFullYear() * 12 + date.getUTCMonth();
  const start = (Math.floor(month / length) + offset) * length;
  return { first: firstOf(start), last: firstOf(start + length) - 1 };
}

/** @param month counted from January of the year 0 */
function firstOf(month: number): Day {
  return Date.UTC(Math.floor(month / 12), month - Math.floor(month / 12) * 12, 1) / MS_PER_DAY;
}

function inUnit({ nth, unit }: Nth, { first, last }: Unit, opens: (day: Day) => boolean): ExpectedDay | undefined {
  const counts = (day: Day): boolean => {
    if (unit === 'working day') return opens(day);
    return unit === 'day' || DAYS.indexOf(weekdayOf(day)) === unit;
  };
  let left = Math.abs(nth);
  const step = nth > 0 ? 1 : -1;
  for (let day = nth > 0 ? first : last; first <= day && day <= last; day += step) {
    if (!counts(day) || --left > 0) continue;
    const moved = nextOpen(day, opens);
    return moved === undefined ? undefined : { day: moved, unitStart: first };
  }
  return undefined;
}

function nextOpen(day: Day, opens: (day: Day) => boolean): Day | undefined {
  for (let moved = day; moved <= day + MOVES_AT_MOST; moved++) if (opens(moved)) return moved;
  return undefined;
}
