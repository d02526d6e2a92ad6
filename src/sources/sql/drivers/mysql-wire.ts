// One connection on the wire: sends a statement and reads what comes, of which it keeps only so much.

import type { Socket } from 'node:net';
import type { Connection as Client, FieldPacket } from 'mysql2';
import type { Cell, QueryResult } from '../driver.js';
import { mysqlError } from './mysql-errors.js';
import { cellReader } from './mysql-values.js';

export interface Wire {
  readonly client: Client;
  readonly socket: Socket;
}

export interface RowLimit {
  /** Rows after these are counted, and neither decoded nor kept. */
  readonly most: number;
  /** Until when they are counted, as performance.now() has it; a time that is over ends it at the first. */
  readonly countUntil: number;
  /** Then called once, to end the statement; how it ends does not matter any more. */
  readonly stop: () => void;
}

const NO_LIMIT: RowLimit = { most: Infinity, countUntil: Infinity, stop: () => {} };
/** Rows come by the million in a second: the time is looked at once in so many. */
const ROWS_BETWEEN_LOOKS = 256;

/** @throws what mysql2 throws; a time limit that ends the statement after rows have been dropped is its end */
export async function run(wire: Wire, sql: string, { most, countUntil, stop }: RowLimit = NO_LIMIT): Promise<QueryResult> {
  const columns: string[] = [];
  const rows: Cell[][] = [];
  let readers: ((bytes: Buffer) => Cell)[] = [];
  let dropped = 0;
  let stopped = false;
  let firstAt: number | undefined;
  const onFields = (fields: FieldPacket[] | undefined) => {
    readers = (fields ?? []).map(cellReader);
    columns.push(...(fields ?? []).map(({ name }) => name));
  };
  const onResult = (row: unknown) => {
    // Statements without rows give an object.
    if (!Array.isArray(row)) return;
    firstAt ??= performance.now();
    if (rows.length < most) {
      rows.push(readers.map((read, place) => cellOf(row[place], read)));
      return;
    }
    const isLook = dropped % ROWS_BETWEEN_LOOKS === 0;
    dropped += 1;
    if (!isLook || stopped || performance.now() < countUntil) return;
    stopped = true;
    stop();
  };
  const startedAt = performance.now();
  try {
    await unlessLost(wire, (resolve, reject) => {
      wire.client.query({ sql }).on('fields', onFields).on('result', onResult).on('error', reject).on('end', resolve);
    });
  } catch (error) {
    if (dropped === 0 || !(stopped || mysqlError(error, 'query').errorClass === 'timeout')) throw error;
  }
  const endedAt = performance.now();
  const execute = (firstAt ?? endedAt) - startedAt;
  return { columns, rows, dropped, phases: { execute, fetch: endedAt - startedAt - execute } };
}

/** Waits for what is started until the connection is lost, which queries are not told of in all cases. */
export async function unlessLost(
  { client, socket }: Wire,
  begin: (resolve: () => void, reject: (error: unknown) => void) => void,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const onClose = () => reject(new Error('closed'));
  client.on('error', reject);
  socket.once('close', onClose);
  try {
    if (socket.destroyed) onClose();
    else begin(resolve, reject);
    await promise;
  } finally {
    client.off('error', reject);
    socket.off('close', onClose);
  }
}

function cellOf(value: unknown, read: (bytes: Buffer) => Cell): Cell {
  return Buffer.isBuffer(value) ? read(value) : null;
}
