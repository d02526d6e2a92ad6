// Sizes as the YAML writes them: 500, 10 KiB, 2.5MB.

import { UNITS } from '../units.js';

const BYTES = [...UNITS].filter(([, { base }]) => base === 'bytes');

/** Matches every size that is text. */
export const SIZE_PATTERN = `^\\d+(?:\\.\\d+)? ?(?:${BYTES.map(([name]) => name).join('|')})$`;

/** @returns bytes; undefined where the text is no size */
export function parseSize(size: string | number): number | undefined {
  if (typeof size === 'number') return size;
  const { amount, unit } = /^(?<amount>\d+(?:\.\d+)?) ?(?<unit>[A-Za-z]+)$/.exec(size)?.groups ?? {};
  const [, known] = BYTES.find(([name]) => name === unit) ?? [];
  return known === undefined ? undefined : Math.round(Number(amount) * known.unit);
}
