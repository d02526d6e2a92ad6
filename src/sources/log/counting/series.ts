// The series that a log source feeds: it remembers which ones, so that those of an earlier YAML can go.

import type { Accumulator } from '../../../domain/accumulator.js';
import { seriesKey, type Labels, type MetricDefinition } from '../../../domain/observation.js';
import { type Pending, PendingCounter, PendingGauge, PendingHistogram } from './pending.js';

export class SeriesSet {
  readonly #accumulator: Accumulator;
  readonly #keys = new Set<string>();

  constructor(
    accumulator: Accumulator,
    /** Where what lines say waits until their piece is understood. */
    readonly pending: Pending,
  ) {
    this.#accumulator = accumulator;
  }

  counter(metric: MetricDefinition, labels: Labels): PendingCounter {
    this.#keys.add(seriesKey(metric, labels));
    return new PendingCounter(this.pending, this.#accumulator.counter(metric, labels));
  }

  /** Each value takes the place of the one before. */
  gauge(metric: MetricDefinition, labels: Labels): PendingGauge {
    this.#keys.add(seriesKey(metric, labels));
    return new PendingGauge(this.pending, this.#accumulator.gauge(metric, labels), false);
  }

  /** The greatest value stays. */
  highest(metric: MetricDefinition, labels: Labels): PendingGauge {
    this.#keys.add(seriesKey(metric, labels));
    return new PendingGauge(this.pending, this.#accumulator.gauge(metric, labels), true);
  }

  histogram(metric: MetricDefinition, labels: Labels): PendingHistogram {
    this.#keys.add(seriesKey(metric, labels));
    return new PendingHistogram(this.pending, this.#accumulator.histogram(metric, labels));
  }

  /** Labels of the series of this metric that are there from before, if the metric still is the same. */
  earlier(metric: MetricDefinition): Labels[] {
    return [...this.#accumulator.series()].filter((series) => isSame(series.metric, metric)).map(({ labels }) => labels);
  }

  /** Forgets all series that have not been asked for. */
  dropOthers(): void {
    this.#accumulator.retain((metric, labels) => this.#keys.has(seriesKey(metric, labels)));
  }
}

function isSame(a: MetricDefinition, b: MetricDefinition): boolean {
  return a.name === b.name && a.type === b.type && a.help === b.help && a.labels.join() === b.labels.join();
}
