// When a line was written, by its own account.

import { fieldReader, numberOf, type Fields } from './fields.js';
import { DEFAULT_TIME_FIELDS, type TimeOptions } from '../schema.js';

/** Milliseconds since the Unix epoch; undefined where the line has no time; `unreadable` where it should have one and it makes no sense. */
export type LineTime = number | undefined | 'unreadable';
export type TimeReader = (fields: Fields) => LineTime;

type IsoParser = (text: string) => number | undefined;
/** Local time to the minute, `2026-03-02T08:00`, to milliseconds since the Unix epoch. */
type ZoneReader = (minute: string) => number | undefined;

/** Seconds of the year 5138; milliseconds of 1973: no log has a time that could be either. */
const SECONDS_BELOW = 1e11;

/** What the engine reads by itself, and faster. https://tc39.es/ecma262/#sec-date-time-string-format */
const STANDARD = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)$/;
const SIMILAR =
  /^(?<date>\d{4}-\d\d-\d\d)[T ](?<minute>\d\d:\d\d)(?<second>:\d\d)?(?:[.,](?<fraction>\d{1,9}))?\s?(?<offset>Z|[+-]\d\d(?::?\d\d)?)?$/i;

/** Reads the time as `time:` says, or from the first of the usual fields that holds one. */
export async function createTimeReader(options: TimeOptions | undefined): Promise<TimeReader> {
  if (!options) return createGuess();
  const read = fieldReader(options.field);
  const parse = await createParser(options);
  return (fields) => parse(read(fields)) ?? 'unreadable';
}

function createGuess(): TimeReader {
  const iso = createIsoParser(undefined);
  const readers = DEFAULT_TIME_FIELDS.map(fieldReader);
  return (fields) => {
    for (const read of readers) {
      const value = read(fields);
      if (value === undefined) continue;
      const number = numberOf(value);
      if (number !== undefined) return Math.abs(number) < SECONDS_BELOW ? number * 1000 : number;
      return typeof value === 'string' ? iso(value) : undefined;
    }
    return undefined;
  };
}

async function createParser({ format = 'iso', timezone }: TimeOptions): Promise<(value: unknown) => number | undefined> {
  if (format === 'iso') {
    // What would be in the future counts as now, and so a line is never taken for older than it is.
    const zone = timezone === undefined ? undefined : (await import('../../zone.js')).createZoneReader(timezone, 'second');
    const parse = createIsoParser(zone);
    return (value) => (typeof value === 'string' ? parse(value) : undefined);
  }
  const unit = format === 'unix' ? 1000 : 1;
  return (value) => {
    const number = numberOf(value);
    return number === undefined ? undefined : number * unit;
  };
}

/** ISO 8601 and what is close to it: a space for the T, a comma for the point, +0100 and +01 for +01:00. */
function createIsoParser(zone: ZoneReader | undefined): IsoParser {
  let lastText = '';
  let last: number | undefined;
  return (text) => {
    if (text !== lastText) {
      lastText = text;
      last = parseIso(text, zone);
    }
    return last;
  };
}

function parseIso(text: string, zone: ZoneReader | undefined): number | undefined {
  if (STANDARD.test(text)) return finite(Date.parse(text));
  const { date, minute, second = ':00', fraction = '0', offset } = SIMILAR.exec(text)?.groups ?? {};
  if (date === undefined || minute === undefined) return undefined;
  if (offset !== undefined) {
    return finite(Date.parse(`${date}T${minute}${second}.${fraction}${normalOffset(offset)}`));
  }
  const start = zone?.(`${date}T${minute}`);
  return start === undefined ? undefined : start + Number(`${second.slice(1)}.${fraction}`) * 1000;
}

function finite(number: number): number | undefined {
  return Number.isFinite(number) ? number : undefined;
}

function normalOffset(offset: string): string {
  if (offset.length === 1) return 'Z';
  const digits = offset.slice(1).replace(':', '').padEnd(4, '0');
  return `${offset.slice(0, 1)}${digits.slice(0, 2)}:${digits.slice(2)}`;
}
