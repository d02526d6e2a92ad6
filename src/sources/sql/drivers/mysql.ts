// Driver mysql: MySQL and MariaDB, by mysql2.

import { SourceError } from '../../kind.js';
import {
  CANCEL_LIMIT_MS,
  type Connection,
  type Driver,
  type ExcessRight,
  type Limits,
  type QueryLimits,
  type QueryResult,
  type ServerState,
  type Statement,
} from '../driver.js';
import { limitStatement } from './mysql-engine.js';
import { mysqlError, type Phase } from './mysql-errors.js';
import { excessRights } from './mysql-rights.js';
import { serverState } from './mysql-role.js';
import { addressOf, open, reachOf, type OpenSession } from './mysql-session.js';
import { ESCAPING, refusal, textOf } from './mysql-statement.js';
import { columnName, masked } from './mysql-watermark.js';
import { run } from './mysql-wire.js';

export const mysql: Driver = {
  title: 'MySQL and MariaDB',
  required: ['server', 'database', 'user', 'password'],
  optional: ['port', 'tls'],
  replicates: true,
  opaque: ESCAPING,
  commitsInOrder: false,
  timeHint:
    "UNIX_TIMESTAMP(column), or UNIX_TIMESTAMP(CONVERT_TZ(column, 'Europe/Zurich', @@time_zone)) where it was written in another zone than the server's",
  refusal,
  async connect(settings, context, signal) {
    const reach = await reachOf(settings, context);
    const session = await open(reach, context.application, signal);
    return new MysqlConnection(session, addressOf(reach), async (id, cancelSignal) => {
      const other = await open(reach, `${context.application} cancel`, cancelSignal);
      await run(other, `KILL QUERY ${id}`).finally(() => other.socket.destroy());
    });
  },
};

interface Work {
  /** Of the errors. */
  readonly phase: Phase;
  /** The server is to send no more rows of one statement. */
  readonly mostRows?: number;
  /** What is taken out of errors. */
  readonly watermark?: Statement['watermark'];
}

class MysqlConnection implements Connection {
  readonly #session: OpenSession;
  readonly #killQuery: (id: string, signal: AbortSignal) => Promise<void>;
  readonly product: string;
  readonly phases: Connection['phases'];

  constructor(
    session: OpenSession,
    readonly address: string,
    killQuery: (id: string, signal: AbortSignal) => Promise<void>,
  ) {
    this.#session = session;
    this.#killQuery = killQuery;
    this.product = `${session.engine.family} ${session.engine.version}`;
    this.phases = session.phases;
  }

  get usable(): boolean {
    return !this.#session.socket.destroyed;
  }

  async query(statement: Statement, { maxRows, countDropped, ...limits }: QueryLimits): Promise<QueryResult> {
    const problem = refusal(statement.sql);
    if (problem !== undefined) throw new SourceError('query', 'permission', `the statement ${problem}`);
    const sql = textOf(statement);
    const { watermark } = statement;
    // A count is worth less than the rows, which are lost with the time: it ends early enough to be cancelled, and what is on its way read.
    const countUntil = countDropped ? performance.now() + limits.timeoutMs - Math.min(limits.timeoutMs * 0.25, 1000) : 0;
    return await this.#bounded(limits, { phase: 'query', watermark, mostRows: countDropped ? Infinity : maxRows + 1 }, async (stop) => {
      const result = await run(this.#session, sql, { most: maxRows, countUntil, stop });
      const columns = result.columns.map((name) => columnName(name, statement));
      return { ...result, columns, dropped: countDropped ? result.dropped : Math.min(result.dropped, 1) };
    });
  }

  async state(limits: Limits): Promise<ServerState> {
    return await this.#bounded(limits, { phase: 'role' }, () => serverState((sql) => run(this.#session, sql), this.#session.engine));
  }

  async excessRights(limits: Limits): Promise<readonly ExcessRight[]> {
    return await this.#bounded(limits, { phase: 'query' }, () => excessRights((sql) => run(this.#session, sql), this.#session.engine));
  }

  /** Does the work in a read-only transaction, and within the limits: by the server where it can, else by cancelling what runs. */
  async #bounded<T>(
    { signal, timeoutMs }: Limits,
    { phase, watermark, mostRows = Infinity }: Work,
    work: (cancel: () => void) => Promise<T>,
  ): Promise<T> {
    signal.throwIfAborted();
    let cancelled: Promise<void> | undefined;
    let cutOff: NodeJS.Timeout | undefined;
    const hangUp = () => void this.#session.socket.destroy();
    const cancel = () => {
      if (cancelled) return;
      cutOff = setTimeout(hangUp, CANCEL_LIMIT_MS);
      // Rows that nobody wants would keep the process from the cancel, so they are left to wait meanwhile.
      this.#session.client.pause();
      cancelled = this.#killQuery(this.#session.id, AbortSignal.timeout(CANCEL_LIMIT_MS))
        .catch(hangUp)
        .finally(() => this.#session.client.resume());
    };
    signal.addEventListener('abort', cancel, { once: true });
    try {
      // The server's own limit comes a little before ours, so that it ends the query and the connection stays.
      const limitMs = Math.max(1, Math.floor(timeoutMs - Math.min(timeoutMs * 0.05, 200)));
      await run(this.#session, limitStatement(this.#session.engine, limitMs, mostRows));
      await run(this.#session, 'START TRANSACTION READ ONLY');
      signal.throwIfAborted();
      return await work(cancel);
    } catch (error) {
      throw mysqlError(error, phase, (text) => masked(text, watermark));
    } finally {
      // A cancel on its way would hit the next statement.
      await cancelled;
      if (this.usable) await run(this.#session, 'ROLLBACK').catch(hangUp);
      signal.removeEventListener('abort', cancel);
      await cancelled;
      clearTimeout(cutOff);
    }
  }

  async close(): Promise<void> {
    this.#session.socket.destroy();
  }
}
