// Metrics that grow as events come: what log sources and incremental queries feed.
// Handles are resolved once and then cost an addition for each event.

import type { HistogramValue, Labels, MetricDefinition, Observation } from './observation.js';
import { seriesKey } from './observation.js';

export interface CounterHandle {
  /** @throws RangeError when the amount is negative or not finite: a counter never falls. */
  add(amount: number): void;
}

export interface GaugeHandle {
  set(value: number): void;
  /** Sets the value unless the present one is greater. */
  raise(value: number): void;
}

export interface HistogramHandle {
  observe(value: number): void;
}

interface ScalarState {
  readonly metric: MetricDefinition;
  readonly labels: Labels;
  value: number;
}

interface HistogramState {
  readonly metric: MetricDefinition;
  readonly labels: Labels;
  /** Not cumulative; the last place counts what is above the highest bound. */
  readonly counts: number[];
  sum: number;
}

/** The values of all series, as something that JSON can hold. Metrics are told by their names. */
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

  /** Changes whenever a value does: compare it to know whether there is something new to render. */
  get version(): number {
    return this.#version;
  }

  /** The counter of this series, born at 0 if it did not exist: declare known series this way before the first event. */
  counter(metric: MetricDefinition, labels: Labels): CounterHandle {
    const state = this.#scalar(metric, labels);
    return {
      add: (amount) => {
        if (!(amount >= 0) || amount === Infinity) throw new RangeError(`${metric.name} cannot grow by ${amount}`);
        state.value += amount;
        this.#version++;
      },
    };
  }

  /** The gauge of this series, born at 0. */
  gauge(metric: MetricDefinition, labels: Labels): GaugeHandle {
    const state = this.#scalar(metric, labels);
    return {
      set: (value) => {
        state.value = value;
        this.#version++;
      },
      raise: (value) => {
        if (value <= state.value) return;
        state.value = value;
        this.#version++;
      },
    };
  }

  histogram(metric: MetricDefinition, labels: Labels): HistogramHandle {
    const bounds = metric.buckets ?? [];
    const state = this.#histogram(metric, labels);
    return {
      observe: (value) => {
        let place = 0;
        while (place < bounds.length && value > (bounds[place] ?? Infinity)) place++;
        state.counts[place] = (state.counts[place] ?? 0) + 1;
        state.sum += value;
        this.#version++;
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
      if (metric) this.#scalar(metric, labels).value = value;
    }
    for (const { metric: name, labels, counts, sum } of histograms) {
      const metric = byName.get(name);
      if (!metric || counts.length !== (metric.buckets ?? []).length + 1) continue;
      const state = this.#histogram(metric, labels);
      state.counts.splice(0, counts.length, ...counts);
      state.sum = sum;
    }
    this.#version++;
  }

  observations(): Observation[] {
    const all: Observation[] = [];
    for (const { metric, labels, value } of this.#scalars.values()) all.push({ metric, labels, value });
    for (const { metric, labels, counts, sum } of this.#histograms.values()) all.push({ metric, labels, value: cumulate(counts, sum) });
    return all;
  }

  #histogram(metric: MetricDefinition, labels: Labels): HistogramState {
    const key = seriesKey(metric, labels);
    let state = this.#histograms.get(key);
    if (!state) {
      state = { metric, labels, counts: Array.from({ length: (metric.buckets ?? []).length + 1 }, () => 0), sum: 0 };
      this.#histograms.set(key, state);
      this.#version++;
    }
    return state;
  }

  #scalar(metric: MetricDefinition, labels: Labels): ScalarState {
    const key = seriesKey(metric, labels);
    let state = this.#scalars.get(key);
    if (!state) {
      state = { metric, labels, value: 0 };
      this.#scalars.set(key, state);
      this.#version++;
    }
    return state;
  }
}

function cumulate(counts: readonly number[], sum: number): HistogramValue {
  let total = 0;
  const cumulative = counts.map((count) => (total += count));
  return { cumulative: cumulative.slice(0, -1), sum, count: total };
}
