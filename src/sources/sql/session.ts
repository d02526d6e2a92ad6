// The one connection of a source: opened when needed, one query at a time, replaced once it is lost.

import type { Clock } from '../../domain/clock.js';
import { formatDuration } from '../../domain/duration.js';
import { SourceError } from '../kind.js';
import type { Connection, QueryResult } from './driver.js';

export interface QueryRequest {
  /** For messages. */
  readonly name: string;
  readonly sql: string;
  readonly maxRows: number;
  /** Milliseconds for connecting, where needed, and the query. */
  readonly timeoutMs: number;
  /** Milliseconds to wait for the connection while other queries use it. */
  readonly waitMs: number;
  /** Aborts waiting as well as running. */
  readonly signal: AbortSignal;
}

export class Session {
  readonly #connect: (signal: AbortSignal) => Promise<Connection>;
  readonly #clock: Clock;
  readonly #closing = new AbortController();
  #connection: Connection | undefined;
  /** Settles when the last one in the queue is done. */
  #tail: Promise<void> = Promise.resolve();
  #user: string | undefined;

  constructor(connect: (signal: AbortSignal) => Promise<Connection>, clock: Clock) {
    this.#connect = connect;
    this.#clock = clock;
  }

  /**
   * Waits for its turn and runs the query. A time-out or abort rejects at once; the next in the queue follows when the server has let go.
   * @throws SourceError
   */
  async query(request: QueryRequest): Promise<QueryResult> {
    const done = await this.#turn(request);
    this.#user = request.name;
    const limit = this.#limit(request.timeoutMs, request.signal);
    const running = this.#run(request, limit.signal).finally(() => {
      limit.cancel();
      done();
    });
    return await abortable(running, limit.signal, () => {
      const phase = this.#connection ? 'query' : 'connect';
      return new SourceError(
        phase,
        'timeout',
        `${phase === 'query' ? 'no answer' : 'no connection'} within ${formatDuration(request.timeoutMs)}`,
      );
    });
  }

  /** Ends what runs, refuses what comes. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#tail;
    await this.#connection?.close();
    this.#connection = undefined;
  }

  /** @returns the function that passes the turn on */
  async #turn({ waitMs, signal }: QueryRequest): Promise<() => void> {
    const before = this.#tail;
    const own = Promise.withResolvers<void>();
    this.#tail = bothOf(before, own.promise);
    const limit = this.#limit(waitMs, signal);
    try {
      await abortable(before, limit.signal, () => {
        const message = `waited ${formatDuration(waitMs)} for the connection, which the query ${this.#user ?? ''} uses`;
        return new SourceError('connect', 'timeout', message);
      });
      return own.resolve;
    } catch (error) {
      own.resolve();
      throw error;
    } finally {
      limit.cancel();
    }
  }

  async #run({ sql, maxRows, timeoutMs }: QueryRequest, signal: AbortSignal): Promise<QueryResult> {
    signal.throwIfAborted();
    const startedAt = this.#clock.monotonic();
    const connection = await this.#usable(signal);
    const left = Math.max(1, Math.round(timeoutMs - (this.#clock.monotonic() - startedAt)));
    return await connection.query(sql, { signal, timeoutMs: left, maxRows });
  }

  async #usable(signal: AbortSignal): Promise<Connection> {
    if (this.#connection?.usable) return this.#connection;
    await this.#connection?.close();
    this.#connection = undefined;
    this.#connection = await this.#connect(signal);
    return this.#connection;
  }

  /** A signal that aborts after the time, with the signal given, or when the session closes. */
  #limit(ms: number, signal: AbortSignal): { signal: AbortSignal; cancel(): void } {
    const late = new AbortController();
    const timer = this.#clock.after(ms, () => late.abort());
    return { signal: AbortSignal.any([late.signal, signal, this.#closing.signal]), cancel: () => timer.cancel() };
  }
}

/** The promise, or the error as soon as the signal aborts; what the promise does afterwards is of no interest. */
async function abortable<T>(promise: Promise<T>, signal: AbortSignal, error: () => Error): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const stop = () => aborted.reject(error());
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

async function bothOf(first: Promise<void>, second: Promise<void>): Promise<void> {
  await first;
  await second;
}
