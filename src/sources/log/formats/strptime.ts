// Times in a pattern of strptime, and those of syslog. The library d3-time-format reads what tells the minute, and only when that changes;
// seconds and fractions are read here, since lines of one minute come together. A file of its own, imported where the YAML has a pattern.

import { utcParse } from 'd3-time-format';
import { milliseconds, offsetOf } from './iso-time.js';
import type { LocalTimes } from './local-time.js';
import { parseTimePattern, type TimePattern } from './time-pattern.js';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const HALF_A_YEAR = 182.625 * DAY;
/** Between two leap days lie up to eight years: from 2096 to 2104. */
const YEARS_BACK = 8;

/** What a text says of the minute. */
interface WrittenMinute {
  readonly text: string;
  /** Day of the month; empty where the pattern has none. */
  readonly day: string;
  readonly zone: string;
}

/** From the text of a minute to its start, in milliseconds since the Unix epoch. */
type MinuteReader = (written: WrittenMinute, now: number) => number | undefined;

/**
 * Where a pattern has no year, it is the latest one that does not put the time more than half a year ahead of now.
 * @param local reads times that name no offset; without it, such times are not read
 * @throws SyntaxError for a wrong pattern
 */
export function createPatternParser(pattern: string, local: LocalTimes | undefined): (text: string, now: number) => number | undefined {
  const parsed = parseTimePattern(pattern);
  const expression = new RegExp(parsed.source);
  const { second, fraction, zone, day, minutes } = placesOf(parsed);
  const yearless = isYearless(parsed);
  const read = yearless ? createYearGuesser(parsed, local) : createMinuteReader(parsed, local);
  let last: WrittenMinute = { text: '', day: '', zone: '' };
  let start: number | undefined;
  let readAt = 0;
  return (text, now) => {
    const match = expression.exec(text);
    if (!match) return undefined;
    const group = (place: number) => (place === 0 ? '' : (match[place] ?? ''));
    let minute = '';
    for (const place of minutes) minute += group(place);
    const zoneText = group(zone);
    const isStale = yearless && Math.abs(now - readAt) >= MINUTE;
    if (minute !== last.text || zoneText !== last.zone || isStale) {
      const written = { text: minute, day: group(day), zone: zoneText };
      start = read(written, now);
      // Not before it is read: that may be ended in mid-course.
      last = written;
      readAt = now;
    }
    if (start === undefined) return undefined;
    const digits = group(fraction);
    return start + Number(group(second)) * 1000 + (digits === '' ? 0 : milliseconds(digits, 0, digits.length));
  };
}

/** Numbers of the groups; 0 for those that the pattern does not have. */
function placesOf({ source }: TimePattern) {
  const names = [...source.matchAll(/\(\?<(?<name>\w+)>/g)].map(({ groups }) => groups?.['name'] ?? '');
  const place = (name: string) => names.indexOf(name) + 1;
  const minutes = names.flatMap((name, index) => (/^c\d/.test(name) ? [index + 1] : []));
  return { second: place('second'), fraction: place('fraction'), zone: place('zone'), day: place('day'), minutes };
}

function isUnix({ has }: TimePattern): boolean {
  return has('s') || has('Q');
}

function isYearless(pattern: TimePattern): boolean {
  return !(pattern.has('Y') || pattern.has('y') || isUnix(pattern));
}

function createMinuteReader(pattern: TimePattern, local: LocalTimes | undefined): MinuteReader {
  const readWall = createWallReader(pattern.minute);
  const isReal = isUnix(pattern);
  return ({ text, day, zone }) => {
    const wall = readWall(text, day);
    return wall === undefined || isReal ? wall : fromWall(wall, zone, local);
  };
}

function createYearGuesser(pattern: TimePattern, local: LocalTimes | undefined): MinuteReader {
  const readWall = createWallReader(`%Y ${pattern.minute}`);
  return ({ text, day, zone }, now) => {
    const latest = now + HALF_A_YEAR;
    const nextYear = new Date(now).getUTCFullYear() + 1;
    for (let year = nextYear; year >= nextYear - 1 - YEARS_BACK; year--) {
      const wall = readWall(`${year} ${text}`, day);
      // Zones are asked last, since they take longest: no zone is a day away from UTC.
      const time = wall === undefined || wall > latest + DAY ? undefined : fromWall(wall, zone, local);
      if (time !== undefined && time <= latest) return time;
    }
    return undefined;
  };
}

/** @returns a function from a text to its wall time, as {@link LocalTimes} has it */
function createWallReader(pattern: string): (text: string, day: string) => number | undefined {
  const parse = utcParse(pattern);
  return (text, day) => {
    const date = parse(text);
    // The library goes on counting where a month has no such day: February 30th would be March 2nd.
    return !date || (day !== '' && date.getUTCDate() !== Number(day)) ? undefined : date.getTime();
  };
}

function fromWall(wall: number, zone: string, local: LocalTimes | undefined): number | undefined {
  if (zone === '') return local?.(wall);
  const offset = /^[UG]/.test(zone) ? 0 : offsetOf(zone, 0);
  return Number.isNaN(offset) ? undefined : wall - offset;
}
