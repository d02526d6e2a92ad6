// What a cell means: a number for a metric, a time, a text for a label.

import type { ZoneReader } from '../zone.js';
import { Instant, type Cell } from './driver.js';

/** NaN and infinities as PostgreSQL writes them in `numeric`; everything else as in any language. */
const NUMBER = /^\s*[+-]?(?:(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?|infinity|nan)\s*$/i;
/** A time without a zone, as engines write it; a date alone is its midnight. */
const LOCAL_TIME = /^(?<date>\d{4}-\d\d-\d\d)(?:[T ](?<minute>\d\d:\d\d)(?::(?<second>\d\d(?:\.\d+)?))?)?$/;
const LOOKS_LIKE_TIME = /^\d{4}-\d{2}-\d{2}/;

/**
 * @returns the number (of integers beyond 2^53 the nearest double, of times Unix seconds, of booleans 0 or 1),
 * null for NULL, or undefined where the cell is no number.
 */
export function toNumber(cell: Cell): number | null | undefined {
  if (cell === null || typeof cell === 'number') return cell;
  if (typeof cell === 'bigint') return Number(cell);
  if (typeof cell === 'boolean') return cell ? 1 : 0;
  if (cell instanceof Instant) return cell.seconds;
  if (typeof cell !== 'string' || !NUMBER.test(cell)) return undefined;
  const word = /infinity|nan/i.exec(cell)?.[0].toLowerCase();
  if (word === 'nan') return NaN;
  if (word === 'infinity') return cell.trim().startsWith('-') ? -Infinity : Infinity;
  return Number(cell);
}

/** The same, where times without a zone are in the zone given. */
export function toNumberIn(zone: ZoneReader, cell: Cell): number | null | undefined {
  const groups = typeof cell === 'string' ? LOCAL_TIME.exec(cell)?.groups : undefined;
  if (!groups) return toNumber(cell);
  const { date = '', minute = '00:00', second = '0' } = groups;
  const start = zone(`${date}T${minute}`);
  return start === undefined || Number(second) >= 61 ? undefined : start / 1000 + Number(second);
}

/** @returns the text, null for NULL, or undefined where the cell is binary. */
export function toText(cell: Cell): string | null | undefined {
  if (cell === null || typeof cell === 'string') return cell;
  if (cell instanceof Instant) return cell.text;
  if (cell instanceof Uint8Array) return undefined;
  return String(cell);
}

/** What kind of value it is, never the value: it may be a personal datum. */
export function describeCell(cell: Cell): 'text' | 'a time without zone' | 'binary data' | 'a number' {
  if (cell instanceof Uint8Array) return 'binary data';
  if (typeof cell !== 'string') return 'a number';
  return LOOKS_LIKE_TIME.test(cell) ? 'a time without zone' : 'text';
}

/**
 * The value that a map of the YAML names for a text of the database; undefined where it names none.
 * Codes are compared as numbers where they are ones: `9.00` and 9 are the same.
 */
export function mapped<T>(map: ReadonlyMap<string, T>, text: string): T | undefined {
  const exact = map.get(text);
  if (exact !== undefined || !NUMBER.test(text)) return exact;
  return map.get(String(Number(text)));
}
