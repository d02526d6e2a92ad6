// Times in listings for people: local, to the minute, without a year where they are recent. Pure; the clock is the caller's.

/** Turns a local minute (`2026-03-02T08:00`) into milliseconds since the Unix epoch; undefined where there is no such minute. */
export type LocalMinute = (minute: string) => number | undefined;

/** How far the clock of the server may be ahead, or its time zone be unknown to us. */
const AHEAD_MS = 24 * 3_600_000;

/** The first three letters of months as servers write them, in English, French and German. */
const MONTHS: Readonly<Record<string, number>> = {
  jan: 1,
  feb: 2,
  fév: 2,
  mar: 3,
  mär: 3,
  mrz: 3,
  apr: 4,
  avr: 4,
  may: 5,
  mai: 5,
  jun: 6,
  jul: 7,
  aug: 8,
  aoû: 8,
  sep: 9,
  oct: 10,
  okt: 10,
  nov: 11,
  dec: 12,
  dez: 12,
  déc: 12,
};

/** Minutes of UTC. */
export const utcMinute: LocalMinute = (minute) => {
  const at = Date.parse(`${minute}Z`);
  // Date.parse takes February 30 for March 2.
  return Number.isNaN(at) || !new Date(at).toISOString().startsWith(minute) ? undefined : at;
};

/**
 * @param text `Mar  2 08:00`, `Mar  2 2026`, `2 Mar 08:00`, `2026-03-02 08:00`, or of Windows `03-02-26 08:00AM`, `03-02-2026 08:00`
 * @returns Unix seconds; undefined where it cannot be read
 */
export function listedTime(text: string, toUtc: LocalMinute, now: number): number | undefined {
  const at = exactTime(text, toUtc) ?? recentTime(text, toUtc, now);
  return at === undefined ? undefined : at / 1000;
}

const ISO = /^(?<year>\d{4})[-/](?<month>\d{1,2})[-/](?<day>\d{1,2})\s+(?<hour>\d{1,2}):(?<minute>\d{2})/;
const DOS = /^(?<month>\d{1,2})-(?<day>\d{1,2})-(?<year>\d{2}|\d{4})\s+(?<hour>\d{1,2}):(?<minute>\d{2})(?<half>[AP]M?)?$/i;
const YEAR = /^(?:(?<name>\p{L}{3})\s+(?<day>\d{1,2})|(?<first>\d{1,2})\s+(?<second>\p{L}{3}))\s+(?<year>\d{4})$/u;
const RECENT = /^(?:(?<name>\p{L}{3})\s+(?<day>\d{1,2})|(?<first>\d{1,2})\s+(?<second>\p{L}{3}))\s+(?<hour>\d{1,2}):(?<minute>\d{2})$/u;

function exactTime(text: string, toUtc: LocalMinute): number | undefined {
  const parts = (ISO.exec(text) ?? DOS.exec(text))?.groups;
  if (parts) {
    const { year = '', month = '', day = '', hour = '', minute = '', half } = parts;
    return toUtc(minuteOf(fullYear(year), Number(month), day, String(hourOf(Number(hour), half)), minute));
  }
  const dated = YEAR.exec(text)?.groups;
  if (!dated) return undefined;
  const { month, day } = monthAndDay(dated);
  return month === undefined ? undefined : toUtc(minuteOf(dated['year'] ?? '', month, day, '0', '0'));
}

/** Of the years in which it would not be ahead of now, the last one. */
function recentTime(text: string, toUtc: LocalMinute, now: number): number | undefined {
  const parts = RECENT.exec(text)?.groups;
  if (!parts) return undefined;
  const { month, day } = monthAndDay(parts);
  if (month === undefined) return undefined;
  const thisYear = new Date(now).getUTCFullYear();
  for (const year of [thisYear + 1, thisYear, thisYear - 1]) {
    const at = toUtc(minuteOf(String(year), month, day, parts['hour'] ?? '', parts['minute'] ?? ''));
    if (at !== undefined && at <= now + AHEAD_MS) return at;
  }
  return undefined;
}

function monthAndDay(parts: Readonly<Record<string, string | undefined>>): { readonly month: number | undefined; readonly day: string } {
  const name = (parts['name'] ?? parts['second'] ?? '').toLowerCase();
  return { month: Object.hasOwn(MONTHS, name) ? MONTHS[name] : undefined, day: parts['day'] ?? parts['first'] ?? '' };
}

/** Two digits are of the century around now: Windows writes so. */
function fullYear(year: string): string {
  if (year.length === 4) return year;
  return Number(year) < 70 ? `20${year}` : `19${year}`;
}

function hourOf(hour: number, half: string | undefined): number {
  if (half === undefined) return hour;
  return (hour % 12) + (half.toLowerCase().startsWith('p') ? 12 : 0);
}

function minuteOf(year: string, month: number, day: string, hour: string, minute: string): string {
  return `${year}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}`;
}

function two(value: string | number): string {
  return String(value).padStart(2, '0');
}
