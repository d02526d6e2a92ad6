// Runs one collector for ever: on its slots, never twice at once, with a time-out, and withdraws what has grown too old.

import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock, Timer } from '../domain/clock.js';
import { formatDuration } from '../domain/duration.js';
import type { Observation } from '../domain/observation.js';
import { SourceError, type Collector } from '../sources/kind.js';
import type { CollectorState } from './collector-state.js';
import { at, backOff, jitter, nextSlot } from './schedule.js';
import type { RunStatus } from './status.js';

/** The phase of an error where the source did not tell. */
export const UNKNOWN_PHASE = 'collect';

/** Where results go. */
export interface Sink {
  /** Takes what was collected with success. @returns what is wrong with it, if anything */
  collected(collector: Collector, observations: Iterable<Observation>): SourceError | undefined;
  /** A run ended, with success where there is no error. */
  ended(collector: Collector, error: SourceError | undefined): void;
  /** The data of the collector are too old: its gauges go. */
  aged(collector: Collector): void;
}

type Outcome = { readonly observations: Iterable<Observation> } | { readonly error: SourceError };

export class CollectorLoop {
  readonly #jitter: number;
  #run: Timer | undefined;
  #aging: Timer | undefined;
  #due: number | undefined;
  #controller: AbortController | undefined;
  /** The promise of a collection that has not settled, given up or not. */
  #unsettled: Promise<Outcome> | undefined;
  /** The look that runs, the taking of its result included. */
  #looking: Promise<void> | undefined;
  #stopped = false;
  #tellStopped: () => void = () => {};
  readonly #stop = new Promise<void>((resolve) => (this.#tellStopped = resolve));

  constructor(
    source: string,
    readonly collector: Collector,
    readonly state: CollectorState,
    private readonly clock: Clock,
    private readonly sink: Sink,
  ) {
    this.#jitter = jitter(source, collector.name, collector.interval);
  }

  /** When it looks next by the wall clock; null while it looks. */
  get nextRunAt(): number | null {
    return this.#due === undefined ? null : this.clock.now() + this.#due - this.clock.monotonic();
  }

  /** Looks at once. Data that the state kept over a reload age on. */
  start(): void {
    if (this.state.fresh) this.#age();
    this.#begin();
  }

  /** Looks now, or waits for the look that runs already. @returns how it ended; undefined where it was stopped before */
  async lookNow(): Promise<RunStatus | undefined> {
    if (this.#stopped) return undefined;
    this.#run?.cancel();
    this.#begin();
    await Promise.race([this.#looking, this.#stop]);
    return this.#stopped ? undefined : this.state.runs[0];
  }

  #begin(): void {
    this.#looking ??= this.#look().finally(() => (this.#looking = undefined));
  }

  /** Aborts what runs. @returns once the source has let go, which a source that hangs never does */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#tellStopped();
    this.#run?.cancel();
    this.#aging?.cancel();
    this.#controller?.abort();
    await this.#unsettled;
  }

  async #look(): Promise<void> {
    this.#due = undefined;
    const startedAt = this.clock.monotonic();
    const wallTime = this.clock.now();
    const hung = this.#unsettled !== undefined;
    const outcome = hung ? { error: this.#stillHanging() } : await this.#collect(startedAt);
    if (this.#stopped) return;
    const steps = this.#take(outcome, wallTime, this.clock.monotonic() - startedAt);
    this.#schedule(startedAt, hung ? 1 : steps);
  }

  /** @returns how many intervals to wait */
  #take(outcome: Outcome, wallTime: number, durationMs: number): number {
    const { state, sink, collector } = this;
    const arrived = 'observations' in outcome;
    if (arrived) {
      state.dataArrived();
      this.#age();
    }
    const error = arrived ? sink.collected(collector, outcome.observations) : outcome.error;
    if (error) state.failed(wallTime, durationMs, error);
    else state.succeeded(wallTime, durationMs);
    sink.ended(collector, error);
    return arrived ? 1 : backOff(state.failing?.count ?? 0, collector.interval);
  }

  #schedule(startedAt: number, steps: number): void {
    const { interval } = this.collector;
    // No slot before the delay is over.
    const from = this.clock.monotonic() + (this.collector.delay?.() ?? 0);
    this.#due = nextSlot(startedAt, from, steps, interval, this.#jitter);
    this.#run = at(this.clock, this.#due, () => this.#begin());
  }

  /** Withdraws the data when their time has come, whatever the collection does meanwhile. */
  #age(): void {
    this.#aging?.cancel();
    const { state, collector, clock, sink } = this;
    if (state.dataAt === undefined) return;
    this.#aging = at(clock, state.dataAt + collector.maxStaleness, () => {
      state.dataAged();
      sink.aged(collector);
    });
  }

  async #collect(startedAt: number): Promise<Outcome> {
    const controller = new AbortController();
    this.#controller = controller;
    const looking = collectOnce(this.collector, controller.signal);
    this.#unsettled = looking;
    void looking.then(() => (this.#unsettled = undefined));

    let timer: Timer | undefined;
    const expired = new Promise<void>((resolve) => {
      timer = at(this.clock, startedAt + this.collector.timeout, resolve);
    });
    const outcome = await Promise.race([looking, expired]);
    timer?.cancel();
    if (outcome) return outcome;

    controller.abort();
    // A source that reacts to the signal at once tells in which phase it was; one that does not is not waited for.
    const last = await Promise.race([looking, nextTurn()]);
    const phase = last && 'error' in last ? last.error.phase : UNKNOWN_PHASE;
    return { error: new SourceError(phase, 'timeout', `no answer within ${formatDuration(this.collector.timeout)}`) };
  }

  #stillHanging(): SourceError {
    return new SourceError(UNKNOWN_PHASE, 'timeout', 'an earlier collection still hangs, so no new one was started');
  }
}

/** Never rejects. */
async function collectOnce(collector: Collector, signal: AbortSignal): Promise<Outcome> {
  try {
    return { observations: await collector.collect(signal) };
  } catch (error) {
    return { error: toSourceError(error) };
  }
}

/** An exception that no source should throw is told by its class alone: libraries put secrets into messages. */
export function toSourceError(error: unknown): SourceError {
  if (error instanceof SourceError) return error;
  const name = error instanceof Error ? error.constructor.name : typeof error;
  return new SourceError(UNKNOWN_PHASE, 'internal', `unexpected ${name}`);
}

/** The collector with another way to look. */
export function withCollect(collector: Collector, collect: Collector['collect']): Collector {
  const { name, interval, timeout, accumulator } = collector;
  return {
    name,
    interval,
    timeout,
    // It may change from run to run.
    get maxStaleness() {
      return collector.maxStaleness;
    },
    delay: () => collector.delay?.() ?? 0,
    collect,
    ...(accumulator && { accumulator }),
  };
}
