// When a line was written, by its own account.

import { numberOf } from './fields.js';
import { parseIso } from './iso-time.js';
import type { LocalTimes } from './local-time.js';
import { parseTimePattern } from './time-pattern.js';

/**
 * From the value of a field to milliseconds since the Unix epoch; undefined for what is no time. `now`, in milliseconds too, tells the
 * year where the format has none.
 */
export type TimeParser = (value: unknown, now: number) => number | undefined;

export interface TimeFormat {
  /** iso, unix, unix_ms, unix_us, syslog, or a pattern of strptime, which has a % in it. Default iso. */
  readonly format?: string | undefined;
  /** IANA time zone of times that name no offset. */
  readonly timezone?: string | undefined;
}

const MINUTE = 60_000;

/** How many of the unit make a second. */
const UNIX_UNITS: ReadonlyMap<string, number> = new Map([
  ['unix', 1],
  ['unix_ms', 1e3],
  ['unix_us', 1e6],
]);
/** RFC 3164, section 4.1.2: https://www.rfc-editor.org/rfc/rfc3164#section-4.1.2. Fractions are read too. */
const SYSLOG = '%b %d %H:%M:%S';
const NAMES = ['iso', ...UNIX_UNITS.keys(), 'syslog'];

/** Seconds of the year 5138, milliseconds of 1973: no log has a time that could be either. So it is with each unit that follows. */
const SECONDS_BELOW = 1e11;
const MILLISECONDS_BELOW = 1e14;
const MICROSECONDS_BELOW = 1e17;

/** A time in ISO 8601 with its offset, or Unix time in seconds, milli-, micro- or nanoseconds, told by its size. */
export function guessTime(value: unknown): number | undefined {
  const time = typeof value === 'string' ? parseIso(value) : undefined;
  if (time !== undefined) return time;
  const number = numberOf(value);
  if (number === undefined) return undefined;
  const size = Math.abs(number);
  if (size < SECONDS_BELOW) return number * 1000;
  if (size < MILLISECONDS_BELOW) return number;
  if (size < MICROSECONDS_BELOW) return number / 1e3;
  // So many digits are more than a number can hold: what is left of them is good for microseconds.
  return Math.round(number / 1e3) / 1e3;
}

/** @throws SyntaxError for a format that {@link timeFormatProblem} finds fault with */
export async function createTimeParser({ format = 'iso', timezone }: TimeFormat): Promise<TimeParser> {
  const perSecond = UNIX_UNITS.get(format);
  if (perSecond !== undefined) return createUnixParser(perSecond);
  const local = timezone === undefined ? undefined : (await import('./local-time.js')).createLocalTimes(timezone);
  const parse = format === 'iso' ? isoParser(local) : await patternParser(format === 'syslog' ? SYSLOG : format, local);
  return remembering(parse);
}

function isoParser(local: LocalTimes | undefined): (text: string) => number | undefined {
  return (text) => parseIso(text, local);
}

async function patternParser(pattern: string, local: LocalTimes | undefined) {
  const problem = timeFormatProblem(pattern);
  if (problem !== undefined) throw new SyntaxError(problem);
  const { createPatternParser } = await import('./strptime.js');
  return createPatternParser(pattern, local);
}

/**
 * Lines of one moment come together. What depends on now is read anew after a minute. Reading may be ended in mid-course, and then nothing
 * must be remembered of it.
 */
function remembering(parse: (text: string, now: number) => number | undefined): TimeParser {
  let lastText = '';
  let last: number | undefined;
  let readAt = 0;
  return (value, now) => {
    if (typeof value !== 'string') return undefined;
    if (value !== lastText || Math.abs(now - readAt) >= MINUTE) {
      last = parse(value, now);
      lastText = value;
      readAt = now;
    }
    return last;
  };
}

function createUnixParser(perSecond: number): TimeParser {
  return (value) => {
    const number = numberOf(value);
    return number === undefined ? undefined : (number * 1000) / perSecond;
  };
}

/** What is wrong with the format of a time, and what would be right; undefined where nothing is. */
export function timeFormatProblem(format: string): string | undefined {
  if (NAMES.includes(format)) return undefined;
  if (!format.includes('%')) {
    return `no format "${format}": it must be ${NAMES.join(', ')}, or a pattern of strptime, e.g. '%d/%b/%Y:%H:%M:%S %Z'`;
  }
  try {
    parseTimePattern(format);
    return undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return error.message;
    throw error;
  }
}

/**
 * What a time zone is to a format: `needed` where its texts never name an offset, `optional` where they may, `useless` where a time is the
 * same everywhere. For formats without a problem only.
 */
export function timezoneUse(format: string): 'needed' | 'optional' | 'useless' {
  if (UNIX_UNITS.has(format)) return 'useless';
  if (format === 'iso') return 'optional';
  if (format === 'syslog') return 'needed';
  const { has } = parseTimePattern(format);
  return has('Z') || has('s') || has('Q') ? 'useless' : 'needed';
}

export interface Plausible {
  /** How far ahead of now a time may be. */
  readonly maxAheadMs: number;
  /** How far back it may be. */
  readonly maxAgeMs: number;
}

/** Whether a time can be that of a line that is read now; all in milliseconds. */
export function judgeTime(time: number, now: number, { maxAheadMs, maxAgeMs }: Plausible): 'ok' | 'future' | 'past' {
  if (time > now + maxAheadMs) return 'future';
  return time < now - maxAgeMs ? 'past' : 'ok';
}
