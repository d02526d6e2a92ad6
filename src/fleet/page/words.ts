// Numbers and times as people read them.

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;

/** 1234567 is `1 234 567`, with narrow spaces that do not break. */
export function grouped(value: number): string {
  return Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, '\u202f');
}

/** One decimal below ten, so that slow flows do not read as 0: `0.5`, `12`. What is above 0 is never written as 0. */
export function perMinute(value: number): string {
  if (value === 0 || value >= 9.95) return grouped(value);
  return Math.max(value, 0.1).toFixed(1);
}

/** `4 s`, `3 min`, `2 h 10 min`, `3 d 4 h`; never negative. */
export function span(ms: number): string {
  const total = Math.max(0, Math.round(ms / 1000));
  if (total < MINUTE) return `${total}\u00a0s`;
  if (total < HOUR) return `${Math.floor(total / MINUTE)}\u00a0min`;
  if (total < DAY) return both(Math.floor(total / HOUR), 'h', Math.floor((total % HOUR) / MINUTE), 'min');
  return both(Math.floor(total / DAY), 'd', Math.floor((total % DAY) / HOUR), 'h');
}

function both(large: number, largeUnit: string, small: number, smallUnit: string): string {
  const first = `${large}\u00a0${largeUnit}`;
  return small === 0 ? first : `${first} ${small}\u00a0${smallUnit}`;
}

export function ago(at: number, now: number): string {
  return `${span(now - at)} ago`;
}

/** 0.0042 is `4 ms`, 1.25 is `1.3 s`. */
export function seconds(value: number): string {
  return value < 1 ? `${Math.round(value * 1000)}\u00a0ms` : `${value.toFixed(1)}\u00a0s`;
}

/** `1 exporter`, `6 exporters`. */
export function count(amount: number, noun: string): string {
  return `${grouped(amount)} ${noun}${amount === 1 ? '' : 's'}`;
}

/** `2026-03-02 08:00:00 UTC` */
export function timestamp(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
