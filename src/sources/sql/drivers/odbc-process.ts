// The process that ODBC drivers run in: code of others that is free to hang or crash. It is gone as soon as the exporter is.

import { errorCode } from '../../system-errors.js';
import type { Cell } from '../driver.js';
import { driverError, libraryOf, type CursorOptions, type OdbcColumn, type OdbcCursor, type OdbcSession } from './odbc-library.js';
import type { Query, Reply, Request } from './odbc-messages.js';

/** Drivers make room for that many rows of the greatest length that their columns allow. */
const FETCH_SIZE = 100;
/** Numbers of SQL types whose values are filled up with blanks that mean nothing. */
const PADDED: readonly number[] = [1, -8];

const library = process.argv[2] ?? 'odbc';
let session: OdbcSession | undefined;
/** Whether the engine knows read-only transactions, and the driver time-outs. */
let readOnly = true;
let timesOut = true;
let cancelled = false;

process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
process.on('message', (request: Request) => {
  if (request.kind === 'cancel') void cancel();
  else void answer(request).then((reply) => process.send?.(reply));
});

async function answer(request: Exclude<Request, { kind: 'cancel' }>): Promise<Reply> {
  try {
    return request.kind === 'connect' ? await connect(request.connectionString) : await query(request);
  } catch (error) {
    return { kind: 'error', ...driverError(error) };
  }
}

async function connect(connectionString: string): Promise<Reply> {
  const loaded: unknown = await import(library).catch((error: unknown) => ({ problem: errorCode(error) }));
  const odbc = libraryOf(loaded);
  if (!odbc) {
    const code = typeof loaded === 'object' && loaded !== null && 'problem' in loaded ? loaded.problem : undefined;
    return { kind: 'unloaded', code: typeof code === 'string' ? code : undefined };
  }
  session = await odbc.connect({ connectionString, fetchArray: true });
  return { kind: 'connected' };
}

/** A cancel may come between two calls of the driver as well as in one. */
async function cancel(): Promise<void> {
  cancelled = true;
  await session?.cancel().catch(() => {});
}

async function query(request: Query): Promise<Reply> {
  if (!session) throw new Error('not connected');
  cancelled = false;
  try {
    await begin(session);
    const startedAt = performance.now();
    const cursor = await open(session, request);
    try {
      return await read(cursor, request, startedAt);
    } finally {
      await cursor.close();
    }
  } finally {
    // A connection that cannot end its transaction is of no more use.
    await session.rollback().catch(() => process.exit(1));
  }
}

/** Read-only by the engine where it has such transactions; elsewhere the statement alone is looked at. */
async function begin(current: OdbcSession): Promise<void> {
  await current.beginTransaction();
  if (!readOnly) return;
  try {
    await current.query('SET TRANSACTION READ ONLY');
  } catch (error) {
    if (!driverError(error).state.startsWith('42')) throw error;
    readOnly = false;
    await current.rollback();
    await current.beginTransaction();
  }
}

async function open(current: OdbcSession, { sql, parameters, timeoutSeconds }: Query): Promise<OdbcCursor> {
  const options: CursorOptions = { cursor: true, fetchSize: FETCH_SIZE };
  if (!timesOut) return await current.query(sql, parameters, options);
  try {
    return await current.query(sql, parameters, { ...options, timeout: timeoutSeconds });
  } catch (error) {
    // Some drivers know no time-outs: the exporter's own is enough.
    if (!(error instanceof Error && error.message.includes('setting the query timeout'))) throw error;
    timesOut = false;
    return await current.query(sql, parameters, options);
  }
}

async function read(cursor: OdbcCursor, { maxRows, countDropped }: Query, startedAt: number): Promise<Reply> {
  const rows: Cell[][] = [];
  let columns: readonly OdbcColumn[] = [];
  let dropped = 0;
  let firstAt: number | undefined;
  while (!cursor.noData) {
    if (dropped > 0 && !countDropped) break;
    if (cancelled) return { kind: 'error', state: 'HY008', message: '' };
    const batch = await cursor.fetch();
    firstAt ??= performance.now();
    columns = batch.columns;
    for (const row of batch) {
      if (rows.length < maxRows) rows.push(columns.map(({ dataType }, place) => cellOf(row[place], dataType)));
      else dropped++;
    }
  }
  firstAt ??= performance.now();
  const phases = { execute: firstAt - startedAt, fetch: performance.now() - firstAt };
  return { kind: 'rows', columns: columns.map(({ name }) => name), rows, dropped: countDropped ? dropped : Math.min(dropped, 1), phases };
}

function cellOf(value: unknown, type: number): Cell {
  if (typeof value === 'string') return PADDED.includes(type) ? value.trimEnd() : value;
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return value;
  return value instanceof ArrayBuffer ? new Uint8Array(value) : null;
}
