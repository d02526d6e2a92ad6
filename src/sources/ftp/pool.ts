// The connections that the collectors of a source share. An FTP connection does one thing after the other, so whoever uses one has it alone;
// there are a few, so that a directory that hangs holds up no other.

import { SourceError } from '../kind.js';
import { TooManyConnections } from './errors.js';

/** What is pooled. */
export interface Pooled {
  /** Nothing can be done with it any more. */
  readonly ended: boolean;
  /** Whether something was changed through it since it was handed out, so that it must not be done again. */
  readonly changed: boolean;
  /** Proves that it is alive, where it was idle for long. @returns whether it is */
  prove(): Promise<boolean>;
  /** Handed out anew: nothing has changed yet. */
  begin(): void;
  destroy(): void;
}

export class Pool<Connection extends Pooled> {
  readonly #open: (signal: AbortSignal) => Promise<Connection>;
  readonly #idle: Connection[] = [];
  readonly #all = new Set<Connection>();
  readonly #waiting: (() => void)[] = [];
  #most: number;
  #used = 0;
  #closed = false;

  /** @param most connections at a time */
  constructor(open: (signal: AbortSignal) => Promise<Connection>, most: number) {
    this.#open = open;
    this.#most = most;
  }

  /**
   * Works on a connection. Where one that was opened before turns out to be lost (the server or a firewall has dropped it), it is tried once
   * more on a fresh one, unless something was changed already.
   * @throws SourceError
   */
  async use<T>(signal: AbortSignal, work: (connection: Connection) => Promise<T>): Promise<T> {
    await this.#turn(signal);
    try {
      const known = await this.#known();
      if (known) {
        try {
          return await this.#work(known, work);
        } catch (error) {
          if (signal.aborted || known.changed || !known.ended || !wasLost(error)) throw error;
        }
      }
      return await this.#work(await this.#fresh(signal), work);
    } finally {
      this.#used--;
      this.#next();
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const connection of this.#all) connection.destroy();
    this.#all.clear();
    this.#idle.length = 0;
  }

  async #work<T>(connection: Connection, work: (connection: Connection) => Promise<T>): Promise<T> {
    connection.begin();
    try {
      return await work(connection);
    } finally {
      if (connection.ended || this.#closed) this.#drop(connection);
      else this.#idle.push(connection);
    }
  }

  async #known(): Promise<Connection | undefined> {
    for (let known = this.#idle.pop(); known; known = this.#idle.pop()) {
      if (!known.ended && (await known.prove())) return known;
      this.#drop(known);
    }
    return undefined;
  }

  /** A server that takes no second connection gets no second one asked of it: whoever wanted it waits for the first. */
  async #fresh(signal: AbortSignal): Promise<Connection> {
    try {
      const connection = await this.#open(signal);
      this.#all.add(connection);
      return connection;
    } catch (error) {
      // Open, or being opened by others at this moment.
      const others = Math.max(this.#all.size, this.#used - 1);
      if (signal.aborted || others === 0 || !(error instanceof TooManyConnections)) throw error;
      this.#most = others;
      await this.#turnAgain(signal);
      return (await this.#known()) ?? (await this.#fresh(signal));
    }
  }

  /** Gives the place back and waits for another. */
  async #turnAgain(signal: AbortSignal): Promise<void> {
    this.#used--;
    this.#next();
    try {
      await this.#turn(signal);
    } catch (error) {
      this.#used++;
      throw error;
    }
  }

  #drop(connection: Connection): void {
    this.#all.delete(connection);
    connection.destroy();
  }

  /** Waits until fewer than the most are in use. First come, first served. */
  async #turn(signal: AbortSignal): Promise<void> {
    if (signal.aborted) throw lateTurn();
    if (this.#used < this.#most && this.#waiting.length === 0) {
      this.#used++;
      return;
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const go = () => resolve();
    const onAbort = () => {
      const index = this.#waiting.indexOf(go);
      if (index >= 0) this.#waiting.splice(index, 1);
      reject(lateTurn());
    };
    this.#waiting.push(go);
    signal.addEventListener('abort', onAbort, { once: true });
    await promise.finally(() => signal.removeEventListener('abort', onAbort));
  }

  #next(): void {
    if (this.#used >= this.#most) return;
    const go = this.#waiting.shift();
    if (!go) return;
    this.#used++;
    go();
  }
}

function lateTurn(): SourceError {
  return new SourceError('connect', 'timeout', 'all connections were busy: raise `connections`, or the timeout');
}

function wasLost(error: unknown): boolean {
  return error instanceof SourceError && error.errorClass === 'lost';
}
