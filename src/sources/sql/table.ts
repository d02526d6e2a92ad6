// The columns of a result, found by name whatever their case, and errors that name query and column.

import { SourceError } from '../kind.js';
import type { Cell } from './driver.js';
import { describeCell, toNumber, toText } from './values.js';

type Row = readonly Cell[];

/** What a number stands for: a count (of a counter or a backlog) and a time have bounds, another measurement has none. */
export type Meaning = 'measurement' | 'count' | 'time';

/** Unix seconds of the year 5138, and milliseconds of 1973: a time that is greater is in the wrong unit, and would never be late. */
const SECONDS_BELOW = 1e11;

const RANGES: Readonly<Record<Meaning, { readonly below: number; readonly problem: string | undefined }>> = {
  measurement: { below: Infinity, problem: undefined },
  count: { below: Infinity, problem: 'holds a number that is negative or not finite, which a count cannot be' },
  time: { below: SECONDS_BELOW, problem: 'holds a number that is no time in Unix seconds; divide milliseconds by 1000' },
};

export class Table {
  readonly #query: string;
  readonly #columns: readonly string[];
  readonly #timeHint: string;

  constructor(query: string, columns: readonly string[], timeHint: string) {
    this.#query = query;
    this.#columns = columns;
    this.#timeHint = timeHint;
  }

  has(column: string): boolean {
    return this.#places(column).length > 0;
  }

  /** Reads a column as label value; null for NULL. */
  text(column: string): (row: Row) => string | null {
    const place = this.#place(column);
    return (row) => {
      const text = toText(row[place] ?? null);
      if (text === undefined) throw this.error(`column "${column}" holds binary data, no text`);
      return text;
    };
  }

  /** Reads a column as number; null for NULL. */
  number(column: string, meaning: Meaning): (row: Row) => number | null {
    const place = this.#place(column);
    const { below, problem } = RANGES[meaning];
    return (row) => {
      const cell = row[place] ?? null;
      const value = toNumber(cell);
      if (value === undefined) throw this.#noNumber(column, cell);
      if (problem !== undefined && value !== null && !(value >= 0 && value < below)) throw this.error(`column "${column}" ${problem}`);
      return value;
    };
  }

  error(message: string): SourceError {
    return new SourceError('query', 'schema', `query ${this.#query}: ${message}`);
  }

  duplicate(labels: Readonly<Record<string, string>>, metric?: string): SourceError {
    const set = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
    return this.error(`two rows for ${metric ?? ''}{${set.join(', ')}}; GROUP BY these columns`);
  }

  #noNumber(column: string, cell: Cell): SourceError {
    const found = describeCell(cell);
    const mend = found === 'a time without zone' ? `; give it one: ${this.#timeHint}` : '';
    return this.error(`column "${column}" holds ${found}, no number${mend}`);
  }

  #place(column: string): number {
    const [place, second] = this.#places(column);
    if (place === undefined) throw this.error(`no column "${column}" (it returned: ${this.#columns.join(', ') || 'none'})`);
    if (second !== undefined) throw this.error(`several columns "${column}"; give them different names with AS`);
    return place;
  }

  #places(column: string): number[] {
    const wanted = column.toLowerCase();
    return this.#columns.flatMap((name, place) => (name.toLowerCase() === wanted ? [place] : []));
  }
}
