// The columns of a result, found by name whatever their case, and errors that name query and column.

import { SourceError } from '../kind.js';
import type { ZoneReader } from '../zone.js';
import type { Cell } from './driver.js';
import { describeCell, mapped, toNumber, toNumberIn, toText } from './values.js';

export type Row = readonly Cell[];

/** What NULL means where a value is due. */
export type Nulls = 'skip' | 'zero' | 'error';

/** How all results of a query are read. */
export interface Reading {
  readonly query: string;
  /** How the engine gives a time its zone. */
  readonly timeHint: string;
  readonly nulls: Nulls;
  /** The zone of times in this column that have none of their own; columns by their names in lower case. */
  readonly zoneOf: (column: string) => ZoneReader | undefined;
}

/** Where a label text comes from. */
export interface TextColumn {
  readonly column: string;
  readonly map?: ReadonlyMap<string, string> | undefined;
  /** The text of all values that the map does not name, and of NULL. */
  readonly otherwise?: string | undefined;
}

/** Where a number comes from. */
export interface NumberColumn {
  readonly column: string;
  readonly map?: ReadonlyMap<string, number> | undefined;
  readonly otherwise?: number | undefined;
}

/** @param place of the row in the result, counted from 0 */
export type ReadText = (row: Row, place: number) => string | null;
export type ReadNumber = (row: Row, place: number) => number | null;

/** What a number stands for: a count (of a counter or a backlog) and a time have bounds, another measurement has none. */
export type Meaning = 'measurement' | 'count' | 'time';

/** Unix seconds of the year 5138, and milliseconds of 1973: a time that is greater is in the wrong unit, and would never be late. */
export const SECONDS_BELOW = 1e11;

const RANGES: Readonly<Record<Meaning, { readonly below: number; readonly problem: string | undefined }>> = {
  measurement: { below: Infinity, problem: undefined },
  count: { below: Infinity, problem: 'holds a number that is negative or not finite, which a count cannot be' },
  time: { below: SECONDS_BELOW, problem: 'holds a number that is no time in Unix seconds; divide milliseconds by 1000' },
};

export class Table {
  readonly #reading: Reading;
  readonly #columns: readonly string[];
  readonly #used = new Set<number>();

  constructor(reading: Reading, columns: readonly string[]) {
    this.#reading = reading;
    this.#columns = columns;
  }

  /** The columns that nothing has asked for. */
  get unused(): string[] {
    return this.#columns.filter((_name, place) => !this.#used.has(place));
  }

  has(column: string): boolean {
    return this.#places(column).length > 0;
  }

  /** Reads a column as it is. */
  cell(column: string): (row: Row) => Cell {
    const place = this.#place(column);
    return (row) => row[place] ?? null;
  }

  /** Reads a column as label value; null for NULL. */
  text({ column, map, otherwise }: TextColumn): ReadText {
    const place = this.#place(column);
    const refuse = this.#reading.nulls === 'error' && otherwise === undefined;
    const plain: ReadText = (row, at) => {
      const text = toText(row[place] ?? null);
      if (text === undefined) throw this.error(`column "${column}" holds binary data, no text`);
      if (text === null && refuse) throw this.#null(column, at);
      return text;
    };
    if (!map && otherwise === undefined) return plain;
    return (row, at) => {
      const text = plain(row, at);
      const meant = text === null || !map ? undefined : mapped(map, text);
      return meant ?? otherwise ?? text;
    };
  }

  /** Reads a column as number; null for a NULL that is to be skipped. */
  number({ column, map, otherwise }: NumberColumn, meaning: Meaning): ReadNumber {
    const place = this.#place(column);
    const { below, problem } = RANGES[meaning];
    const read = map ? this.#mapReader(column, map, otherwise) : this.#numberReader(column);
    return (row, at) => {
      const value = read(row[place] ?? null);
      if (value === null) return this.#ofNull(column, at);
      if (problem !== undefined && !(value >= 0 && value < below)) throw this.error(`column "${column}" ${problem}`);
      return value;
    };
  }

  /** Reads a column as number; what is none is NaN, so that one row that is wrong does not stop those after it. */
  measure(column: NumberColumn): ReadNumber {
    const place = this.#place(column.column);
    const zone = this.#reading.zoneOf(column.column.toLowerCase());
    return (row, at) => {
      const cell = row[place] ?? null;
      if (cell === null) return this.#ofNull(column.column, at);
      const text = column.map && toText(cell);
      if (column.map) return (typeof text === 'string' ? mapped(column.map, text) : undefined) ?? column.otherwise ?? NaN;
      return (zone ? toNumberIn(zone, cell) : toNumber(cell)) ?? NaN;
    };
  }

  error(message: string): SourceError {
    return new SourceError('query', 'schema', `query ${this.#reading.query}: ${message}`);
  }

  /** @param rows places of both rows, counted from 0 */
  duplicate(labels: Readonly<Record<string, string>>, rows: readonly [number, number], metric = ''): SourceError {
    const set = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
    const [first, second] = rows;
    return this.error(
      `two rows for ${metric}{${set.join(', ')}}, rows ${first + 1} and ${second + 1}; GROUP BY these columns, or say duplicates: sum, max or min`,
    );
  }

  #numberReader(column: string): (cell: Cell) => number | null {
    const zone = this.#reading.zoneOf(column.toLowerCase());
    const convert = zone ? (cell: Cell) => toNumberIn(zone, cell) : toNumber;
    return (cell) => {
      const value = convert(cell);
      if (value === undefined) throw this.#noNumber(column, cell);
      return value;
    };
  }

  #mapReader(column: string, map: ReadonlyMap<string, number>, otherwise: number | undefined): (cell: Cell) => number | null {
    return (cell) => {
      const text = toText(cell);
      if (text === null) return null;
      const value = (text === undefined ? undefined : mapped(map, text)) ?? otherwise;
      if (value === undefined) {
        throw this.error(
          `column "${column}" holds a value that its map does not name (${[...map.keys()].join(', ')}); add it, or say otherwise`,
        );
      }
      return value;
    };
  }

  #ofNull(column: string, at: number): number | null {
    const { nulls } = this.#reading;
    if (nulls === 'error') throw this.#null(column, at);
    return nulls === 'zero' ? 0 : null;
  }

  #null(column: string, at: number): SourceError {
    return this.error(`column "${column}" is NULL in row ${at + 1}, and the query says nulls: error`);
  }

  #noNumber(column: string, cell: Cell): SourceError {
    const found = describeCell(cell);
    const mend = found === 'a time without zone' ? `; say timezone: <zone> in the YAML, or give it one: ${this.#reading.timeHint}` : '';
    return this.error(`column "${column}" holds ${found}, no number${mend}`);
  }

  #place(column: string): number {
    const [place, second] = this.#places(column);
    if (place === undefined) throw this.error(`no column "${column}" (it returned: ${this.#columns.join(', ') || 'none'})`);
    if (second !== undefined) throw this.error(`several columns "${column}"; give them different names with AS`);
    this.#used.add(place);
    return place;
  }

  #places(column: string): number[] {
    const wanted = column.toLowerCase();
    return this.#columns.flatMap((name, place) => (name.toLowerCase() === wanted ? [place] : []));
  }
}
