// How many probes run at once, in all and against one host: endpoints that hang must not take all there is, and no host is to be flooded.

export interface Limits {
  readonly total: number;
  readonly perHost: number;
}

export interface Work {
  /** What the limit per host goes by. */
  readonly host: string;
  /**
   * Whether it is likely to hang, as it did the last time. Such work takes no more than half of the places, in all and of a host, so that
   * what is well always finds one.
   */
  readonly doubtful?: boolean;
}

interface Waiting extends Work {
  readonly begin: () => void;
}

/** How many run of something, and how many of them are doubtful. */
class Places {
  #running = 0;
  #doubtful = 0;

  constructor(private readonly most: number) {}

  get isEmpty(): boolean {
    return this.#running === 0;
  }

  hasRoomFor({ doubtful = false }: Work): boolean {
    if (this.#running >= this.most) return false;
    return !doubtful || this.#doubtful < Math.max(1, Math.floor(this.most / 2));
  }

  take({ doubtful = false }: Work): void {
    this.#running++;
    if (doubtful) this.#doubtful++;
  }

  leave({ doubtful = false }: Work): void {
    this.#running--;
    if (doubtful) this.#doubtful--;
  }
}

/** Who comes first has its turn first, as far as there is a place for it. */
export class Limiter {
  readonly #perHost: number;
  readonly #all: Places;
  readonly #byHost = new Map<string, Places>();
  /** In the order in which they came. */
  readonly #waiting = new Set<Waiting>();

  constructor({ total, perHost }: Limits) {
    this.#all = new Places(total);
    this.#perHost = perHost;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** Runs the task when its turn comes. @throws the reason of the signal where it aborts before that */
  async run<T>(work: Work, signal: AbortSignal, task: () => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    if (this.#hasRoomFor(work)) this.#take(work);
    else await this.#turn(work, signal);
    try {
      // It may have aborted since the place became free.
      signal.throwIfAborted();
      return await task();
    } finally {
      this.#leave(work);
    }
  }

  #turn(work: Work, signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiting: Waiting = { ...work, begin: resolve };
    const giveUp = () => {
      this.#waiting.delete(waiting);
      reject(signal.reason);
    };
    this.#waiting.add(waiting);
    signal.addEventListener('abort', giveUp, { once: true });
    return promise.finally(() => signal.removeEventListener('abort', giveUp));
  }

  #hasRoomFor(work: Work): boolean {
    return this.#all.hasRoomFor(work) && (this.#byHost.get(work.host)?.hasRoomFor(work) ?? true);
  }

  #take(work: Work): void {
    const host = this.#byHost.get(work.host) ?? new Places(this.#perHost);
    this.#byHost.set(work.host, host);
    this.#all.take(work);
    host.take(work);
  }

  #leave(work: Work): void {
    const host = this.#byHost.get(work.host);
    this.#all.leave(work);
    host?.leave(work);
    if (host?.isEmpty) this.#byHost.delete(work.host);
    for (const waiting of this.#waiting) {
      if (!this.#all.hasRoomFor({ host: '' })) return;
      if (!this.#hasRoomFor(waiting)) continue;
      this.#waiting.delete(waiting);
      this.#take(waiting);
      waiting.begin();
    }
  }
}
