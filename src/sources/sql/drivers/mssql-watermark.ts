// The value of `:watermark` as a parameter of SQL Server: of the type of its column and exact to the last digit, so that
// `column > :watermark` neither brings back the row that it was read from nor skips the one after.

import type { ISqlType, ISqlTypeFactoryWithLength, ISqlTypeFactoryWithNoParams, ISqlTypeFactoryWithScale } from 'mssql';
import { SourceError } from '../../kind.js';
import type { Watermark } from '../driver.js';

export interface ParameterTypes {
  readonly BigInt: ISqlTypeFactoryWithNoParams;
  readonly Date: ISqlTypeFactoryWithNoParams;
  readonly DateTime: ISqlTypeFactoryWithNoParams;
  readonly DateTime2: ISqlTypeFactoryWithScale;
  readonly DateTimeOffset: ISqlTypeFactoryWithScale;
  readonly NVarChar: ISqlTypeFactoryWithLength;
}

export interface Parameter {
  /** What stands in the statement in its place. */
  readonly placeholder: string;
  readonly type: ISqlType | (() => ISqlType);
  readonly value: bigint | string | Date;
}

export const PARAMETER_NAME = 'watermark';
const PLAIN = `@${PARAMETER_NAME}`;

const DIGITS = /^-?(?<whole>\d+)(?:\.(?<fraction>\d+))?$/;
const TIME = /^(?<day>\d{4}-\d\d-\d\d)(?:[T ](?<time>\d\d:\d\d(?::\d\d)?)(?:\.(?<fraction>\d{1,7})0*)?)?\s*(?<offset>Z|[+-]\d\d:\d\d)?$/i;
const INT64 = { least: -(2n ** 63n), most: 2n ** 63n - 1n };
/** Digits of a decimal of SQL Server. */
const PRECISION = 38;
/** Digits of a second that all its types have at most: 100 ns. */
const SCALE = 7;
const FIRST_DAY = '0001-01-01';
const LAST_DAY = '9999-12-31';

/** @throws SourceError where the text is no such value; it does not show it */
export function parameterOf({ type, text }: Watermark, types: ParameterTypes): Parameter {
  return type === 'time' ? timeParameter(text, types) : numberParameter(text, types);
}

/** tedious makes doubles of decimals: those travel as text. */
function numberParameter(text: string, types: ParameterTypes): Parameter {
  const digits = text.trim();
  const groups = DIGITS.exec(digits)?.groups;
  const { whole = '', fraction = '' } = groups ?? {};
  if (!groups || whole.length + fraction.length > PRECISION) throw unreadable('number', '4711 or 12.50');
  if (fraction === '') {
    const integer = BigInt(digits);
    if (integer >= INT64.least && integer <= INT64.most) return { placeholder: PLAIN, type: types.BigInt, value: integer };
  }
  return asText(digits, `decimal(${PRECISION}, ${fraction.length})`, types);
}

/**
 * Each type has a form of its own in the texts that were read (see mssql-rows.ts): an offset is a datetimeoffset, no time of day
 * a date, seven digits a datetime2 of any precision. What remains is a datetime, which counts in 1/300 s: compared with a datetime2
 * of the same three digits it may be greater.
 */
function timeParameter(text: string, types: ParameterTypes): Parameter {
  const { day = '', time, fraction = '', offset } = TIME.exec(text.trim())?.groups ?? {};
  const clock = time === undefined ? '00:00:00' : time.padEnd(8, ':00');
  const value = exactDate(day, clock, fraction, offset ?? 'Z');
  if (Number.isNaN(value.getTime())) throw unreadable('time', '2026-03-02T08:00:00');
  // tedious checks the year in the zone of this machine, where it may be 0 or 10000.
  const atEdge = day === FIRST_DAY || day === LAST_DAY;
  const exact = `${day}T${clock}.${fraction.padEnd(1, '0')}`;
  if (offset !== undefined) {
    if (atEdge) return asText(exact + offset.toUpperCase(), `datetimeoffset(${SCALE})`, types);
    return { placeholder: PLAIN, type: types.DateTimeOffset(SCALE), value };
  }
  if (time === undefined) return atEdge ? asText(day, 'date', types) : { placeholder: PLAIN, type: types.Date, value };
  const datetime = isDatetime(day, fraction);
  if (atEdge) return asText(exact, datetime ? 'datetime' : `datetime2(${SCALE})`, types);
  return { placeholder: PLAIN, type: datetime ? types.DateTime : types.DateTime2(SCALE), value };
}

/** What the server makes a value of, in a form that it reads the same way whatever the language of the login. */
function asText(value: string, type: string, types: ParameterTypes): Parameter {
  return { placeholder: `CAST(${PLAIN} AS ${type})`, type: types.NVarChar(PRECISION + 2), value };
}

/** tedious writes the 100 ns below its milliseconds from a property, in seconds (and reads them into one of another name). */
function exactDate(day: string, clock: string, fraction: string, offset: string): Date & { nanosecondDelta: number } {
  const digits = fraction.padEnd(SCALE, '0');
  const date = new Date(`${day}T${clock}.${digits.slice(0, 3)}${offset.toUpperCase()}`);
  return Object.assign(date, { nanosecondDelta: Number(digits.slice(3)) / 10 ** SCALE });
}

/** The milliseconds of a datetime end in 0, 3 or 7, and there is none before 1753. */
function isDatetime(day: string, fraction: string): boolean {
  return fraction.length <= 3 && /[037]$/.test(fraction.padEnd(3, '0')) && day >= '1753';
}

function unreadable(kind: string, example: string): SourceError {
  return new SourceError('query', 'schema', `the value of :watermark is no ${kind}, e.g. ${example}`);
}
