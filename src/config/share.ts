// Shares as the YAML writes them: 98 %, 0.5%.

export const SHARE_PATTERN = '^[0-9]+(?:[.][0-9]+)? ?%$';

/** @returns the ratio, 0.98 for `98 %`; undefined where the text is no share */
export function parseShare(written: unknown): number | undefined {
  const match = typeof written === 'string' ? /^(?<number>\d+(?:\.\d+)?) ?%$/.exec(written) : null;
  return match ? percent(match.groups?.['number'] ?? '') : undefined;
}

/** Of the decimal number as written, so that 99.9 is 0.999 and no neighbour of it. */
export function percent(number: string): number {
  return Number(`${number}e-2`);
}
