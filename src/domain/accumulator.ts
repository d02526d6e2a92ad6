// Metrics that grow as events come: what log sources and incremental queries feed.
// Handles are resolved once and then cost an addition for each event.

import type { Exemplar, HistogramValue, Labels, MetricDefinition, Observation } from './observation.js';
import { seriesKey } from './observation.js';

export interface CounterHandle {
  /** @throws RangeError when the amount is negative or not finite: a counter never falls. */
  add(amount: number, exemplar?: Exemplar): void;
}

export interface GaugeHandle {
  set(value: number): void;
  /** Sets the value unless the present one is greater. */
  raise(value: number): void;
}

export interface HistogramHandle {
  observe(value: number, exemplar?: Exemplar): void;
}

/** One series: what it is by now, and what of it is shown. */
interface Series {
  readonly metric: MetricDefinition;
  readonly labels: Labels;
  /** Undefined until it is published. */
  shown: Observation | undefined;
  changed: boolean;
}

interface ScalarState extends Series {
  value: number;
  exemplar: Exemplar | undefined;
}

interface HistogramState extends Series {
  /** Not cumulative; the last place counts what is above the highest bound. */
  readonly counts: number[];
  sum: number;
  /** By bucket; none where there has never been one. */
  readonly exemplars: Exemplar[];
}

/**
 * The values of all series, as something that JSON can hold. Metrics are told by their names. Exemplars are left out: they are examples,
 * and after a restart the next lines bring new ones.
 */
export interface AccumulatorRecord {
  readonly scalars: readonly { readonly metric: string; readonly labels: Labels; readonly value: number }[];
  /** `counts` are not cumulative. */
  readonly histograms: readonly {
    readonly metric: string;
    readonly labels: Labels;
    readonly counts: readonly number[];
    readonly sum: number;
  }[];
}

export class Accumulator {
  readonly #scalars = new Map<string, ScalarState>();
  readonly #histograms = new Map<string, HistogramState>();
  #version = 0;
  #staged = false;

  /** Changes whenever what `observations` tells does: compare it to know whether there is something new to render. */
  get version(): number {
    return this.#version;
  }

