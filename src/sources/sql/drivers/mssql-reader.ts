// Reads the answer to one statement row by row: keeps the first, counts the others as they go by.

import type { Request } from 'mssql';
import { SourceError } from '../../kind.js';
import type { Cell, QueryResult } from '../driver.js';
import { cellsOf, columnsOf, type Column, type SqlTypes } from './mssql-rows.js';

export interface ReadLimits {
  readonly maxRows: number;
  readonly countDropped: boolean;
  /** Milliseconds after which counting ends; never without it. */
  readonly countMs?: number;
}

/**
 * @param send sends the request
 * @throws what the server says, and SourceError where the answer is not one result
 */
export async function readResult(
  request: Request,
  send: () => Promise<unknown>,
  types: SqlTypes,
  { maxRows, countDropped, countMs }: ReadLimits,
): Promise<QueryResult> {
  request.stream = true;
  // By place: by name, a second column of the same name would be lost in the first.
  request.arrayRowMode = true;
  const results: Column[][] = [];
  const rows: Cell[][] = [];
  const failures: unknown[] = [];
  const startedAt = performance.now();
  let firstAt: number | undefined;
  let dropped = 0;
  let enough = false;
  let late = false;
  const stop = () => {
    enough = true;
    request.cancel();
  };
  request.on('recordset', (metadata: unknown) => {
    results.push(columnsOf(metadata, types));
    if (results.length > 1) stop();
  });
  request.on('row', (row: unknown) => {
    firstAt ??= performance.now();
    if (enough) return;
    if (rows.length < maxRows) {
      rows.push(cellsOf(row, results.at(-1) ?? []));
      return;
    }
    dropped++;
    if (late || !countDropped) stop();
  });
  request.on('error', (error: unknown) => failures.push(error));
  const endCounting = () => {
    late = true;
    if (dropped > 0 && !enough) stop();
  };
  const timer = countMs === undefined ? undefined : setTimeout(endCounting, countMs);
  try {
    await send();
  } finally {
    clearTimeout(timer);
  }
  const endedAt = performance.now();
  if (failures.length > 0 && !enough) throw failures[0];
  const [columns, second] = results;
  if (!columns || second) {
    throw new SourceError('query', 'syntax', `the statement returned ${second ? 'several results' : 'no result'}; it must be one SELECT`);
  }
  firstAt ??= endedAt;
  return {
    columns: columns.map(({ name }) => name),
    rows,
    dropped,
    phases: { execute: firstAt - startedAt, fetch: endedAt - firstAt },
  };
}
