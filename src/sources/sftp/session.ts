// The connection that the collectors of a source share: opened when first needed, kept, replaced when it was lost.

import type { FileStore, UseStore } from '../exchanges/store.js';
import { SourceError } from '../kind.js';
import type { Connection } from './connection.js';
import { LostByOther } from './errors.js';
import { SftpStore } from './store.js';

export type Open = (signal: AbortSignal, onEnd: () => void) => Promise<Connection>;

/** How often a piece of work may lose its connection through the work of others before it is given up. */
const MOST_LOSSES_BY_OTHERS = 5;

export class Session {
  readonly #open: Open;
  #current: Promise<Connection> | undefined;

  constructor(open: Open) {
    this.#open = open;
  }

  /**
   * Works on the shared connection. What did not lose it itself is tried again on a fresh one: where the server or a firewall has dropped
   * an idle connection, where another directory's deadline passed, or another's answer broke it. Work that has begun to write is not: it
   * might be done twice.
   * @throws SourceError
   */
  readonly use: UseStore = async <T>(signal: AbortSignal, work: (store: FileStore) => Promise<T>): Promise<T> => {
    let wasIdle = true;
    for (let losses = 0; ; losses++) {
      const others = this.#current;
      const opened = others === undefined;
      const shared = others ?? this.#connect(signal);
      let store: SftpStore | undefined;
      try {
        // Its own opening ends with the signal, and says more about why.
        store = new SftpStore(await (opened ? shared : within(shared, signal)));
        return await work(store);
      } catch (error) {
        if (signal.aborted || store?.changed === true || !wasLost(error)) throw error;
        this.#forget(shared);
        const byOther = error instanceof LostByOther || (store === undefined && !opened && error.errorClass === 'timeout');
        if (byOther ? losses >= MOST_LOSSES_BY_OTHERS : opened || !wasIdle) throw error;
        wasIdle &&= byOther;
      }
    }
  };

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
function wasLost(error: unknown): error is SourceError {
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
