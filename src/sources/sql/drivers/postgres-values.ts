// Values as PostgreSQL writes them, turned into cells: one function for each column.

import { Instant, type Cell } from '../driver.js';

/** Object identifiers of the types that are not taken as the text that the server sends. */
const TYPE = { bool: 16, bytea: 17, int8: 20, int2: 21, int4: 23, float4: 700, float8: 701, bpchar: 1042, timestamptz: 1184 } as const;
/** Integers with fewer characters are below 2^53. */
const EXACT_CHARACTERS = 16;
/** Where the day and the whole seconds of `2026-03-02 08:00:00.123456+01` end. */
const DAY_END = 10;
const SECONDS_END = 19;
const ZONE = /^(?<sign>[+-])(?<hours>\d\d)(?::(?<minutes>\d\d))?(?::(?<seconds>\d\d))?$/;

type Parser = (text: string) => Cell;

/** Decimals stay the text they come as, so that nothing is lost on the way; a time is one only with its zone. */
export function parserOf(type: number): Parser {
  switch (type) {
    case TYPE.bool:
      return (text) => text === 't';
    case TYPE.int2:
    case TYPE.int4:
    case TYPE.float4:
    case TYPE.float8:
      return Number;
    case TYPE.int8:
      return (text) => (text.length < EXACT_CHARACTERS ? Number(text) : text);
    case TYPE.bpchar:
      return (text) => text.trimEnd();
    case TYPE.bytea:
      return toBytes;
    case TYPE.timestamptz:
      return instantParser();
    default:
      return (text) => text;
  }
}

/** `\x0aff`; the older way to write bytes is told by its lack of `\x`. */
function toBytes(text: string): Uint8Array {
  return text.startsWith(String.raw`\x`) ? Buffer.from(text.slice(2), 'hex') : Buffer.from(text);
}

/** `… BC`, `infinity` and years after 9999 are left as text. The day and the zone are the same in most rows. */
function instantParser(): Parser {
  let day = '';
  let dayStart = NaN;
  let zone = '';
  let offset = NaN;
  return (text) => {
    const zoneAt = Math.max(text.indexOf('+', SECONDS_END), text.indexOf('-', SECONDS_END));
    if (zoneAt < 0 || text[DAY_END] !== ' ') return text;
    if (day === '' || !text.startsWith(day)) {
      day = text.slice(0, DAY_END);
      dayStart = Date.parse(day) / 1000;
    }
    if (text.slice(zoneAt) !== zone) {
      zone = text.slice(zoneAt);
      offset = offsetSeconds(zone);
    }
    const seconds =
      dayStart + Number(text.slice(11, 13)) * 3600 + Number(text.slice(14, 16)) * 60 + Number(text.slice(17, zoneAt)) - offset;
    return Number.isNaN(seconds) ? text : new Instant(seconds, text);
  };
}

/** Of `+01`, `-03:30` and `+00:34:08`; NaN of anything else. */
function offsetSeconds(zone: string): number {
  const { sign, hours, minutes = '0', seconds = '0' } = ZONE.exec(zone)?.groups ?? {};
  const total = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  return sign === '-' ? -total : total;
}
