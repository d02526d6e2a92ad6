// Proves at each interval that a database that must be a replica still is one, and measures its lag.

import type { Collector, SourceConfig, SourceContext } from '../kind.js';
import { REPLICA_COLLECTOR } from './conventions.js';
import type { Database } from './database.js';
import { FRAME_MARGIN_MS } from './query-collector.js';
import type { SqlOptions } from './schema.js';
import { collectorName } from './targets.js';

export function replicaCollector(source: SourceConfig<SqlOptions>, context: SourceContext, database: Database, waitMs: number): Collector {
  const name = collectorName(database.target, REPLICA_COLLECTOR);
  const { interval, timeout, maxStaleness, kind } = source;
  return {
    name,
    interval,
    timeout: waitMs + timeout + FRAME_MARGIN_MS,
    maxStaleness,
    collect: async (signal) => {
      await database.prove({ name, timeoutMs: timeout, waitMs, signal });
      const { description } = database;
      if (description !== undefined) context.inspect?.(name, { server: description });
      return database.stateObservations({ source: source.name, kind });
    },
  };
}
