// How many probes run at once, in all and against one host: endpoints that hang must not take all there is, and no host is to be flooded.

export interface Limits {
  readonly total: number;
  readonly perHost: number;
}

interface Waiting {
  readonly host: string;
  readonly begin: () => void;
}

export class Limiter {
  readonly #limits: Limits;
  readonly #byHost = new Map<string, number>();
  /** In the order in which they came. */
  readonly #waiting = new Set<Waiting>();
  #running = 0;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** Runs the work when its turn comes. @throws the reason of the signal where it aborts before that */
  async run<T>(host: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    if (this.#isFree(host)) this.#take(host);
    else await this.#turn(host, signal);
    try {
      return await work();
    } finally {
      this.#release(host);
    }
  }

  #turn(host: string, signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiting: Waiting = { host, begin: resolve };
    const giveUp = () => {
      this.#waiting.delete(waiting);
      reject(signal.reason);
    };
    this.#waiting.add(waiting);
    signal.addEventListener('abort', giveUp, { once: true });
    return promise.finally(() => signal.removeEventListener('abort', giveUp));
  }

  #isFree(host: string): boolean {
    return this.#running < this.#limits.total && (this.#byHost.get(host) ?? 0) < this.#limits.perHost;
  }

  #take(host: string): void {
    this.#running++;
    this.#byHost.set(host, (this.#byHost.get(host) ?? 0) + 1);
  }

  #release(host: string): void {
    this.#running--;
    const left = (this.#byHost.get(host) ?? 1) - 1;
    if (left === 0) this.#byHost.delete(host);
    else this.#byHost.set(host, left);
    for (const waiting of this.#waiting) {
      if (this.#running >= this.#limits.total) return;
      if (!this.#isFree(waiting.host)) continue;
      this.#waiting.delete(waiting);
      this.#take(waiting.host);
      waiting.begin();
    }
  }
}
