// The one connection to a database: opened when needed, proved, one query at a time, replaced once it is lost.

import type { Clock } from '../../domain/clock.js';
import { formatDuration } from '../../domain/duration.js';
import { SourceError } from '../kind.js';
import type { Gate } from './gate.js';
import type { Connection, ExcessRight, Limits, QueryResult, ServerState, Statement } from './driver.js';

/** A use of the connection. */
export interface Turn {
  /** For messages. */
  readonly name: string;
  /** Milliseconds for connecting, where needed, and the work. */
  readonly timeoutMs: number;
  /** Milliseconds to wait for the connection while others use it. */
  readonly waitMs: number;
  /** Aborts waiting as well as working. */
  readonly signal: AbortSignal;
}

export interface QueryRequest extends Turn {
  readonly statement: Statement;
  readonly maxRows: number;
  /** Default true. */
  readonly countDropped?: boolean;
}

export interface SessionOptions {
  readonly connect: (signal: AbortSignal) => Promise<Connection>;
  /** Looks at a new connection before it is used. @throws SourceError where it must not be; it is then closed */
  readonly admit?: (connection: Connection, limits: Limits) => Promise<void>;
  readonly clock: Clock;
  /** Shared by several sessions: so many of them work at once. */
  readonly gate?: Gate;
  /** Is told how long the work of a turn took, once the server has let go; connecting is not counted. */
  readonly spent?: (name: string, ms: number) => void;
}

type Work<T> = (connection: Connection, limits: Limits) => Promise<T>;

export class Session {
  readonly #options: SessionOptions;
  readonly #closing = new AbortController();
  #connection: Connection | undefined;
  /** Of the last attempt to connect. */
  #failure: { readonly at: number; readonly error: unknown } | undefined;
  /** Settles when the last one in the queue is done. */
  #tail: Promise<void> = Promise.resolve();
  #user: string | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  /** The connection in use; undefined where there is none, or none that has been admitted. */
  get connection(): Connection | undefined {
    return this.#connection;
  }

  /** Waits for its turn and runs the query. @throws SourceError */
  async query({ statement, maxRows, countDropped = true, ...turn }: QueryRequest): Promise<QueryResult> {
    return await this.#use(turn, (connection, limits) => connection.query(statement, { ...limits, maxRows, countDropped }));
  }

  /** Waits for its turn and asks for the role and the lag. @throws SourceError */
  async state(turn: Turn): Promise<ServerState> {
    return await this.#use(turn, (connection, limits) => connection.state(limits));
  }

  /** Waits for its turn and asks what the login could change. @throws SourceError, or whatever the server says where it does not tell */
  async excessRights(turn: Turn): Promise<readonly ExcessRight[]> {
    return await this.#use(turn, (connection, limits) => connection.excessRights(limits));
  }

  /** The next one to use it gets a new connection. */
  async dropConnection(): Promise<void> {
    const connection = this.#connection;
    this.#connection = undefined;
    await connection?.close();
  }

  /** Ends what runs, refuses what comes. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#tail;
    await this.dropConnection();
  }

  /** A time-out or abort rejects at once; the next in the queue follows when the server has let go. */
  async #use<T>(turn: Turn, work: Work<T>): Promise<T> {
    const queuedAt = this.#options.clock.monotonic();
    const done = await this.#turn(turn);
    const limit = this.#limit(turn.timeoutMs, turn.signal);
    const running = this.#run(turn, queuedAt, limit.signal, work).finally(() => {
      limit.cancel();
      done();
    });
    return await abortable(running, limit.signal, () => {
      if (!this.#connection) return noConnection(turn);
      return new SourceError('query', 'timeout', `no answer within ${formatDuration(turn.timeoutMs)}`);
    });
  }

  /** @returns the function that passes the turn on */
  async #turn({ name, waitMs, signal }: Turn): Promise<() => void> {
    const before = this.#tail;
    const own = Promise.withResolvers<void>();
    this.#tail = bothOf(before, own.promise);
    const limit = this.#limit(waitMs, signal);
    try {
      await abortable(before, limit.signal, () => {
        const message = `waited ${formatDuration(waitMs)} for the connection, which the query ${this.#user ?? ''} uses`;
        return new SourceError('connect', 'timeout', message);
      });
      const leave = await this.#enterGate(limit.signal, waitMs);
      this.#user = name;
      return () => {
        leave();
        own.resolve();
      };
    } catch (error) {
      own.resolve();
      throw error;
    } finally {
      limit.cancel();
    }
  }

  async #enterGate(signal: AbortSignal, waitMs: number): Promise<() => void> {
    const { gate } = this.#options;
    if (!gate) return () => {};
    try {
      return await gate.enter(signal);
    } catch {
      throw new SourceError('connect', 'timeout', `waited ${formatDuration(waitMs)} for its turn among the targets of the source`);
    }
  }

  async #run<T>(turn: Turn, queuedAt: number, signal: AbortSignal, work: Work<T>): Promise<T> {
    signal.throwIfAborted();
    const { name, timeoutMs } = turn;
    const { clock, spent } = this.#options;
    const startedAt = clock.monotonic();
    const left = () => ({ signal, timeoutMs: Math.max(1, Math.round(timeoutMs - (clock.monotonic() - startedAt))) });
    const connection = await this.#usable(turn, queuedAt, signal, left);
    const workedFrom = clock.monotonic();
    try {
      return await work(connection, left());
    } finally {
      spent?.(name, clock.monotonic() - workedFrom);
    }
  }

  async #usable(turn: Turn, queuedAt: number, signal: AbortSignal, left: () => Limits): Promise<Connection> {
    if (this.#connection?.usable) return this.#connection;
    await this.dropConnection();
    // Who waited while the server could not be reached need not find that out once more: ten queries would take ten time-outs.
    if (this.#failure && this.#failure.at > queuedAt) throw this.#failure.error;
    try {
      this.#connection = await this.#connect(signal, left);
      this.#failure = undefined;
      return this.#connection;
    } catch (error) {
      // One that gave up for reasons of its own says nothing of the server.
      if (!turn.signal.aborted) {
        const at = this.#options.clock.monotonic();
        this.#failure = { at, error: signal.aborted ? noConnection(turn) : error };
      }
      throw error;
    }
  }

  async #connect(signal: AbortSignal, left: () => Limits): Promise<Connection> {
    const connection = await this.#options.connect(signal);
    try {
      await this.#options.admit?.(connection, left());
      return connection;
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  /** A signal that aborts after the time, with the signal given, or when the session closes. */
  #limit(ms: number, signal: AbortSignal): { signal: AbortSignal; cancel(): void } {
    const controller = new AbortController();
    const abort = () => controller.abort();
    const timer = this.#options.clock.after(ms, abort);
    // Not AbortSignal.any: a signal that lives as long as the session would remember each of them.
    const signals = [signal, this.#closing.signal];
    for (const other of signals) {
      other.addEventListener('abort', abort, { once: true });
      if (other.aborted) abort();
    }
    const cancel = () => {
      timer.cancel();
      for (const other of signals) other.removeEventListener('abort', abort);
    };
    return { signal: controller.signal, cancel };
  }
}

function noConnection({ timeoutMs }: Turn): SourceError {
  return new SourceError('connect', 'timeout', `no connection within ${formatDuration(timeoutMs)}`);
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
