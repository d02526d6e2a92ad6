// What a source says is so at one moment, and the metric it says it of.

/** `counter` names end in `_total`; values of all types are in base units (seconds, bytes, ratios from 0 to 1). */
export type MetricType = 'gauge' | 'counter' | 'histogram';

export interface MetricDefinition {
  readonly name: string;
  readonly type: MetricType;
  readonly help: string;
  /** The label names a series of this metric may carry, in the order they are written. A label that is absent or empty is not written. */
  readonly labels: readonly string[];
  /** Upper bounds of a histogram's buckets, ascending, without +Inf. */
  readonly buckets?: readonly number[];
}

export type Labels = Readonly<Record<string, string>>;

/**
 * One event that stands for those that a counter or a bucket has counted, so that a person finds one of them in the logs or traces.
 * https://prometheus.io/docs/specs/om/open_metrics_spec/#exemplars
 */
export interface Exemplar {
  /** What to look for: trace_id, say. */
  readonly labels: Labels;
  /** What the event added to the counter or was in the histogram. */
  readonly value: number;
  /** When it happened, in Unix seconds. */
  readonly timestamp?: number;
}

/** The state of one histogram series. */
export interface HistogramValue {
  /** Cumulative counts, one for each upper bound of the definition, without +Inf (which is `count`). */
  readonly cumulative: readonly number[];
  readonly sum: number;
  readonly count: number;
  /** The last one of each bucket, +Inf last. */
  readonly exemplars?: readonly (Exemplar | undefined)[];
}

export interface Observation {
  readonly metric: MetricDefinition;
  readonly labels: Labels;
  readonly value: number | HistogramValue;
  /** The last one of a counter. */
  readonly exemplar?: Exemplar | undefined;
}

/** The identity of a series: the metric's name and its labels, whatever their order. Two observations with equal keys are duplicates. */
export function seriesKey(metric: MetricDefinition, labels: Labels): string {
  let key = metric.name;
  for (const name of metric.labels) {
    const value = labels[name];
    if (value) key += `\u0000${name}\u0001${value}`;
  }
  return key;
}

/** One after the other; each is asked for its observations when its turn comes. */
export function concat(parts: readonly Iterable<Observation>[]): Iterable<Observation> {
  return {
    *[Symbol.iterator]() {
      for (const part of parts) yield* part;
    },
  };
}
