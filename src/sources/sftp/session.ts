// The connection that the directories of a source share: opened when first needed, kept, replaced when it was lost.

import { SourceError } from '../kind.js';
import type { Connection } from './connection.js';

export type Open = (signal: AbortSignal, onEnd: () => void) => Promise<Connection>;

export class Session {
  readonly #open: Open;
  #current: Promise<Connection> | undefined;

  constructor(open: Open) {
    this.#open = open;
  }

  /**
   * Works on the shared connection. Where that one was opened by somebody else and turns out to be lost (an idle connection that
   * the server or a firewall has dropped, or another directory's deadline), it is tried once more on a fresh one.
   * @throws SourceError
   */
  async use<T>(signal: AbortSignal, work: (connection: Connection) => Promise<T>): Promise<T> {
    const shared = this.#current;
    if (shared) {
      try {
        return await work(await within(shared, signal));
      } catch (error) {
        if (signal.aborted || !wasLost(error)) throw error;
        this.#forget(shared);
      }
    }
    return work(await (this.#current ? within(this.#current, signal) : this.#connect(signal)));
  }

  async close(): Promise<void> {
    const last = this.#current;
    this.#current = undefined;
    const connection = await last?.catch(() => undefined);
    connection?.destroy();
  }

  #connect(signal: AbortSignal): Promise<Connection> {
    const opening: Promise<Connection> = this.#open(signal, () => this.#forget(opening));
    this.#current = opening;
    opening.catch(() => this.#forget(opening));
    return opening;
  }

  #forget(connection: Promise<Connection>): void {
    if (this.#current === connection) this.#current = undefined;
  }
}

/** A time-out that is not one's own was that of the directory that opened the connection. */
function wasLost(error: unknown): boolean {
  return error instanceof SourceError && (error.errorClass === 'lost' || error.errorClass === 'timeout');
}

/** Waits for a connection that somebody else may be opening, with a deadline of one's own. */
function within<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: ended, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(new SourceError('connect', 'timeout', 'the connection was not open in time'));
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  return Promise.race([promise, ended]).finally(() => signal.removeEventListener('abort', onAbort));
}
