// Metrics that grow as events come: what log sources and incremental queries feed.
// Handles are resolved once and then cost an addition for each event.

import type { Exemplar, Labels, MetricDefinition, Observation } from './observation.js';
import { seriesKey } from './observation.js';
import { ownText } from './own-text.js';
import { Counter, Gauge, Histogram, type Series } from './series.js';

export interface CounterHandle {
  /**
   * @param exemplar takes the place of the one before
   * @throws RangeError when the amount is negative or not finite: a counter never falls
   */
  add(amount: number, exemplar?: Exemplar): void;
}

export interface GaugeHandle {
  set(value: number): void;
  /** Sets the value unless the present one is greater. */
  raise(value: number): void;
}

export interface HistogramHandle {
  /**
   * @param exemplar takes the place of the one before in the bucket of the value; its own value must be this one
   * @throws RangeError when the value is not finite: the sum would be lost for ever
   */
  observe(value: number, exemplar?: Exemplar): void;
}

/**
 * The values of all series, as something that JSON can hold. Metrics are told by their names. Exemplars are not among them: they
 * point at what has just happened, Prometheus keeps those it has seen, and for each bucket one would make the record, which is
 * written every second, many times as large. After a restart the next event brings the next one.
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

/**
 * Handles, `record` and `restore` work on the values; `observations` tells them. Once it is staged, an accumulator tells what they
 * were when they were published: what is exposed is then never ahead of what is on the disk.
 */
export class Accumulator {
  readonly #series = new Map<string, Series>();
  /** Series that have changed since they were told. */
  readonly #changes: Series[] = [];
  #staged = false;
  #version = 0;
  #generation = 0;

  /** Changes whenever something that is told does: compare it to know whether there is something new to render. */
  get version(): number {
    if (!this.#staged) this.publish();
    return this.#version;
  }

  /** Changes whenever a series comes or goes, and not with values. */
  get generation(): number {
    return this.#generation;
  }

  /** The counter of this series, born at 0 if it did not exist: declare known series this way before the first event. */
  counter(metric: MetricDefinition, labels: Labels): CounterHandle {
    return this.#find(Counter, metric, labels);
  }

  /** The gauge of this series, born at 0. */
  gauge(metric: MetricDefinition, labels: Labels): GaugeHandle {
    return this.#find(Gauge, metric, labels);
  }

  histogram(metric: MetricDefinition, labels: Labels): HistogramHandle {
    return this.#find(Histogram, metric, labels);
  }

  /** From now on only `publish` changes what is told; what has been told stays until then. */
  stage(): void {
    if (!this.#staged) this.publish();
    this.#staged = true;
  }

  /** The values are told as they are now. Costs as much as there are series that have changed. */
  publish(): void {
    if (this.#changes.length === 0) return;
    for (const series of this.#changes) series.publish();
    this.#changes.length = 0;
    this.#version++;
  }

  /** Something has been counted that is not told yet. */
  get hasChanged(): boolean {
    return this.#changes.length > 0;
  }

  /** Forgets the series for which `keep` is false, told or not, at once: what a changed YAML no longer declares. */
  retain(keep: (metric: MetricDefinition, labels: Labels) => boolean): void {
    for (const [key, { metric, labels }] of this.#series) {
      if (keep(metric, labels)) continue;
      this.#series.delete(key);
      this.#generation++;
      this.#version++;
    }
  }

  /** All series that there are, those that are not told yet included. */
  series(): Iterable<{ readonly metric: MetricDefinition; readonly labels: Labels }> {
    return this.#series.values();
  }

  record(): AccumulatorRecord {
    const scalars: AccumulatorRecord['scalars'][number][] = [];
    const histograms: AccumulatorRecord['histograms'][number][] = [];
    for (const series of this.#series.values()) {
      const { metric, labels } = series;
      if (series instanceof Histogram) histograms.push({ metric: metric.name, labels, counts: series.counts, sum: series.sum });
      else if (series instanceof Counter || series instanceof Gauge) scalars.push({ metric: metric.name, labels, value: series.value });
    }
    return { scalars, histograms };
  }

  /**
   * Sets the series of the record to its values; others stay as they are. Handles stay good.
   * @param metrics those that are wanted: series of others, and histograms whose buckets have changed, are left out
   */
  restore({ scalars, histograms }: AccumulatorRecord, metrics: readonly MetricDefinition[]): void {
    const byName = new Map(metrics.map((metric) => [metric.name, metric]));
    for (const { metric: name, labels, value } of scalars) {
      const metric = byName.get(name);
      if (metric?.type === 'counter') this.#find(Counter, metric, labels).restore(value);
      else if (metric?.type === 'gauge') this.#find(Gauge, metric, labels).restore(value);
    }
    for (const { metric: name, labels, counts, sum } of histograms) {
      const metric = byName.get(name);
      if (!metric || counts.length !== (metric.buckets ?? []).length + 1) continue;
      this.#find(Histogram, metric, labels).restore(counts, sum);
    }
  }

  observations(): Observation[] {
    if (!this.#staged) this.publish();
    const all: Observation[] = [];
    for (const { told } of this.#series.values()) if (told) all.push(told);
    return all;
  }

  /** One whose values mean something else under the definition of today begins anew. */
  #find<S extends Series>(
    make: new (metric: MetricDefinition, labels: Labels, changes: Series[]) => S,
    metric: MetricDefinition,
    labels: Labels,
  ): S {
    const key = seriesKey(metric, labels);
    const known = this.#series.get(key);
    if (known instanceof make && known.redefine(metric)) return known;
    if (known) this.#version++;
    this.#generation++;
    const series = new make(metric, labels, this.#changes);
    // The key was put together from many pieces, which it would keep alive, three times its size.
    this.#series.set(key.isWellFormed() ? ownText(key) : key, series);
    return series;
  }
}
