// What a cell means: a number for a metric, a text for a label.

import { Instant, type Cell } from './driver.js';

/** NaN and infinities as PostgreSQL writes them in `numeric`; everything else as in any language. */
const NUMBER = /^\s*[+-]?(?:(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?|infinity|nan)\s*$/i;
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
