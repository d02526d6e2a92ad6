// Columns and values as mssql hands them over in array mode, as cells with all the digits that are left of them.

import type { ISqlTypeFactory } from 'mssql';
import { Instant, type Cell } from '../driver.js';

/** The types whose values need a second look. */
export interface SqlTypes {
  readonly Char: ISqlTypeFactory;
  readonly Date: ISqlTypeFactory;
  readonly DateTime2: ISqlTypeFactory;
  readonly DateTimeOffset: ISqlTypeFactory;
  readonly Decimal: ISqlTypeFactory;
  readonly Money: ISqlTypeFactory;
  readonly NChar: ISqlTypeFactory;
  readonly Numeric: ISqlTypeFactory;
  readonly SmallMoney: ISqlTypeFactory;
  readonly Time: ISqlTypeFactory;
}

export interface Column {
  readonly name: string;
  readonly toCell: (value: unknown) => Cell;
}

type ToText = (date: Date) => string;

const MONEY_DECIMALS = 4;
/** Fifteen digits: a decimal that is below this without its point is told apart from its neighbours by the double that tedious makes of it. */
const EXACT_BELOW = 2 ** 50;

/** @param metadata what the event `recordset` carries */
export function columnsOf(metadata: unknown, types: SqlTypes): Column[] {
  if (!Array.isArray(metadata)) return [];
  return metadata.map((column: unknown) => ({ name: nameOf(column), toCell: cellReader(column, types) }));
}

/** @param row what the event `row` carries: a list, or an object of one property where the server sends JSON or XML in pieces */
export function cellsOf(row: unknown, columns: readonly Column[]): Cell[] {
  const values: readonly unknown[] = Array.isArray(row) ? row : Object.values(row ?? {});
  return columns.map(({ toCell }, place) => toCell(values[place]));
}

function nameOf(column: unknown): string {
  return typeof column === 'object' && column !== null && 'name' in column && typeof column.name === 'string' ? column.name : '';
}

/**
 * Only `datetimeoffset` knows its zone; tedious makes a Date of the others too, as if they were UTC. Their texts tell them apart, for
 * `:watermark` (see mssql-watermark.ts): `datetime2` has seven digits of a second whatever its precision, `datetime` three.
 */
function cellReader(column: unknown, types: SqlTypes): (value: unknown) => Cell {
  const { type, scale } = typeOf(column);
  switch (type) {
    case types.DateTimeOffset:
      return plainCell;
    case types.DateTime2:
      return zoneless(preciseText);
    case types.Date:
      return zoneless((date) => preciseText(date).slice(0, 10));
    case types.Time:
      return zoneless((date) => preciseText(date).slice(11, scale === 0 ? 19 : 20 + scale));
    case types.Decimal:
    case types.Numeric:
      return decimal(scale);
    case types.Money:
    case types.SmallMoney:
      return decimal(MONEY_DECIMALS);
    case types.Char:
    case types.NChar:
      return (value) => (typeof value === 'string' ? value.trimEnd() : plainCell(value));
    default:
      return zoneless((date) => date.toISOString().slice(0, -1));
  }
}

function typeOf(column: unknown): { type: unknown; scale: number } {
  if (typeof column !== 'object' || column === null || !('type' in column)) return { type: undefined, scale: 0 };
  const scale = 'scale' in column && typeof column.scale === 'number' ? column.scale : 0;
  return { type: column.type, scale };
}

function zoneless(toText: ToText): (value: unknown) => Cell {
  return (value) => (value instanceof Date ? toText(value) : plainCell(value));
}

/** As the digits of the column, or, where a double has lost some of them, as that number: good enough for all but a watermark. */
function decimal(scale: number): (value: unknown) => Cell {
  return (value) => {
    if (typeof value !== 'number') return plainCell(value);
    return Math.abs(value) * 10 ** scale < EXACT_BELOW ? value.toFixed(scale) : value;
  };
}

function plainCell(value: unknown): Cell {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return value;
  if (value instanceof Date) return new Instant(value.getTime() / 1000 + below(value), `${preciseText(value)}Z`);
  // What else there is (geography and the like) is neither a number nor a text.
  return value instanceof Uint8Array ? value : new Uint8Array();
}

/** In units of 100 ns: 2026-03-02T08:00:00.1234567 */
function preciseText(date: Date): string {
  return (
    date.toISOString().slice(0, -1) +
    Math.round(below(date) * 1e7)
      .toString()
      .padStart(4, '0')
  );
}

/** Seconds below the milliseconds of a Date, which tedious keeps in a property of its own. */
function below(date: Date): number {
  return 'nanosecondsDelta' in date && typeof date.nanosecondsDelta === 'number' ? date.nanosecondsDelta : 0;
}
