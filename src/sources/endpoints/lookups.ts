// Names resolved by the system, as all programs of the machine resolve them (/etc/hosts, search domains). Each takes a thread of the pool that
// files are read by too, for as long as it takes, and cannot be stopped: so no more than half of the threads do that, and a name that is
// being looked up is not looked up a second time.

import { lookup, type LookupAddress } from 'node:dns';
import { isIP } from 'node:net';
import { Limiter } from './limiter.js';

/** Threads of libuv where nobody has said how many: https://docs.libuv.org/en/v1.x/threadpool.html */
const DEFAULT_THREADS = 4;
/** A name that took longer than this is expected to do so again. */
const SLOW_MS = 1_000;
/** Names remembered as slow. */
const MOST_SLOW = 1_000;

export type Family = 4 | 6 | undefined;
export type Resolve = (host: string, family: Family) => Promise<readonly LookupAddress[]>;

interface Running {
  readonly addresses: Promise<readonly LookupAddress[]>;
  /** Who waits for it. */
  waiting: number;
  /** Called when nobody does any more. */
  readonly abandon: () => void;
}

export class Lookups {
  readonly #resolve: Resolve;
  readonly #limiter: Limiter;
  readonly #now: () => number;
  readonly #running = new Map<string, Running>();
  readonly #slow = new Set<string>();

  /** @param most how many lookups may run at once */
  constructor(most: number, resolve: Resolve = resolveBySystem, now = () => performance.now()) {
    this.#limiter = new Limiter({ total: most, perHost: 1 });
    this.#resolve = resolve;
    this.#now = now;
  }

  /**
   * All addresses of the name, in the order that the system prefers; of an address, itself.
   * @throws what the system says, and the reason of the signal when it aborts: the lookup itself goes on where it has begun
   */
  async addresses(host: string, family: Family, signal: AbortSignal): Promise<readonly LookupAddress[]> {
    // The system needs no thread for an address, and knows which family it is of.
    if (isIP(host) > 0) return this.#resolve(host, family);
    signal.throwIfAborted();
    const key = `${family ?? ''} ${host.toLowerCase()}`;
    const running = this.#running.get(key) ?? this.#begin(key, host, family);
    running.waiting++;
    const { promise: aborted, reject } = Promise.withResolvers<never>();
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      return await Promise.race([running.addresses, aborted]);
    } finally {
      signal.removeEventListener('abort', onAbort);
      running.waiting--;
      if (running.waiting === 0) running.abandon();
    }
  }

  #begin(key: string, host: string, family: Family): Running {
    const noThread = new AbortController();
    let begun = false;
    const end = () => {
      if (this.#running.get(key) === running) this.#running.delete(key);
    };
    const addresses = this.#limiter.run({ host: key, doubtful: this.#slow.has(key) }, noThread.signal, async () => {
      begun = true;
      const at = this.#now();
      try {
        return await this.#resolve(host, family);
      } finally {
        this.#note(key, this.#now() - at > SLOW_MS);
        end();
      }
    });
    // Who waits for it hears of it.
    addresses.catch(() => {});
    const abandon = () => {
      // One that has begun cannot be stopped; who asks for the name meanwhile gets its answer.
      if (begun) return;
      end();
      noThread.abort();
    };
    const running: Running = { addresses, waiting: 0, abandon };
    this.#running.set(key, running);
    return running;
  }

  #note(key: string, slow: boolean): void {
    this.#slow.delete(key);
    if (!slow) return;
    if (this.#slow.size >= MOST_SLOW) this.#slow.clear();
    this.#slow.add(key);
  }
}

function resolveBySystem(host: string, family: Family): Promise<readonly LookupAddress[]> {
  const { promise, resolve, reject } = Promise.withResolvers<readonly LookupAddress[]>();
  lookup(host, { all: true, order: 'verbatim', family: family ?? 0 }, (error, addresses) => (error ? reject(error) : resolve(addresses)));
  return promise;
}

/** The lookups of this process. */
export const systemLookups = new Lookups(lookupsAtOnce(process.env['UV_THREADPOOL_SIZE']));

/** Half of the threads: the rest is for files. */
export function lookupsAtOnce(threads: string | undefined): number {
  const size = Number.parseInt(threads ?? '', 10);
  return Math.max(1, Math.floor((size > 0 ? size : DEFAULT_THREADS) / 2));
}
