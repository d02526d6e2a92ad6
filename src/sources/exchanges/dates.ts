// Names with dates in them: which regular expression they match on a day, and which day it is. No I/O; Temporal is loaded with it.

import { Temporal } from 'temporal-polyfill';
import type { CalendarDeclaration } from '../../domain/calendar-declaration.js';
import { dateOf, dayOf, scheduleOf, type Schedule } from '../../domain/calendar-schedule.js';
import { DATE_TOKEN } from './date-pattern.js';
import type { ExpectationOptions } from './schema.js';

/** How far back a working day is looked for. */
const LONGEST_HOLIDAYS_DAYS = 60;

/** What is expected now. */
export interface Expected {
  /** The day of the clock on the wall on which it is expected, `2026-12-24`. */
  readonly today: string;
  /** Of the whole name; undefined where no day answers. */
  readonly pattern: RegExp | undefined;
  /** When it should be there at the latest, in Unix seconds; undefined without `by`, and on days on which the flow is closed. */
  readonly due: number | undefined;
}

export interface DayOptions {
  readonly expectation: ExpectationOptions;
  readonly zone: string;
  /** The opening hours of the flow. */
  readonly calendar: CalendarDeclaration | undefined;
}

/** What is expected at a moment. @param holidays the dates that the regions of the calendar stand for */
export function expectedAt({ expectation, zone, calendar }: DayOptions, epochMs: number, holidays: ReadonlySet<string>): Expected {
  const today = localDate(zone, epochMs);
  const schedule = calendar && scheduleOf(calendar, holidays);
  const date = dateOfName(expectation.day, today, schedule);
  const { by } = expectation;
  const isOpen = schedule === undefined || schedule(dayOf(today)).length > 0;
  return {
    today,
    pattern: date === undefined ? undefined : new RegExp(`^(?:${withDate(expectation.file, date)})$`),
    due: by === undefined || !isOpen ? undefined : moment(zone, today, by),
  };
}

function localDate(zone: string, epochMs: number): string {
  return Temporal.Instant.fromEpochMilliseconds(Math.floor(epochMs)).toZonedDateTimeISO(zone).toPlainDate().toString();
}

/** A time that a change of clock skips is the moment after it; one that it repeats is the first. */
function moment(zone: string, date: string, time: string): number {
  return Temporal.PlainDateTime.from(`${date}T${time}`).toZonedDateTime(zone, { disambiguation: 'compatible' }).epochMilliseconds / 1000;
}

function dateOfName(day: ExpectationOptions['day'], today: string, schedule: Schedule | undefined): string | undefined {
  const number = dayOf(today);
  if (day === undefined || day === 'today') return today;
  if (day === 'yesterday') return dateOf(number - 1);
  for (let back = 1; back <= LONGEST_HOLIDAYS_DAYS; back++) {
    if ((schedule?.(number - back) ?? []).length > 0) return dateOf(number - back);
  }
  return undefined;
}

/** The date in place of what stands for it. */
function withDate(file: string, date: string): string {
  const [year = '', month = '', dayOfMonth = ''] = date.split('-');
  const values: Readonly<Record<string, string>> = {
    yyyy: year,
    yy: year.slice(2),
    MM: month,
    DDD: String(dayOf(date) - dayOf(`${year}-01-01`) + 1).padStart(3, '0'),
    dd: dayOfMonth,
  };
  return file.replaceAll(DATE_TOKEN, (_token, format: string) =>
    format.replaceAll(PART, (part) => values[part] ?? '').replaceAll('.', String.raw`\.`),
  );
}

const PART = /yyyy|yy|MM|DDD|dd/g;
