// Owns time for all collectors of one source.

import type { Clock } from '../domain/clock.js';
import type { Collector } from '../sources/kind.js';
import { CollectorLoop, type Sink } from './collector-loop.js';
import type { CollectorState } from './collector-state.js';
import type { CollectorStatus, RunStatus } from './status.js';

/** How long a source may take to let go after an abort before it is left behind. */
const STOP_LIMIT_MS = 1_500;

export interface PollerOptions {
  readonly source: string;
  readonly collectors: readonly Collector[];
  /** What is known of the collector of this name, from before a reload where there was one. */
  readonly state: (collector: string) => CollectorState;
  readonly clock: Clock;
  readonly sink: Sink;
}

export class Poller {
  readonly #loops: readonly CollectorLoop[];
  readonly #clock: Clock;
  #ready = false;

  constructor({ source, collectors, state, clock, sink }: PollerOptions) {
    this.#clock = clock;
    this.#loops = collectors.map((collector) => new CollectorLoop(source, collector, state(collector.name), clock, sink));
  }

  start(): void {
    for (const loop of this.#loops) loop.start();
  }

  /** @returns once every collection has ended, or a time limit for those that hang has passed */
  async stop(): Promise<void> {
    const stopped = Promise.all(this.#loops.map((loop) => loop.stop()));
    await Promise.race([stopped, new Promise<void>((resolve) => this.#clock.after(STOP_LIMIT_MS, resolve))]);
  }

  /** Lets a collector look now. @returns how the look ended; undefined where there is no such collector, or it was stopped meanwhile */
  async lookNow(name: string): Promise<RunStatus | undefined> {
    return this.#loops.find(({ collector }) => collector.name === name)?.lookNow();
  }

  /** Every collector has been tried once. */
  get ready(): boolean {
    // It stays so, and is asked after each collection of a thousand collectors.
    return (this.#ready ||= this.#loops.every(({ state }) => state.runs.length > 0));
  }

  status(): CollectorStatus[] {
    return this.#loops.map(({ collector, state, nextRunAt }) => ({
      name: collector.name,
      up: state.up,
      stale: !state.fresh && state.lastSuccessAt !== null,
      intervalMs: collector.interval,
      maxStalenessMs: collector.maxStaleness,
      lastSuccessAt: state.lastSuccessAt,
      nextRunAt: nextRunAt === null ? null : Math.round(nextRunAt),
      consecutiveFailures: state.failing?.count ?? 0,
      failingSince: state.failing?.since ?? null,
      runs: state.runs,
    }));
  }
}
