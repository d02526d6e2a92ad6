// Operations of the file system run on a few threads, and one that hangs (a mount whose server is gone) keeps its thread until it returns,
// whoever gives it up. So only so many run at once, and where all of them hang no new one is begun.

import { SourceError } from '../kind.js';
import type { Phase } from './errors.js';

/** Threads that Node.js has for the file system where nobody says otherwise. https://docs.libuv.org/en/v1.x/threadpool.html */
const DEFAULT_THREADS = 4;
/** More at once make a listing no faster. */
const MOST_SLOTS = 8;

/** Leaves one thread to everything else: records, name resolution. */
export function slotsFor(threads: string | undefined): number {
  const known = Number(threads);
  return Math.max(1, Math.min((Number.isInteger(known) && known > 0 ? known : DEFAULT_THREADS) - 1, MOST_SLOTS));
}

export interface Operation {
  readonly phase: Phase;
  /** As the YAML names it; where an operation hangs, no other of the same place is begun. */
  readonly place: string;
  readonly signal: AbortSignal;
}

export class Gate {
  readonly #slots: number;
  #running = 0;
  /** Operations that were given up and have not returned, by place. */
  readonly #hung = new Map<string, number>();
  readonly #waiting = new Set<() => void>();

  constructor(slots: number) {
    this.#slots = slots;
  }

  /** Operations that were given up and have not returned. */
  get hung(): number {
    let all = 0;
    for (const count of this.#hung.values()) all += count;
    return all;
  }

  /** @throws SourceError of class timeout where it does not end before the signal, or cannot begin because earlier ones hang */
  async run<T>(operation: Operation, work: () => Promise<T>): Promise<T> {
    const { signal } = operation;
    await this.#begin(operation);
    const { promise: over, reject } = Promise.withResolvers<never>();
    const onAbort = () => reject(timeOut(operation, 'no answer in time'));
    const running = this.#tracked(operation, work);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    try {
      return await Promise.race([running, over]);
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  async #begin(operation: Operation): Promise<void> {
    for (;;) {
      this.#refuse(operation);
      if (this.#running < this.#slots) break;
      await this.#turn(operation);
    }
    this.#running++;
  }

  #refuse(operation: Operation): void {
    if (operation.signal.aborted) throw timeOut(operation, 'no answer in time');
    if (this.#hung.has(operation.place)) throw timeOut(operation, 'an earlier operation still hangs there, so no new one was begun');
    if (this.hung >= this.#slots) throw timeOut(operation, 'earlier operations still hang elsewhere, so no new one was begun');
  }

  #turn({ signal }: Operation): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.add(resolve);
    signal.addEventListener('abort', () => resolve(), { once: true });
    return promise.finally(() => this.#waiting.delete(resolve));
  }

  /** The slot is free again when the operation returns, not when it is given up. */
  async #tracked<T>({ place, signal }: Operation, work: () => Promise<T>): Promise<T> {
    let isHung = false;
    const count = (by: number) => {
      const hung = (this.#hung.get(place) ?? 0) + by;
      if (hung > 0) this.#hung.set(place, hung);
      else this.#hung.delete(place);
    };
    const onAbort = () => {
      isHung = true;
      count(1);
      // Those that wait may have to give up too.
      for (const wake of this.#waiting) wake();
    };
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      return await work();
    } finally {
      signal.removeEventListener('abort', onAbort);
      if (isHung) count(-1);
      this.#running--;
      for (const wake of this.#waiting) wake();
    }
  }
}

function timeOut({ phase, place }: Operation, words: string): SourceError {
  return new SourceError(phase, 'timeout', `${place}: ${words}`);
}
