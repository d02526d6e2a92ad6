// From the clock on the wall to moments and back: what a time means that a change of the clock skips or repeats, the same everywhere.

import { Temporal } from 'temporal-polyfill';
import { MINUTES_PER_DAY } from './calendar-declaration.js';
import { dateOf, dayOf } from './calendar-schedule.js';

/**
 * The moment, in milliseconds since the Unix epoch, at which the clock on the wall shows this time; where it never does, the moment at
 * which it jumps over it.
 * @param day days since 1970-01-01
 * @param minute minutes after midnight of that day; below 0 and from 1440 on they are on other days
 */
export function momentOf(day: number, minute: number, zone: string, ifTwice: 'first' | 'last'): number {
  const onDay = day + Math.floor(minute / MINUTES_PER_DAY);
  const ofDay = minute - Math.floor(minute / MINUTES_PER_DAY) * MINUTES_PER_DAY;
  const wall = Temporal.PlainDate.from(dateOf(onDay)).toPlainDateTime({ hour: Math.floor(ofDay / 60), minute: ofDay % 60 });
  const shown = wall.toZonedDateTime(zone, { disambiguation: ifTwice === 'first' ? 'earlier' : 'later' });
  if (shown.toPlainDateTime().equals(wall)) return shown.epochMilliseconds;
  const before = wall.toZonedDateTime(zone, { disambiguation: 'earlier' });
  return before.getTimeZoneTransition('next')?.epochMilliseconds ?? shown.epochMilliseconds;
}

/**
 * The moment at which hours end that last until just before this time: once the clock on the wall has shown the last of the times before
 * it. Where the clock falls back, that is the second time it comes to it, but the first where it falls back to this very time: nothing
 * before it is shown again.
 */
export function endOf(day: number, minute: number, zone: string): number {
  const first = momentOf(day, minute, zone, 'first');
  return momentOf(day, minute - 1, zone, 'last') < first ? first : momentOf(day, minute, zone, 'last');
}

/** The date that the calendar on the wall shows, as days since 1970-01-01. */
export function localDay(zone: string, epochMs: number): number {
  return dayOf(wallOf(zone, epochMs).toPlainDate().toString());
}

/** Minutes that the clock on the wall shows since 1970-01-01 00:00 of its own, rounded down. */
export function wallMinute(zone: string, epochMs: number): number {
  const wall = wallOf(zone, epochMs);
  return dayOf(wall.toPlainDate().toString()) * MINUTES_PER_DAY + wall.hour * 60 + wall.minute;
}

function wallOf(zone: string, epochMs: number): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(Math.floor(epochMs)).toZonedDateTimeISO(zone);
}
