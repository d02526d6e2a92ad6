// A database as a source: one collector for each query and target, one connection for each target.

import type { Source, SourceConfig, SourceContext } from '../kind.js';
import { parseDuration } from '../../domain/duration.js';
import { Database } from './database.js';
import { CANCEL_LIMIT_MS, type Driver } from './driver.js';
import { drivers } from './drivers/registry.js';
import { Gate } from './gate.js';
import { LoadBudget } from './load-budget.js';
import { LoadMeter } from './load-meter.js';
import { queryCollector, type QueryPart } from './query-collector.js';
import { replicaCollector } from './replica-collector.js';
import { DEFAULT_PARALLEL, type SqlOptions } from './schema.js';
import { targetLabels, targetsOf, type SqlTarget } from './targets.js';
import { querySchedule } from './times.js';
import { zonesOf } from './zones.js';

export async function create(source: SourceConfig<SqlOptions>, context: SourceContext): Promise<Source> {
  const { options } = source;
  const driver = drivers[options.driver];
  const targets = targetsOf(options);
  const gate = options.targets && new Gate(options.parallel ?? DEFAULT_PARALLEL);
  const waitMs = longestWait(source, targets.length);
  const labels = targetLabels(options);
  const databases: Database[] = [];
  const parts: QueryPart[] = [];
  for (const target of targets) {
    const meter = new LoadMeter(budgetOf(options, context), context.clock);
    const database = openDatabase(source, context, { driver, target, gate, meter });
    databases.push(database);
    for (const [index, [name, query]] of Object.entries(options.queries).entries()) {
      const zones = await zonesOf(query);
      parts.push({ name, query, target, labels, database, meter, driver, zones, waitMs, first: index === 0 });
    }
  }
  const collectors = await Promise.all(parts.map((part) => queryCollector(source, context, part)));
  const proofs = options.role === 'replica' ? databases.map((database) => replicaCollector(source, context, database, waitMs)) : [];
  return {
    collectors: [...collectors.map(({ collector }) => collector), ...proofs],
    warnings: () => [...databases.flatMap((database) => database.warnings()), ...collectors.flatMap(({ warnings }) => warnings())],
    close: async () => void (await Promise.all(databases.map(({ session }) => session.close()))),
  };
}

interface Opening {
  readonly driver: Driver;
  readonly target: SqlTarget;
  readonly gate: Gate | undefined;
  readonly meter: LoadMeter;
}

function openDatabase(source: SourceConfig<SqlOptions>, context: SourceContext, { driver, target, gate, meter }: Opening): Database {
  const { options } = source;
  return new Database({
    target: target.name,
    driver,
    settings: target.connection,
    connectContext: {
      application: `vigie/${source.name}`,
      readSecret: (secret) => context.readSecret(secret),
      resolvePath: (path) => context.resolvePath(path),
    },
    replica: options.role === 'replica' ? { allowPrimary: options.allow_primary ?? false } : undefined,
    gate,
    clock: context.clock,
    logger: context.logger,
    spent: (name, ms) => meter.spent(name, ms),
  });
}

/** Each target is a database of its own, and has the whole budget. */
function budgetOf({ load_budget: budget }: SqlOptions, { clock }: SourceContext): LoadBudget | undefined {
  const ms = budget === undefined ? undefined : parseDuration(budget);
  return ms === undefined ? undefined : new LoadBudget(ms, clock.monotonic());
}

/**
 * Each query may hold the connection for its time-out and a little more: a hung neighbour makes a query late, not fail.
 * Where only some targets are asked at once, those before it in the queue may do the same.
 */
function longestWait(source: SourceConfig<SqlOptions>, targets: number): number {
  let waitMs = 0;
  for (const query of Object.values(source.options.queries)) waitMs += querySchedule(source, query).timeout + CANCEL_LIMIT_MS;
  return waitMs * Math.ceil(targets / (source.options.parallel ?? DEFAULT_PARALLEL));
}
