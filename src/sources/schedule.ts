// When an endpoint is asked: its own times, or those of its source.

import { parseDuration } from '../../domain/duration.js';
import type { SourceConfig } from '../kind.js';
import type { EndpointOptions, HttpOptions } from './schema.js';

export interface Schedule {
  /** All in milliseconds. */
  readonly interval: number;
  readonly timeout: number;
  readonly maxStaleness: number;
}

/** Times that the endpoint does not name come from the source; its staleness follows its own interval. */
export function schedule(source: SourceConfig<HttpOptions>, { every, timeout }: EndpointOptions): Schedule {
  const interval = (every === undefined ? undefined : parseDuration(every)) ?? source.interval;
  const wanted = (timeout === undefined ? undefined : parseDuration(timeout)) ?? Math.min(source.timeout, interval);
  const ownStaleness = every !== undefined && source.options.max_staleness === undefined;
  return { interval, timeout: wanted, maxStaleness: ownStaleness ? 3 * interval : source.maxStaleness };
}
