// When a query runs and how long it may: its own times, or those of its source.

import type { SourceConfig } from '../kind.js';
import { schedule, type Schedule } from '../schedule.js';
import type { SqlOptions, SqlQuery } from './schema.js';

/** A query that hangs keeps the connection for its time-out: by default no longer than until its neighbours want it again. */
export function querySchedule(source: SourceConfig<SqlOptions>, query: SqlQuery): Schedule {
  const intervals = Object.values(source.options.queries).map((neighbour) => schedule(source, neighbour).interval);
  return schedule(source, query, Math.min(...intervals));
}

/** Whether the YAML says itself when gauges of the query are withdrawn. */
export function namesStaleness(source: SourceConfig<SqlOptions>, query: SqlQuery): boolean {
  return query.max_staleness !== undefined || source.options.max_staleness !== undefined;
}
