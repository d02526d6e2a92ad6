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
  readonly max_staleness?: string;
}

/**
 * Times that the part does not name come from the source; its staleness follows its own interval.
 * @param longest time-out in milliseconds where the part names none
 */
export function schedule(source: SourceConfig<{ readonly max_staleness?: string }>, own: OwnTimes, longest = Infinity): Schedule {
  const interval = milliseconds(own.every) ?? source.interval;
  const timeout = milliseconds(own.timeout) ?? Math.min(source.timeout, interval, longest);
  const followsInterval = own.every !== undefined && source.options.max_staleness === undefined;
  const maxStaleness = milliseconds(own.max_staleness) ?? (followsInterval ? STALE_INTERVALS * interval : source.maxStaleness);
  return { interval, timeout, maxStaleness };
}

function milliseconds(text: string | undefined): number | undefined {
  return text === undefined ? undefined : parseDuration(text);
}

/** What is wrong with the times of a part, by the property that names them. @param look one look at it, in the plural: `runs` */
export function scheduleProblems(source: SourceConfig<{ readonly max_staleness?: string }>, own: OwnTimes, look: string): Problem[] {
  const { interval, timeout, maxStaleness } = schedule(source, own);
  const problems: Problem[] = [];
  if (interval < SHORTEST_MS) problems.push({ path: ['every'], message: `${own.every} is too often: 1s or more` });
  if (timeout === 0) problems.push({ path: ['timeout'], message: `${own.timeout} leaves no time to answer, e.g. 5s` });
  if (timeout > interval && own.timeout !== undefined) {
    problems.push({ path: ['timeout'], message: `${own.timeout} is longer than the time between two ${look}; at most that` });
  }
  if (own.max_staleness !== undefined && maxStaleness < interval) {
    const mend = `the time between two ${look}; three times that is right`;
    problems.push({ path: ['max_staleness'], message: `${own.max_staleness} is shorter than ${mend}` });
  }
  return problems;
}
