// What is exposed now: assembled at most once per change, written at most once per format.

import type { Accumulator } from '../domain/accumulator.js';
import type { Observation } from '../domain/observation.js';
import type { Collector } from '../sources/kind.js';
import { assemble, type Assembly } from './assembly.js';
import { renderFamilies, toSeriesAgain, type Format, type Series } from './exposition.js';
import { startGzip, type GzipStart } from './gzip.js';

/** One state of the source; it never changes. */
export class Snapshot {
  readonly #bytes = new Map<Format, Buffer>();
  readonly #gzip = new Map<Format, Promise<GzipStart>>();

  constructor(readonly assembly: Assembly) {}

  /** The document without its ending. */
  bytes(format: Format): Buffer {
    let bytes = this.#bytes.get(format);
    if (!bytes) {
      bytes = Buffer.from(renderFamilies(this.assembly.families, format));
      this.#bytes.set(format, bytes);
    }
    return bytes;
  }

  gzip(format: Format): Promise<GzipStart> {
    let gzip = this.#gzip.get(format);
    if (!gzip) {
      gzip = startGzip(this.bytes(format));
      this.#gzip.set(format, gzip);
    }
    return gzip;
  }
}

interface Held {
  readonly accumulator: Accumulator | undefined;
  accumulatorVersion: number;
  accumulated: readonly Series[];
  collected: readonly Series[];
  /** Gauges are exposed. */
  fresh: boolean;
}

export class SnapshotStore {
  readonly #reserved: ReadonlySet<string>;
  #held = new Map<string, Held>();
  #maxSeries = 0;
  #current: Snapshot | undefined;

  constructor(reserved: ReadonlySet<string>) {
    this.#reserved = reserved;
  }

  /** The collectors there are from now on, in the order that decides which of two equal series stays. What was collected under the same name is kept. */
  use(collectors: readonly Collector[], maxSeries: number): void {
    const before = this.#held;
    this.#held = new Map(
      collectors.map(({ name, accumulator }) => {
        const { collected = [], fresh = false } = before.get(name) ?? {};
        return [name, { accumulator, accumulatorVersion: -1, accumulated: [], collected, fresh }];
      }),
    );
    this.#maxSeries = maxSeries;
    this.#current = undefined;
  }

  /** Replaces what the collector said before. */
  put(collector: string, observations: readonly Observation[]): void {
    const held = this.#held.get(collector);
    if (!held) return;
    held.collected = observations.map((observation, index) => toSeriesAgain(observation, held.collected[index]));
    held.fresh = true;
    this.#current = undefined;
  }

  /** Withdraws the gauges of the collector; counters and histograms are facts about the past and stay. */
  withdraw(collector: string): void {
    const held = this.#held.get(collector);
    if (!held) return;
    held.fresh = false;
    this.#current = undefined;
  }

  /** The state now. The same object as long as nothing has changed. */
  current(): Snapshot {
    for (const held of this.#held.values()) {
      if (!held.accumulator || held.accumulator.version === held.accumulatorVersion) continue;
      held.accumulatorVersion = held.accumulator.version;
      held.accumulated = held.accumulator.observations().map((observation, index) => toSeriesAgain(observation, held.accumulated[index]));
      this.#current = undefined;
    }
    this.#current ??= new Snapshot(assemble(this.#parts(), this.#maxSeries, this.#reserved));
    return this.#current;
  }

  #parts() {
    return [...this.#held].map(([collector, { accumulated, collected, fresh }]) => {
      const series = [...accumulated, ...collected];
      return { collector, series: fresh ? series : series.filter(({ metric }) => metric.type !== 'gauge') };
    });
  }
}
