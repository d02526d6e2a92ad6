// The series that a log source feeds: it remembers which ones, so that those of an earlier YAML can go.

import type { Accumulator, CounterHandle, GaugeHandle, HistogramHandle } from '../../../domain/accumulator.js';
import { seriesKey, type Labels, type MetricDefinition } from '../../../domain/observation.js';

export class SeriesSet {
  readonly #accumulator: Accumulator;
  readonly #keys = new Set<string>();

  constructor(accumulator: Accumulator) {
    this.#accumulator = accumulator;
  }

  counter(metric: MetricDefinition, labels: Labels): CounterHandle {
    this.#keys.add(seriesKey(metric, labels));
    return this.#accumulator.counter(metric, labels);
  }

  gauge(metric: MetricDefinition, labels: Labels): GaugeHandle {
    this.#keys.add(seriesKey(metric, labels));
    return this.#accumulator.gauge(metric, labels);
  }

  histogram(metric: MetricDefinition, labels: Labels): HistogramHandle {
    this.#keys.add(seriesKey(metric, labels));
    return this.#accumulator.histogram(metric, labels);
  }

  /** Labels of the series of this metric that are there from before a reload, if the metric still is the same. */
  earlier(metric: MetricDefinition): Labels[] {
    return this.#accumulator
      .observations()
      .filter((observation) => isSame(observation.metric, metric))
      .map(({ labels }) => labels);
  }

  /** Forgets all series that have not been asked for. */
  dropOthers(): void {
    this.#accumulator.retain((metric, labels) => this.#keys.has(seriesKey(metric, labels)));
  }
}

function isSame(a: MetricDefinition, b: MetricDefinition): boolean {
  return a.name === b.name && a.type === b.type && a.help === b.help && a.labels.join() === b.labels.join();
}
