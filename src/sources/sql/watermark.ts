// How far an incremental query has come: values that only grow, told apart to their last digit. Pure.

import { Instant, type Cell, type Watermark } from './driver.js';

const INTEGER = /^[+-]?\d+$/;
const DECIMAL = /^[+-]?(?:\d+\.\d*|\.\d+)$/;
const TIME =
  /^(?<date>\d{4}-\d\d-\d\d)(?:[T ](?<clock>\d\d:\d\d(?::\d\d)?)(?:\.(?<fraction>\d+))?)?\s?(?<offset>Z|[+-]\d\d(?::?\d\d)?(?::\d\d)?)?$/i;

/** Digits behind the point that count; no engine has times or ids that are finer. */
const DIGITS = 18;
const ONE = 10n ** BigInt(DIGITS);

/** Before the first row, where the YAML says nothing else: the first is for columns of ids, the second for columns of times. */
export const FIRST_WATERMARKS: readonly Watermark[] = [
  { type: 'integer', text: '0' },
  { type: 'time', text: '1970-01-01 00:00:00' },
];

/** @returns undefined where the cell is neither an integer, a decimal nor a time, or has lost digits on its way (a double) */
export function watermarkOf(cell: Cell): Watermark | undefined {
  if (typeof cell === 'bigint') return { type: 'integer', text: String(cell) };
  if (typeof cell === 'number') return Number.isSafeInteger(cell) ? { type: 'integer', text: String(cell) } : undefined;
  const text = cell instanceof Instant ? cell.text : cell;
  if (typeof text !== 'string') return undefined;
  if (INTEGER.test(text)) return { type: 'integer', text };
  if (DECIMAL.test(text)) return { type: 'decimal', text };
  return TIME.test(text) ? { type: 'time', text } : undefined;
}

export function isWatermark(value: unknown): value is Watermark {
  if (typeof value !== 'object' || value === null || !('type' in value) || !('text' in value) || typeof value.text !== 'string')
    return false;
  const { type, text } = value;
  return (type === 'integer' && INTEGER.test(text)) || (type === 'decimal' && DECIMAL.test(text)) || (type === 'time' && TIME.test(text));
}

/** Below 0 where the first is smaller, 0 where they are the same. Times without a zone are all taken to be of the same one. */
export function compareWatermarks(one: Watermark, other: Watermark): number {
  const difference = rank(one) - rank(other);
  return difference < 0n ? -1 : Number(difference > 0n);
}

/** A number for people: the id, or Unix seconds; undefined for a time without a zone, which is no moment. */
export function watermarkValue({ type, text }: Watermark): number | undefined {
  if (type !== 'time') return Number(text);
  return TIME.exec(text)?.groups?.['offset'] === undefined ? undefined : Number(rank({ type, text }) / 10n ** 12n) / 1e6;
}

/** The value in units of 10^-18. */
function rank({ type, text }: Watermark): bigint {
  if (type === 'integer') return BigInt(text.replace(/^\+/, '')) * ONE;
  if (type === 'decimal') {
    const negative = text.startsWith('-');
    const [whole = '', fraction = ''] = text.replace(/^[+-]/, '').split('.');
    const size = BigInt(whole || '0') * ONE + digits(fraction);
    return negative ? -size : size;
  }
  const { date = '', clock = '00:00', fraction = '', offset = 'Z' } = TIME.exec(text)?.groups ?? {};
  const seconds = Date.parse(`${date}T${clock.length === 5 ? `${clock}:00` : clock}Z`) / 1000 - offsetSeconds(offset);
  return BigInt(seconds) * ONE + digits(fraction);
}

function digits(fraction: string): bigint {
  return BigInt(fraction.slice(0, DIGITS).padEnd(DIGITS, '0'));
}

/** `+01`, `+0130`, `+01:30`, `-00:44:30`, `Z` */
function offsetSeconds(offset: string): number {
  const parts = offset.replaceAll(/[^\d]/g, '').match(/\d\d/g) ?? [];
  const [hours = 0, minutes = 0, seconds = 0] = parts.map(Number);
  return (offset.startsWith('-') ? -1 : 1) * (hours * 3600 + minutes * 60 + seconds);
}

/**
 * Holds rows back until those that were written at the same time must be visible too. Ids and times are given before a transaction
 * commits, so that one with a lower id may turn up after one with a higher id was read. But whoever was given a lower id began before
 * the higher one was seen: once that is longer ago than any transaction takes, nothing below can come any more.
 */
export class HoldBack {
  readonly #lagMs: number;
  /** What was the highest when, oldest first; of those that are old enough only the newest is kept. */
  #seen: readonly { readonly at: number; readonly highest: Watermark }[] = [];

  constructor(lagMs: number) {
    this.#lagMs = lagMs;
  }

  /** @param at monotonic milliseconds, not before the rows were read */
  see(highest: Watermark, at: number): void {
    this.#seen = [...this.#seen, { at, highest }];
  }

  /**
   * @param now monotonic milliseconds, not after the next rows are read
   * @returns a test whether a row may be counted
   */
  ripe(now: number): (watermark: Watermark) => boolean {
    if (this.#lagMs === 0) return () => true;
    const old = this.#seen.filter(({ at }) => at <= now - this.#lagMs);
    const [limit, ...higher] = old.map(({ highest }) => highest);
    if (limit === undefined) return () => false;
    const most = higher.reduce((one, other) => (compareWatermarks(one, other) < 0 ? other : one), limit);
    this.#seen = [{ at: old.at(-1)?.at ?? now, highest: most }, ...this.#seen.filter(({ at }) => at > now - this.#lagMs)];
    return (watermark) => compareWatermarks(watermark, most) <= 0;
  }
}
