// Asks a database in the name of one query: within its time, with what each step took, and the rows for somebody who tries it.

import { sql } from '../../conventions.js';
import type { Accumulator, HistogramHandle } from '../../domain/accumulator.js';
import type { Labels, Observation } from '../../domain/observation.js';
import type { SourceContext, Table } from '../kind.js';
import type { Database } from './database.js';
import { CONNECT_PHASES, QUERY_PHASES, type Cell, type QueryResult } from './driver.js';
import type { Ask } from './incremental.js';
import type { SqlQuery } from './schema.js';
import { toText } from './values.js';

/** Left to a statement whose forerunners in the same run have taken nearly all the time. */
const LEAST_MS = 500;
const SHOWN_ROWS = 20;

export interface QuestionOptions {
  /** Of the collector. */
  readonly name: string;
  /** For all statements of a run together. */
  readonly timeoutMs: number;
  readonly accumulator: Accumulator;
  readonly labels: Labels;
  readonly inspect: SourceContext['inspect'];
}

export class Questions {
  readonly #query: SqlQuery;
  readonly #database: Database;
  readonly #waitMs: number;
  readonly #options: QuestionOptions;
  readonly #response: HistogramHandle;
  #last: QueryResult['phases'] | undefined;

  constructor({ query, database, waitMs }: { query: SqlQuery; database: Database; waitMs: number }, options: QuestionOptions) {
    this.#query = query;
    this.#database = database;
    this.#waitMs = waitMs;
    this.#options = options;
    this.#response = options.accumulator.histogram(sql.response, options.labels);
  }

  /** One run. */
  round(signal: AbortSignal): Ask {
    const { name, timeoutMs } = this.#options;
    const countDropped = this.#query.incremental === undefined;
    let leftMs = timeoutMs;
    return async (statement, maxRows) => {
      const time = Math.max(Math.min(LEAST_MS, timeoutMs), leftMs);
      const turn = { name, timeoutMs: time, waitMs: this.#waitMs, signal };
      const result = await this.#database.session.query({ ...turn, statement, maxRows, countDropped });
      const { execute, fetch } = result.phases;
      leftMs -= execute + fetch;
      this.#last = result.phases;
      this.#response.observe((execute + fetch) / 1000);
      this.#tell(result, time);
      return result;
    };
  }

  /** What the steps of the last statement took, and those of the connection that it used. */
  phases(): Observation[] {
    return Object.entries(this.#phases()).map(([phase, ms]) => ({
      metric: sql.phase,
      labels: { ...this.#options.labels, phase },
      value: ms / 1000,
    }));
  }

  /** In the order in which they happened. */
  #phases(): Record<string, number> {
    const connecting = this.#database.session.connection?.phases ?? {};
    const phases: Record<string, number> = {};
    for (const phase of CONNECT_PHASES) if (connecting[phase] !== undefined) phases[phase] = connecting[phase];
    if (this.#last) for (const phase of QUERY_PHASES) phases[phase] = this.#last[phase];
    return phases;
  }

  #tell(result: QueryResult, timeMs: number): void {
    const { name, inspect } = this.#options;
    if (!inspect) return;
    const tookMs = result.phases.execute + result.phases.fetch;
    const slow = `it took ${Math.round(tookMs)} ms of the ${Math.round(timeMs)} ms it has: give it more time, or make it faster`;
    inspect(name, { phases: this.#phases(), table: shown(result), ...(tookMs > timeMs / 2 && { warnings: [slow] }) });
  }
}

function shown({ columns, rows, dropped }: QueryResult): Table {
  return {
    columns,
    rows: rows.slice(0, SHOWN_ROWS).map((row) => row.map(shownCell)),
    total: rows.length + dropped,
  };
}

function shownCell(cell: Cell): string {
  if (cell === null) return 'NULL';
  return toText(cell) ?? `(${cell instanceof Uint8Array ? cell.length : 0} bytes)`;
}
