// Durations as Prometheus writes them: 500ms, 30s, 5m, 1h30m, 2d, 1w, 1y.
// https://prometheus.io/docs/prometheus/latest/querying/basics/#float-literals-and-time-durations

const UNITS = [
  ['y', 365 * 86_400_000],
  ['w', 7 * 86_400_000],
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
  ['ms', 1],
] as const;

/** Matches every duration, and nothing else but the empty string, which `parseDuration` refuses. */
export const DURATION_PATTERN = '^(?:\\d+y)?(?:\\d+w)?(?:\\d+d)?(?:\\d+h)?(?:\\d+m)?(?:\\d+s)?(?:\\d+ms)?$';
const SHAPE = new RegExp(DURATION_PATTERN);

/** @returns milliseconds, or undefined where the text is no duration. */
export function parseDuration(text: string): number | undefined {
  if (text === '' || !SHAPE.test(text)) return undefined;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+)(ms|[ywdhms])/g)) {
    total += Number(amount) * (UNITS.find(([name]) => name === unit)?.[1] ?? 0);
  }
  return Number.isSafeInteger(total) ? total : undefined;
}

/** Other ways in which people write units. */
const SPELLINGS: Readonly<Record<string, readonly string[]>> = {
  s: ['sec', 'secs', 'second', 'seconds'],
  m: ['min', 'mins', 'minute', 'minutes'],
  h: ['hour', 'hours'],
  d: ['day', 'days'],
};

/** The duration that people mean by `60 s`, `5min` or `1.5h`; undefined where that cannot be told. */
export function guessDuration(text: string): string | undefined {
  const match = /^(?<amount>\d{1,9}(?:\.\d{1,3})?) ?(?<word>[a-z]+)$/.exec(text.trim().toLowerCase());
  const { amount = '', word = '' } = match?.groups ?? {};
  const [unit, size] = UNITS.find(([name]) => name === word || SPELLINGS[name]?.includes(word)) ?? [];
  if (unit === undefined || size === undefined) return undefined;
  const ms = Number(amount) * size;
  if (!Number.isInteger(ms) || ms === 0) return undefined;
  return amount.includes('.') ? formatDuration(ms) : `${Number(amount)}${unit}`;
}

/** Writes milliseconds the shortest way that `parseDuration` reads back: 5400000 is `1h30m`; 0 is `0s`. */
export function formatDuration(ms: number): string {
  let rest = Math.round(ms);
  let text = '';
  for (const [unit, size] of UNITS) {
    const amount = Math.floor(rest / size);
    if (amount === 0) continue;
    text += `${amount}${unit}`;
    rest -= amount * size;
  }
  return text || '0s';
}
