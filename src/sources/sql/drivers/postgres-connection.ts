// A session of PostgreSQL: everything it does runs in a read-only transaction with limits, and can be cancelled.

import type { Client } from 'pg';
import type { Socket } from 'node:net';
import {
  CANCEL_LIMIT_MS,
  type Connection,
  type ExcessRight,
  type Limits,
  type QueryLimits,
  type QueryResult,
  type ServerState,
  type Statement,
} from '../driver.js';
import { readCursor } from './postgres-cursor.js';
import { postgresError, type Phase } from './postgres-errors.js';
import type { OpenSession } from './postgres-login.js';
import { readExcessRights } from './postgres-rights.js';
import { Replication } from './postgres-state.js';

/** How much of its time a query may wait for a table that somebody has locked. */
const LOCK_SHARE = 0.9;

type CancelBackend = (pid: number, signal: AbortSignal) => Promise<void>;

export class PostgresConnection implements Connection {
  readonly product: string;
  readonly address: string;
  readonly phases: Connection['phases'];
  readonly #client: Client;
  readonly #socket: Socket;
  readonly #pid: number;
  readonly #cancelBackend: CancelBackend;
  readonly #replication = new Replication();

  constructor({ client, socket, pid, product, address, phases }: OpenSession, cancelBackend: CancelBackend) {
    this.product = product;
    this.address = address;
    this.phases = phases;
    this.#client = client;
    this.#socket = socket;
    this.#pid = pid;
    this.#cancelBackend = cancelBackend;
  }

  get usable(): boolean {
    return !this.#socket.destroyed;
  }

  async query(statement: Statement, limits: QueryLimits): Promise<QueryResult> {
    return await this.#transaction('query', limits, (timeLeft) => readCursor(this.#client, statement, limits, timeLeft));
  }

  async state(limits: Limits): Promise<ServerState> {
    return await this.#transaction('role', limits, () => this.#replication.state(this.#client));
  }

  async excessRights(limits: Limits): Promise<readonly ExcessRight[]> {
    return await this.#transaction('query', limits, () => readExcessRights(this.#client));
  }

  async close(): Promise<void> {
    this.#socket.destroy();
  }

  /** @param work sends its first statements before it waits for anything: they travel together with the begin of the transaction */
  async #transaction<T>(phase: Phase, { signal, timeoutMs }: Limits, work: (timeLeft: () => number) => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    let done = false;
    let cancelled: Promise<void> | undefined;
    let cutOff: NodeJS.Timeout | undefined;
    const hangUp = () => void this.#socket.destroy();
    const cancel = () => {
      cutOff = setTimeout(hangUp, CANCEL_LIMIT_MS);
      cancelled = this.#cancelBackend(this.#pid, AbortSignal.timeout(CANCEL_LIMIT_MS)).catch(hangUp);
    };
    signal.addEventListener('abort', cancel, { once: true });
    try {
      const result = await this.#begin(timeoutMs, work);
      done = true;
      return result;
    } catch (error) {
      throw postgresError(error, phase);
    } finally {
      const ended = this.usable ? this.#client.query('ROLLBACK').catch(hangUp) : undefined;
      // Whoever comes next need not wait for the answer, unless the connection may be lost or a cancel on its way would hit them.
      if (!done || cancelled) await ended;
      signal.removeEventListener('abort', cancel);
      await cancelled;
      clearTimeout(cutOff);
    }
  }

  async #begin<T>(timeoutMs: number, work: (timeLeft: () => number) => Promise<T>): Promise<T> {
    // The server's own limit comes a little before ours, so that it ends the query and the connection stays.
    const limit = Math.max(1, Math.floor(timeoutMs - Math.min(timeoutMs * 0.05, 200)));
    // A lock that is waited for ends the query a little earlier still, since it says more than a time-out.
    const lockLimit = Math.max(1, Math.floor(limit * LOCK_SHARE));
    const limits = `SET LOCAL statement_timeout = ${limit}; SET LOCAL lock_timeout = ${lockLimit}`;
    const endsAt = performance.now() + limit;
    const { stream } = this.#client.connection;
    // One packet for what is sent at once.
    stream.cork();
    const begun = this.#client.query(`BEGIN READ ONLY; ${limits}; SET LOCAL cursor_tuple_fraction = 1`);
    const working = work(() => Math.max(1, Math.floor(endsAt - performance.now())));
    stream.uncork();
    // After an error, the server refuses the statements behind it; the first error is the one that says why.
    const [result] = await Promise.all([working, begun]);
    return result;
  }
}