  /** From now on `observations` tells the state as of the last `publish`: for what must be on the disk before anybody sees it. */
  stage(): void {
    if (this.#staged) return;
    this.publish();
    this.#staged = true;
  }

  /** What has been counted until now is told from now on. */
  publish(): void {
    let isNew = false;
    for (const state of this.#scalars.values()) {
      if (!state.changed) continue;
      state.changed = false;
      state.shown = tellScalar(state);
      isNew = true;
    }
    for (const state of this.#histograms.values()) {
      if (!state.changed) continue;
      state.changed = false;
      state.shown = tellHistogram(state);
      isNew = true;
    }
    if (isNew) this.#version++;
  }

  /** The counter of this series, born at 0 if it did not exist: declare known series this way before the first event. */
  counter(metric: MetricDefinition, labels: Labels): CounterHandle {
    const state = this.#scalar(metric, labels);
    return {
      add: (amount, exemplar) => {
        if (!(amount >= 0) || amount === Infinity) throw new RangeError(`${metric.name} cannot grow by ${amount}`);
        state.value += amount;
        if (exemplar) state.exemplar = exemplar;
        this.#touch(state);
      },
    };
  }

  /** The gauge of this series, born at 0. */
  gauge(metric: MetricDefinition, labels: Labels): GaugeHandle {
    const state = this.#scalar(metric, labels);
    const set = (value: number) => {
      state.value = value;
      this.#touch(state);
    };
    return {
      set,
      raise: (value) => {
        if (value > state.value) set(value);
      },
    };
  }

  histogram(metric: MetricDefinition, labels: Labels): HistogramHandle {
    const bounds = metric.buckets ?? [];
    const state = this.#histogram(metric, labels);
    return {
      observe: (value, exemplar) => {
        let place = 0;
        while (place < bounds.length && value > (bounds[place] ?? Infinity)) place++;
        state.counts[place] = (state.counts[place] ?? 0) + 1;
        state.sum += value;
        if (exemplar) state.exemplars[place] = exemplar;
        this.#touch(state);
      },
    };
  }

  /** Forgets the series for which `keep` is false: what a changed YAML no longer declares. */
  retain(keep: (metric: MetricDefinition, labels: Labels) => boolean): void {
    for (const series of [this.#scalars, this.#histograms]) {
      for (const [key, state] of series) {
        if (keep(state.metric, state.labels)) continue;
        series.delete(key);
        this.#version++;
      }
    }
  }

  /** All that has been counted, what is not published included. */
  record(): AccumulatorRecord {
    return {
      scalars: [...this.#scalars.values()].map(({ metric, labels, value }) => ({ metric: metric.name, labels, value })),
      histograms: [...this.#histograms.values()].map(({ metric, labels, counts, sum }) => ({
        metric: metric.name,
        labels,
        counts: [...counts],
        sum,
      })),
    };
  }

  /**
   * Sets the series of the record to its values; others stay as they are. Handles stay good.
   * @param metrics those that are wanted: series of others, and histograms whose buckets have changed, are left out
   */
  restore({ scalars, histograms }: AccumulatorRecord, metrics: readonly MetricDefinition[]): void {
    const byName = new Map(metrics.map((metric) => [metric.name, metric]));
    for (const { metric: name, labels, value } of scalars) {
      const metric = byName.get(name);
      if (!metric) continue;
      const state = this.#scalar(metric, labels);
      state.value = value;
      this.#touch(state);
    }
    for (const { metric: name, labels, counts, sum } of histograms) {
      const metric = byName.get(name);
      if (!metric || counts.length !== (metric.buckets ?? []).length + 1) continue;
      const state = this.#histogram(metric, labels);
      state.counts.splice(0, counts.length, ...counts);
      state.sum = sum;
      this.#touch(state);
    }
  }

  observations(): Observation[] {
    const all: Observation[] = [];
    for (const state of this.#scalars.values()) {
      const shown = this.#staged ? state.shown : tellScalar(state);
      if (shown) all.push(shown);
    }
    for (const state of this.#histograms.values()) {
      const shown = this.#staged ? state.shown : tellHistogram(state);
      if (shown) all.push(shown);
    }
    return all;
  }

  #touch(state: Series): void {
    state.changed = true;
    if (!this.#staged) this.#version++;
  }

  #histogram(metric: MetricDefinition, labels: Labels): HistogramState {
    const key = seriesKey(metric, labels);
    let state = this.#histograms.get(key);
    if (!state) {
      const counts = Array.from({ length: (metric.buckets ?? []).length + 1 }, () => 0);
      state = { metric, labels, counts, sum: 0, exemplars: [], shown: undefined, changed: true };
      this.#histograms.set(key, state);
      this.#touch(state);
    }
    return state;
  }

  #scalar(metric: MetricDefinition, labels: Labels): ScalarState {
    const key = seriesKey(metric, labels);
    let state = this.#scalars.get(key);
    if (!state) {
      state = { metric, labels, value: 0, exemplar: undefined, shown: undefined, changed: true };
      this.#scalars.set(key, state);
      this.#touch(state);
    }
    return state;
  }
}

function tellScalar({ metric, labels, value, exemplar }: ScalarState): Observation {
  return exemplar ? { metric, labels, value, exemplar } : { metric, labels, value };
}

function tellHistogram({ metric, labels, counts, sum, exemplars }: HistogramState): Observation {
  const value = cumulate(counts, sum);
  return { metric, labels, value: exemplars.length > 0 ? { ...value, exemplars: [...exemplars] } : value };
}

function cumulate(counts: readonly number[], sum: number): HistogramValue {
  let total = 0;
  const cumulative = counts.map((count) => (total += count));
  return { cumulative: cumulative.slice(0, -1), sum, count: total };
}
