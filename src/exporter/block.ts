// The series of one metric that one collector tells.

import type { MetricDefinition } from '../domain/observation.js';
import type { Format, Series } from './exposition.js';

/** It never changes. */
export interface Block {
  readonly metric: MetricDefinition;
  /** Number of observations. */
  readonly size: number;
  /** Series of each observation as Prometheus counts them: a histogram is one for each bucket, and sum and count. */
  readonly seriesEach: number;
  /** The same number for observations of the same identity, here and in other blocks; seldom for others. */
  hash(index: number): number;
  at(index: number): Series;
  /** All of them in their order. */
  series(): Iterable<Series>;
  /** Their lines. */
  bytes(format: Format): Buffer;
  without(indexes: ReadonlySet<number>): Block;
}
