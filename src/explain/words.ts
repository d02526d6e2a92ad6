// Moments and stretches of time in words.

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
] as const;

/** `2 d 3 h`, `1 h 15 min`, `45 s`: the two greatest units, rounded down. */
export function stretch(ms: number): string {
  const first = UNITS.findIndex(([, size]) => ms >= size);
  if (first === -1) return '0 s';
  let rest = ms;
  const parts = UNITS.slice(first, first + 2).map(([unit, size]) => {
    const amount = Math.floor(rest / size);
    rest -= amount * size;
    return amount === 0 ? '' : `${amount} ${unit}`;
  });
  return parts.filter((part) => part !== '').join(' ');
}

/** `in 2 h 15 min`, `3 d ago`, `now`. */
export function relative(epochMs: number, now: number): string {
  if (Math.abs(epochMs - now) < 1_000) return 'now';
  return epochMs > now ? `in ${stretch(epochMs - now)}` : `${stretch(now - epochMs)} ago`;
}

/** `Fri 2026-11-27 08:30`, by the clock on the wall. @param zone IANA name */
export function moment(epochMs: number, zone: string): string {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    weekday: 'short',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  const parts = new Map(format.formatToParts(epochMs).map(({ type, value }) => [type, value]));
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? '';
  return `${part('weekday')} ${part('year')}-${part('month')}-${part('day')} ${part('hour')}:${part('minute')}`;
}

/** `Fri 2026-11-27 08:30 (in 2 h 15 min)`. */
export function momentAndHow(epochMs: number, now: number, zone: string): string {
  return `${moment(epochMs, zone)} (${relative(epochMs, now)})`;
}

export function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? '' : 's'}`;
}

/** `a`, `a and b`, `a, b and c`. */
export function and(words: readonly string[]): string {
  return words.length <= 1 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1) ?? ''}`;
}
