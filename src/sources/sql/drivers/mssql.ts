// Driver mssql: SQL Server and Azure SQL, by mssql and tedious.
// SQL Server has no read-only sessions: a statement is looked at before it is sent, and its transaction is always rolled back.

import type sql from 'mssql';
import type { ConnectionPool, Request, Transaction } from 'mssql';
import { SourceError } from '../../kind.js';
import {
  CANCEL_LIMIT_MS,
  type ConnectPhase,
  type Connection,
  type Driver,
  type ExcessRight,
  type Limits,
  type QueryLimits,
  type QueryResult,
  type ServerState,
  type Statement,
} from '../driver.js';
import { withWatermark } from '../statement.js';
import { mssqlError, type Phase } from './mssql-errors.js';
import { Link } from './mssql-link.js';
import { readResult } from './mssql-reader.js';
import { excessRights } from './mssql-rights.js';
import { configOf, settingProblems } from './mssql-settings.js';
import { PRODUCT_SQL, productOf, serverState, type Ask } from './mssql-state.js';
import { OPAQUE, refusal } from './mssql-statement.js';
import { PARAMETER_NAME, parameterOf } from './mssql-watermark.js';

type Library = typeof sql;

/** Statements of ours return a handful of rows. */
const OWN_ROWS = 100;

export const mssql: Driver = {
  title: 'SQL Server',
  required: ['server'],
  optional: [
    ...(['port', 'instance', 'database', 'user', 'password', 'domain', 'entra'] as const),
    ...(['encrypt', 'tls', 'application_intent', 'multi_subnet_failover'] as const),
  ],
  replicates: true,
  opaque: OPAQUE,
  commitsInOrder: false,
  timeHint:
    "DATEDIFF_BIG(second, '1970-01-01', column) where it is UTC, else column AT TIME ZONE 'Central European Standard Time' with the zone it was written in",
  settingProblems,
  refusal,
  async connect(settings, context, signal) {
    const config = await configOf(settings, context);
    const { default: library } = await import('mssql');
    if (signal.aborted) throw new SourceError('connect', 'timeout', 'no time was left to connect');
    const link = new Link({
      server: config.server,
      instance: settings.instance,
      strict: settings.encrypt === 'strict',
      atOnce: settings.multi_subnet_failover ?? false,
      signal,
    });
    const options = { ...config.options, connector: link.open };
    const pool = new library.ConnectionPool({ ...config, options, beforeConnect: (tedious) => link.take(tedious) });
    // What is lost between two queries shows in `usable`; without a listener it would end the process.
    pool.on('error', () => {});
    const abort = () => link.hangUp();
    signal.addEventListener('abort', abort, { once: true });
    try {
      await pool.connect();
      // The pool has ended its trial connection by now; this opens the one that stays.
      await pool.request().batch('SET DEADLOCK_PRIORITY LOW');
      link.seal();
      return new MssqlConnection(library, pool, link, await askProduct(library, pool, link));
    } catch (error) {
      link.hangUp();
      await pool.close().catch(() => {});
      throw mssqlError(error, 'connect', link.serverError);
    } finally {
      signal.removeEventListener('abort', abort);
    }
  },
};

/** A server that does not say what it is can be asked all the same. */
async function askProduct(library: Library, pool: ConnectionPool, link: Link): Promise<string> {
  try {
    return productOf(await ask(library, pool.request(), PRODUCT_SQL));
  } catch (error) {
    if (link.lost) throw error;
    return mssql.title;
  }
}

class MssqlConnection implements Connection {
  readonly product: string;
  readonly address: string;
  readonly phases: Readonly<Partial<Record<ConnectPhase, number>>>;
  readonly #library: Library;
  readonly #pool: ConnectionPool;
  readonly #link: Link;

  constructor(library: Library, pool: ConnectionPool, link: Link, product: string) {
    this.product = product;
    this.address = link.address;
    this.phases = link.phases;
    this.#library = library;
    this.#pool = pool;
    this.#link = link;
  }

  get usable(): boolean {
    return !this.#link.lost;
  }

  async query({ sql, watermark }: Statement, limits: QueryLimits): Promise<QueryResult> {
    limits.signal.throwIfAborted();
    const problem = refusal(sql);
    if (problem !== undefined) throw new SourceError('query', 'permission', `the statement ${problem}`);
    const parameter = watermark && parameterOf(watermark, this.#library);
    const text = parameter ? withWatermark(sql, parameter.placeholder, OPAQUE) : sql;
    return await this.#inTransaction(limits, 'query', async (transaction) => {
      const request = transaction.request();
      if (parameter) request.input(PARAMETER_NAME, parameter.type, parameter.value);
      const reading = { ...limits, countMs: countLimit(limits.timeoutMs) };
      return await readResult(request, () => request.query(text), this.#library, reading);
    });
  }

  async state(limits: Limits): Promise<ServerState> {
    return await this.#ask(limits, 'role', serverState);
  }

  async excessRights(limits: Limits): Promise<readonly ExcessRight[]> {
    return await this.#ask(limits, 'rights', excessRights);
  }

  async close(): Promise<void> {
    this.#link.hangUp();
    // The connection has ended; what the pool still tidies up is not worth waiting for.
    void this.#pool.close().catch(() => {});
  }

  async #ask<T>(limits: Limits, phase: Phase, questions: (ask: Ask) => Promise<T>): Promise<T> {
    limits.signal.throwIfAborted();
    return await this.#inTransaction(limits, phase, async (transaction) => {
      const askOne: Ask = async (sql) => {
        limits.signal.throwIfAborted();
        try {
          return await ask(this.#library, transaction.request(), sql);
        } catch (error) {
          throw mssqlError(error, phase);
        }
      };
      return await questions(askOne);
    });
  }

  /** Does the work in a transaction that is rolled back, and has the server let go when the signal aborts. */
  async #inTransaction<T>({ signal, timeoutMs }: Limits, phase: Phase, work: (transaction: Transaction) => Promise<T>): Promise<T> {
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
      return await work(transaction);
    } catch (error) {
      throw mssqlError(error, phase);
    } finally {
      await this.#rollBack(transaction);
      signal.removeEventListener('abort', cancel);
      clearTimeout(cutOff);
    }
  }

  /** Also gives a connection that is lost back to the pool. Where the server has rolled back already (a deadlock), all is done. */
  async #rollBack(transaction: Transaction): Promise<void> {
    await transaction.rollback().catch((error: unknown) => {
      const over = error instanceof this.#library.TransactionError && error.code === 'EABORT';
      if (!over) this.#link.hangUp();
    });
  }
}

/** A statement of ours: not looked at, without parameters. */
async function ask(library: Library, request: Request, sql: string): Promise<QueryResult> {
  return await readResult(request, () => request.batch(sql), library, { maxRows: OWN_ROWS, countDropped: false });
}

/** A little less than ours, so that the server tells what the query waits for and the connection stays. */
function lockTimeout(timeoutMs: number): number {
  return Math.max(1, Math.floor(timeoutMs - Math.min(timeoutMs * 0.05, 200)));
}

/** Counting rows ends early enough for the server to let go and for the answer to be in time. */
function countLimit(timeoutMs: number): number {
  return Math.max(1, Math.floor(timeoutMs - Math.min(timeoutMs * 0.2, 500)));
}
