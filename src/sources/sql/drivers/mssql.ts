// Driver mssql: SQL Server and Azure SQL, by mssql and tedious.
// SQL Server has no read-only sessions: a statement is looked at before it is sent, and its transaction is always rolled back.

import type sql from 'mssql';
import type { ConnectionPool, Transaction } from 'mssql';
import type { Connection as Tedious } from 'tedious';
import { SourceError } from '../../kind.js';
import {
  CANCEL_LIMIT_MS,
  type Cell,
  type Connection,
  type Driver,
  type ExcessRight,
  type QueryLimits,
  type QueryResult,
  type ServerState,
  type Statement,
} from '../driver.js';
import { mssqlError, type ServerError } from './mssql-errors.js';
import { cellsOf, columnsOf, type Column } from './mssql-rows.js';
import { configOf, settingProblems } from './mssql-settings.js';
import { refusal } from './mssql-statement.js';

type Library = typeof sql;

export const mssql: Driver = {
  title: 'SQL Server',
  required: ['server', 'user', 'password'],
  optional: ['port', 'instance', 'database', 'domain', 'encrypt', 'tls', 'application_intent', 'multi_subnet_failover'],
  replicates: true,
  commitsInOrder: false,
  timeHint:
    "DATEDIFF_BIG(second, '1970-01-01', column) where it is UTC, else column AT TIME ZONE 'Central European Standard Time' with the zone it was written in",
  settingProblems,
  refusal,
  async connect(settings, context, signal) {
    const config = await configOf(settings, context);
    const { default: library } = await import('mssql');
    if (signal.aborted) throw new SourceError('connect', 'timeout', 'no time was left to connect');
    const link = new Link();
    const pool = new library.ConnectionPool({ ...config, beforeConnect: (tedious) => link.take(tedious, signal) });
    // What is lost between two queries shows in `usable`; without a listener it would end the process.
    pool.on('error', () => {});
    const abort = () => link.hangUp();
    signal.addEventListener('abort', abort, { once: true });
    try {
      await pool.connect();
      // The pool has ended its trial connection by now; this opens the one that stays.
      await pool.request().batch('SET DEADLOCK_PRIORITY LOW');
      link.seal();
      return new MssqlConnection(library, pool, link);
    } catch (error) {
      link.hangUp();
      await pool.close().catch(() => {});
      throw mssqlError(error, 'connect', link.serverError);
    } finally {
      signal.removeEventListener('abort', abort);
    }
  },
};

/** Holds the connection of the pool, which keeps it to itself. */
class Link {
  #tedious: Tedious | undefined;
  #sealed = false;
  #lost = false;
  /** The first thing the server complained of while the connection was made; the errors of the libraries lack the number. */
  serverError: ServerError | undefined;

  get lost(): boolean {
    return this.#lost;
  }

  /** A pool replaces a lost connection on its own, with a password that may be old and in mid-query: not this one. */
  take(tedious: Tedious, signal: AbortSignal): void {
    if (this.#sealed || signal.aborted) {
      tedious.close();
      return;
    }
    this.#tedious = tedious;
    this.#lost = false;
    tedious.on('errorMessage', ({ number, message, class: severity }) => {
      this.serverError ??= { number, message, severity };
    });
    tedious.once('end', () => {
      if (this.#tedious === tedious) this.#lost = true;
    });
  }

  seal(): void {
    this.#sealed = true;
  }

  /** Asks the server to let go of what runs; tedious cuts the connection when that takes longer than CANCEL_LIMIT_MS. */
  cancel(): void {
    this.#tedious?.cancel();
  }

  hangUp(): void {
    this.#sealed = true;
    this.#lost = true;
    this.#tedious?.close();
  }
}

class MssqlConnection implements Connection {
  readonly #library: Library;
  readonly #pool: ConnectionPool;
  readonly #link: Link;

  constructor(library: Library, pool: ConnectionPool, link: Link) {
    this.#library = library;
    this.#pool = pool;
    this.#link = link;
  }

  get usable(): boolean {
    return !this.#link.lost;
  }

  async query({ sql }: Statement, { signal, timeoutMs, maxRows }: QueryLimits): Promise<QueryResult> {
    signal.throwIfAborted();
    const problem = refusal(sql);
    if (problem !== undefined) throw new SourceError('query', 'permission', `the statement ${problem}`);
    let cutOff: NodeJS.Timeout | undefined;
    const cancel = () => {
      cutOff = setTimeout(() => this.#link.hangUp(), CANCEL_LIMIT_MS);
      this.#link.cancel();
    };
    signal.addEventListener('abort', cancel, { once: true });
    const transaction = new this.#library.Transaction(this.#pool);
    try {
      await transaction.begin(this.#library.ISOLATION_LEVEL.READ_COMMITTED);
      signal.throwIfAborted();
      await transaction.request().batch(`SET LOCK_TIMEOUT ${lockTimeout(timeoutMs)}`);
      signal.throwIfAborted();
      return await this.#read(transaction, sql, maxRows);
    } catch (error) {
      throw mssqlError(error, 'query');
    } finally {
      await this.#rollBack(transaction);
      signal.removeEventListener('abort', cancel);
      clearTimeout(cutOff);
    }
  }

  readonly product = 'SQL Server';
  readonly address = '';
  readonly phases = {};

  async state(): Promise<ServerState> {
    return { role: 'primary' };
  }

  async excessRights(): Promise<readonly ExcessRight[]> {
    return [];
  }

  async close(): Promise<void> {
    this.#link.hangUp();
    // The connection has ended; what the pool still tidies up is not worth waiting for.
    void this.#pool.close().catch(() => {});
  }

  /** Also gives a connection that is lost back to the pool. Where the server has rolled back already (a deadlock), all is done. */
  async #rollBack(transaction: Transaction): Promise<void> {
    await transaction.rollback().catch((error: unknown) => {
      const over = error instanceof this.#library.TransactionError && error.code === 'EABORT';
      if (!over) this.#link.hangUp();
    });
  }

  /** By rows as they come: after one more than asked for, the server is told to stop. */
  async #read(transaction: Transaction, sql: string, maxRows: number): Promise<QueryResult> {
    const request = transaction.request();
    request.stream = true;
    // By place: by name, a second column of the same name would be lost in the first.
    request.arrayRowMode = true;
    const results: Column[][] = [];
    const rows: Cell[][] = [];
    const failures: unknown[] = [];
    let enough = false;
    const stop = () => {
      enough = true;
      request.cancel();
    };
    request.on('recordset', (metadata: unknown) => {
      results.push(columnsOf(metadata, this.#library));
      if (results.length > 1) stop();
    });
    request.on('row', (row: unknown) => {
      if (enough) return;
      rows.push(cellsOf(row, results.at(-1) ?? []));
      if (rows.length > maxRows) stop();
    });
    request.on('error', (error: unknown) => failures.push(error));
    await request.query(sql);
    if (failures.length > 0 && !enough) throw failures[0];
    const [columns, second] = results;
    if (!columns || second) {
      throw new SourceError('query', 'syntax', `the statement returned ${second ? 'several results' : 'no result'}; it must be one SELECT`);
    }
    return {
      columns: columns.map(({ name }) => name),
      rows: rows.slice(0, maxRows),
      dropped: Math.max(0, rows.length - maxRows),
      phases: { execute: 0, fetch: 0 },
    };
  }
}

/** A little less than ours, so that the server tells what the query waits for and the connection stays. */
function lockTimeout(timeoutMs: number): number {
  return Math.max(1, Math.floor(timeoutMs - Math.min(timeoutMs * 0.05, 200)));
}
