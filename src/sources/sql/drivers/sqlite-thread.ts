// The thread that runs queries on a SQLite database, read-only, one after the other.

import { statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import type { Cell } from '../driver.js';
import type { Reply, Request } from './sqlite-messages.js';

const file = String(workerData);
let open: { database: DatabaseSync; identity: string } | undefined;

parentPort?.on('message', (request: Request) => parentPort?.postMessage(answer(request), []));

function answer({ sql, watermark, maxRows, countDropped, busyMs }: Request): Reply {
  try {
    const database = current();
    database.exec(`PRAGMA busy_timeout = ${busyMs}`);
    const statement = database.prepare(sql);
    statement.setReadBigInts(true);
    statement.setReturnArrays(true);
    const columns = statement.columns().map(({ name }) => name);
    const rows: Cell[][] = [];
    let dropped = 0;
    const startedAt = performance.now();
    let firstAt: number | undefined;
    for (const row of watermark === undefined ? statement.iterate() : statement.iterate({ watermark })) {
      firstAt ??= performance.now();
      if (rows.length < maxRows) rows.push(Object.values(row));
      else if (++dropped > 0 && !countDropped) break;
    }
    const endedAt = performance.now();
    const phases = { execute: (firstAt ?? endedAt) - startedAt, fetch: endedAt - (firstAt ?? endedAt) };
    return { kind: 'rows', columns, rows, dropped, phases };
  } catch (error) {
    return { kind: 'error', ...describe(error) };
  }
}

/** The database as the path names it now: a file that was replaced is opened anew, lest the old one's rows be shown for ever. */
function current(): DatabaseSync {
  const { dev, ino } = statSync(file);
  const identity = `${dev}:${ino}`;
  if (open?.identity === identity) return open.database;
  open?.database.close();
  open = undefined;
  const database = new DatabaseSync(file, { readOnly: true });
  open = { database, identity };
  return database;
}

function describe(error: unknown): { code: string | number | undefined; message: string } {
  if (!(error instanceof Error)) return { code: undefined, message: '' };
  if ('errcode' in error && typeof error.errcode === 'number') return { code: error.errcode, message: error.message };
  return { code: 'code' in error && typeof error.code === 'string' ? error.code : undefined, message: error.message };
}
