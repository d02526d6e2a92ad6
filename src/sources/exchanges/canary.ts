// The round trip of a small file of our own: written, renamed, read, compared, removed. In one directory, under names that are ours alone.
// That it fails is what it finds out, not a failure of the source.

import { randomBytes } from 'node:crypto';
import { canary as metrics } from '../../conventions.js';
import type { Accumulator } from '../../domain/accumulator.js';
import type { Clock } from '../../domain/clock.js';
import type { Labels, Observation } from '../../domain/observation.js';
import { SourceError, type Collector, type ErrorClass, type SourceConfig } from '../kind.js';
import { schedule } from '../schedule.js';
import { CANARY_PARTIAL, isCanaryOf, newCanaryName } from './canary-name.js';
import { CANARY_COLLECTOR } from './check.js';
import type { Frame, Round } from './frame.js';
import { pathOf } from './reading.js';
import type { CanaryOptions, ExchangeOptions } from './schema.js';
import type { FileStore } from './store.js';

const CONTENT_BYTES = 64;
/** Round trips of another exporter take no longer than ours; what lies there for so many time-outs was left by one that died. */
const LEFT_BEHIND_AFTER_TIMEOUTS = 3;
const LEFT_BEHIND_AFTER_MS = 60_000;
/** So that a failed round may still clean up after itself. */
const CLEANING_MS = 2_000;
/** Of the time-out, for the round itself; the rest is for cleaning up. */
const ROUND_SHARE = 0.8;
/** Files of one directory that are remembered as perhaps left behind. */
const MOST_LEFT = 1_000;

const STEPS = ['connect', 'list', 'write', 'rename', 'read', 'compare', 'remove'] as const;
type Step = (typeof STEPS)[number];

const OPERATION = ['not_found', 'permission', 'timeout', 'lost', 'protocol'] as const;
const WRITING = [...OPERATION, 'full', 'read_only'] as const;
/** What is missing on our side says nothing of the server. */
const OURS: ReadonlySet<ErrorClass> = new Set(['secret', 'config', 'internal']);
/** Every way in which a round may fail: these counters exist at 0 from the first scrape. */
const FAILURES: Readonly<Record<Step, readonly ErrorClass[]>> = {
  connect: ['refused', 'dns', 'unreachable', 'timeout', 'tls', 'host_key', 'auth', 'lost', 'protocol'],
  list: OPERATION,
  write: WRITING,
  rename: WRITING,
  read: OPERATION,
  compare: ['protocol'],
  remove: WRITING,
};

export class Canary implements Collector {
  readonly name = CANARY_COLLECTOR;
  readonly interval: number;
  readonly timeout: number;
  readonly maxStaleness: number;
  readonly accumulator: Accumulator;
  readonly #options: CanaryOptions;
  readonly #source: string;
  readonly #frame: Frame;
  readonly #labels: Labels;
  /** Files of round trips that are not ours or that we could not remove, and since when they lie there by our clock. */
  #left = new Map<string, number>();
  /** Ours, from rounds that failed: they may be removed at once. */
  readonly #mine = new Set<string>();

