// When a part of a source (a query, a directory, an endpoint) is looked at: its own times, or those of its source.

import { parseDuration } from '../domain/duration.js';
import type { Problem, SourceConfig } from './kind.js';

/** More often than this is a load rather than a look. */
const SHORTEST_MS = 1_000;
/** Staleness where the YAML names none, in intervals. */
const STALE_INTERVALS = 3;

export interface Schedule {
  /** All in milliseconds. */
  readonly interval: number;
  readonly timeout: number;
  readonly maxStaleness: number;
}

/** Times as the YAML of the part names them. */
export interface OwnTimes {
  readonly every?: string;
  readonly timeout?: string;
}

/** Times that the part does not name come from the source; its staleness follows its own interval. */
export function schedule(source: SourceConfig<{ readonly max_staleness?: string }>, { every, timeout }: OwnTimes): Schedule {
  const interval = (every === undefined ? undefined : parseDuration(every)) ?? source.interval;
  const wanted = (timeout === undefined ? undefined : parseDuration(timeout)) ?? Math.min(source.timeout, interval);
  const ownStaleness = every !== undefined && source.options.max_staleness === undefined;
  return { interval, timeout: wanted, maxStaleness: ownStaleness ? STALE_INTERVALS * interval : source.maxStaleness };
}

/** What is wrong with the times of a part, by the property that names them. @param look one look at it, in the plural: `runs` */
export function scheduleProblems(source: SourceConfig<{ readonly max_staleness?: string }>, own: OwnTimes, look: string): Problem[] {
  const { interval, timeout } = schedule(source, own);
  const problems: Problem[] = [];
  if (interval < SHORTEST_MS) problems.push({ path: ['every'], message: `${own.every} is too often: 1s or more` });
  if (timeout === 0) problems.push({ path: ['timeout'], message: `${own.timeout} leaves no time to answer, e.g. 5s` });
  if (timeout > interval && own.timeout !== undefined) {
    problems.push({ path: ['timeout'], message: `${own.timeout} is longer than the time between two ${look}; at most that` });
  }
  return problems;
}
