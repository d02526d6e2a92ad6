// The time that a report is of, as people write it, and how it is cut into parts that recorded series have sums of. Pure.

import { Temporal } from 'temporal-polyfill';
import { parseDuration } from '../domain/duration.js';

/** Milliseconds since the Unix epoch; what is at `from` belongs to it, what is at `to` does not. */
export interface Period {
  readonly from: number;
  readonly to: number;
}

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** A text that is no moment, or no zone; the message says what would be one. */
export class PeriodError extends Error {
  override readonly name = 'PeriodError';
}

/**
 * `2026-11-01` (midnight in the zone), `2026-11-01T06:00`, `30d` (so long ago) or `now`. Times of `ago` and `now` are whole five minutes.
 * @throws PeriodError
 */
export function readMoment(text: string, now: number, timezone: string): number {
  const recent = Math.floor(now / (5 * MINUTE)) * 5 * MINUTE;
  if (text === 'now') return recent;
  const ago = parseDuration(text);
  if (ago !== undefined) return recent - ago;
  if (/^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2})?$/.test(text)) {
    try {
      return Temporal.PlainDateTime.from(text, { overflow: 'reject' }).toZonedDateTime(timezone).epochMilliseconds;
    } catch {
      // Said below.
    }
  }
  throw new PeriodError(`"${text}" is no time: e.g. 2026-11-01, 2026-11-01T06:00, 30d (that long ago) or now`);
}

/** @throws PeriodError for what is none */
export function checkZone(timezone: string): void {
  try {
    Temporal.Now.zonedDateTimeISO(timezone);
  } catch {
    throw new PeriodError(`"${timezone}" is no time zone: e.g. Europe/Zurich or UTC`);
  }
}

/** As it is shown: `2026-11-01 00:00`. */
export function showMoment(epochMs: number, timezone: string): string {
  const moment = Temporal.Instant.fromEpochMilliseconds(epochMs).toZonedDateTimeISO(timezone).toPlainDateTime();
  return moment.toString({ smallestUnit: 'minute' }).replace('T', ' ');
}

/** As long, and just before. */
export function before({ from, to }: Period): Period {
  return { from: from - (to - from), to: from };
}

export interface Part extends Period {
  /** The window of the recorded sums that it is made of. */
  readonly window: '5m' | '1h' | '1d';
  readonly step: number;
}

/** Few steps where the period is long: days, then hours, then what remains in five minutes. */
export function partsOf({ from, to }: Period): Part[] {
  const parts: Part[] = [];
  let start = from;
  const take = (window: Part['window'], step: number, fromLength: number) => {
    const length = to - start < fromLength ? 0 : Math.floor((to - start) / step) * step;
    if (length > 0) parts.push({ from: start, to: start + length, window, step });
    start += length;
  };
  take('1d', DAY, 35 * DAY);
  take('1h', HOUR, 2 * DAY);
  take('5m', 5 * MINUTE, 0);
  return parts;
}