  constructor(options: CanaryOptions, source: SourceConfig<ExchangeOptions>, frame: Frame) {
    const { interval, timeout, maxStaleness } = schedule(source, options);
    this.interval = interval;
    this.timeout = timeout;
    this.maxStaleness = maxStaleness;
    this.#options = options;
    this.#source = source.name;
    this.#frame = frame;
    this.#labels = { source: source.name, kind: source.kind };
    this.accumulator = frame.context.accumulator(this.name);
    for (const step of STEPS) {
      if (step === 'rename' && options.keep_name) continue;
      for (const one of FAILURES[step]) this.accumulator.counter(metrics.failures, { ...this.#labels, step, class: one });
    }
  }

  collect(signal: AbortSignal): Promise<Iterable<Observation>> {
    return this.#frame.round(this.name, this.#options.directory, async (round, fail) => {
      const trip = new Trip(this.#frame.clock);
      const limit = AbortSignal.any([signal, trip.timeout(this.timeout * ROUND_SHARE)]);
      let error: SourceError | undefined;
      try {
        await this.#frame.use(limit, (store) => this.#travel(store, trip, round, limit));
      } catch (reason) {
        if (!(reason instanceof SourceError) || signal.aborted || OURS.has(reason.errorClass)) throw reason;
        error = reason;
      } finally {
        trip.end();
      }
      if (error) {
        fail(`${error.errorClass} in ${trip.step}: ${error.message}`);
        this.accumulator.counter(metrics.failures, { ...this.#labels, step: trip.step, class: error.errorClass }).add(1);
        await this.#cleanUp(signal);
      }
      return this.#observations(trip, error === undefined);
    });
  }

  async #travel(store: FileStore, trip: Trip, round: Round, signal: AbortSignal): Promise<void> {
    const { directory, keep_name: keepsName = false } = this.#options;
    trip.enter('list');
    await this.#removeLeftovers(store, round, signal);
    const name = newCanaryName(this.#source);
    const written = keepsName ? name : `${name}${CANARY_PARTIAL}`;
    const content = randomBytes(CONTENT_BYTES);
    this.#mine.add(written).add(name);
    trip.enter('write');
    await store.write(pathOf(directory, written), content, signal);
    if (!keepsName) {
      trip.enter('rename');
      await store.rename(pathOf(directory, written), pathOf(directory, name), signal);
    }
    trip.enter('read');
    const found = await store.read(pathOf(directory, name), CONTENT_BYTES + 1, signal);
    trip.enter('compare');
    if (!found.equals(content)) throw new SourceError('read', 'protocol', `${directory}: what was read is not what was written`);
    trip.enter('remove');
    await store.remove(pathOf(directory, name), signal);
    this.#mine.delete(written);
    this.#mine.delete(name);
    round.say(`${CONTENT_BYTES} bytes were written${keepsName ? '' : ', renamed'}, read, compared and removed`);
  }

  /** Those of rounds of ours at once; those of others, once they have lain there longer than any round takes, by our own clock. */
  async #removeLeftovers(store: FileStore, round: Round, signal: AbortSignal): Promise<void> {
    const { directory } = this.#options;
    const now = this.#frame.clock.monotonic();
    const still = new Map<string, number>();
    await store.list(
      directory,
      ({ name }) => {
        if (isCanaryOf(this.#source, name) && still.size < MOST_LEFT) still.set(name, this.#left.get(name) ?? now);
      },
      signal,
    );
    for (const name of this.#mine) if (!still.has(name)) this.#mine.delete(name);
    this.#left = still;
    const leftBehindAfter = Math.max(this.timeout * LEFT_BEHIND_AFTER_TIMEOUTS, LEFT_BEHIND_AFTER_MS);
    for (const [name, since] of still) {
      if (!this.#mine.has(name) && now - since < leftBehindAfter) continue;
      await store.remove(pathOf(directory, name), signal);
      this.#mine.delete(name);
      this.#left.delete(name);
      round.say('a file that an earlier round trip had left behind was removed');
    }
  }

  /** What cannot be removed now is removed by a later round. */
  async #cleanUp(signal: AbortSignal): Promise<void> {
    const { directory } = this.#options;
    if (this.#mine.size === 0) return;
    const trip = new Trip(this.#frame.clock);
    const limit = AbortSignal.any([signal, trip.timeout(CLEANING_MS)]);
    try {
      await this.#frame.use(limit, async (store) => {
        for (const name of this.#mine) {
          await store.remove(pathOf(directory, name), limit);
          this.#mine.delete(name);
        }
      });
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
    } finally {
      trip.end();
    }
  }

  #observations(trip: Trip, isUp: boolean): Observation[] {
    return [
      { metric: metrics.up, labels: this.#labels, value: isUp ? 1 : 0 },
      ...[...trip.durations].map(([step, seconds]) => ({ metric: metrics.duration, labels: { ...this.#labels, step }, value: seconds })),
    ];
  }
}

/** One round: which step runs, and how long each took. */
class Trip {
  readonly durations = new Map<Step, number>();
  step: Step = 'connect';
  readonly #clock: Clock;
  #since: number;
  #cancel: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#since = clock.monotonic();
  }

  enter(step: Step): void {
    this.#close();
    this.step = step;
  }

  timeout(ms: number): AbortSignal {
    const controller = new AbortController();
    const timer = this.#clock.after(ms, () => controller.abort());
    this.#cancel = () => timer.cancel();
    return controller.signal;
  }

  end(): void {
    this.#close();
    this.#cancel?.();
  }

  #close(): void {
    const now = this.#clock.monotonic();
    // Where the connection was there already, reaching it took no time; where it was lost, the steps are gone through once more.
    this.durations.set(this.step, Math.round((now - this.#since) * 1000) / 1e6);
    this.#since = now;
  }
}
