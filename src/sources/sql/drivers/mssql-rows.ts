// Columns and values as mssql hands them over in array mode, as cells.

import type { ISqlTypeFactory } from 'mssql';
import { Instant, type Cell } from '../driver.js';

/** The types whose values need a second look. */
export interface SqlTypes {
  readonly Char: ISqlTypeFactory;
  readonly Date: ISqlTypeFactory;
  readonly DateTimeOffset: ISqlTypeFactory;
  readonly NChar: ISqlTypeFactory;
  readonly Time: ISqlTypeFactory;
}

export interface Column {
  readonly name: string;
  readonly toCell: (value: unknown) => Cell;
}

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

/** Only `datetimeoffset` knows its zone; tedious makes a Date of the others too, as if they were UTC. */
function cellReader(column: unknown, types: SqlTypes): (value: unknown) => Cell {
  const type = typeof column === 'object' && column !== null && 'type' in column ? column.type : undefined;
  if (type === types.DateTimeOffset) return plainCell;
  if (type === types.Date) return zoneless((text) => text.slice(0, 10));
  if (type === types.Time) return zoneless((text) => text.slice(11));
  if (type === types.Char || type === types.NChar) {
    return (value) => (typeof value === 'string' ? value.trimEnd() : plainCell(value));
  }
  return zoneless((text) => text);
}

function zoneless(shorten: (text: string) => string): (value: unknown) => Cell {
  return (value) => (value instanceof Date ? shorten(value.toISOString().slice(0, -1)) : plainCell(value));
}

function plainCell(value: unknown): Cell {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return value;
  // What else there is (geography and the like) is neither a number nor a text.
  if (value instanceof Date) return new Instant(value.getTime() / 1000, value.toISOString());
  return value instanceof Uint8Array ? value : new Uint8Array();
}
