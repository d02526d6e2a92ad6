// Which signals a query feeds, and from which columns.

import type { SqlQuery } from './schema.js';

/** Signals of queries that tell how things are now. */
export const POLLED_SIGNALS = ['backlog', 'backlog_oldest', 'messages', 'last_message'] as const;
export type PolledSignal = (typeof POLLED_SIGNALS)[number];

/** Signals of incremental queries, each of whose rows counts once. */
export const INCREMENTAL_SIGNALS = ['messages', 'bytes', 'duration', 'last_message'] as const;
export type IncrementalSignal = (typeof INCREMENTAL_SIGNALS)[number];

export type SqlSignal = PolledSignal | IncrementalSignal;
export const SQL_SIGNALS: readonly SqlSignal[] = ['backlog', 'backlog_oldest', 'messages', 'bytes', 'duration', 'last_message'];

/** All signals that the YAML names, in a fixed order. */
export function observedSignals({ observe }: SqlQuery): SqlSignal[] {
  return SQL_SIGNALS.filter((signal) => observe?.[signal] !== undefined);
}

/** Those that a query without `incremental` feeds, and the column of each. */
export function polledSignals({ observe, incremental }: SqlQuery): { signal: PolledSignal; column: string }[] {
  if (incremental !== undefined) return [];
  return POLLED_SIGNALS.flatMap((signal) => {
    const column = observe?.[signal];
    return column === undefined ? [] : [{ signal, column }];
  });
}
