// A sql source as a test wants it: built by its kind, collected by hand.

import { pino } from 'pino';
import { systemClock } from '../../../src/domain/clock.js';
import type { Flow } from '../../../src/domain/flow.js';
import type { Observation } from '../../../src/domain/observation.js';
import { SourceError, type Collector, type Source, type SourceConfig, type SourceContext } from '../../../src/sources/kind.js';
import { sql } from '../../../src/sources/sql/index.js';
import type { SqlOptions } from '../../../src/sources/sql/schema.js';
import { Accumulator } from '../../../src/domain/accumulator.js';
import { flow } from '../../flow.js';
import { MemoryRecord } from '../../records.js';

export const invoices = flow({ team: 'flux', stages: ['received', 'validated'] });

export const certificates: Flow = { ...invoices, name: 'attestations', partners: ['hug'], stages: ['sent'] };

export const flows: readonly Flow[] = [invoices, certificates];
export const partners: readonly string[] = ['chuv', 'hug'];

export function config(options: SqlOptions, changes: Partial<SourceConfig> = {}): SourceConfig<SqlOptions> {
  return {
    name: 'exchange-db',
    kind: 'sql',
    title: undefined,
    team: undefined,
    env: 'prod',
    path: undefined,
    interval: 5000,
    timeout: 4000,
    maxStaleness: 15_000,
    maxSeries: 10_000,
    exporterPort: undefined,
    baseDir: '/',
    ...changes,
    options,
  };
}

export interface Harness {
  /** Runs a query of the source once. @returns what it says of flows, and metrics of the user's own naming */
  readonly collect: (query: string, signal?: AbortSignal) => Promise<readonly Observation[]>;
  /** The same with what it says of the database. */
  readonly collectAll: (query: string, signal?: AbortSignal) => Promise<readonly Observation[]>;
  /** Runs it and expects it to fail. */
  readonly fail: (query: string, signal?: AbortSignal) => Promise<SourceError>;
  readonly collector: (query: string) => Collector;
  /** What the query has counted: its accumulator. */
  readonly counted: (query: string) => readonly Observation[];
  readonly source: Source;
  /** What was counted as undeclared, as `label=value`. */
  readonly undeclared: readonly string[];
  /** What the secret holds from now on. */
  readonly setSecret: (value: string) => void;
  readonly close: () => Promise<void>;
}

/** What a test sets up itself. */
export interface Surroundings extends Partial<Pick<SourceContext, 'clock' | 'logger' | 'inspect' | 'flows' | 'partners'>> {
  /** Records by collector, which outlive the source. */
  readonly records?: Map<string, MemoryRecord>;
}

/** @param secret what every secret of the source holds */
export async function start(
  options: SqlOptions,
  secret = '',
  changes: Partial<SourceConfig> = {},
  { records = new Map<string, MemoryRecord>(), ...surroundings }: Surroundings = {},
): Promise<Harness> {
  const undeclared: string[] = [];
  const accumulators = new Map<string, Accumulator>();
  let current = secret;
  const context: SourceContext = {
    flows,
    partners,
    clock: systemClock,
    logger: pino({ level: 'silent' }),
    resolvePath: (path) => path,
    readSecret: async () => current,
    accumulator: (name) => {
      const found = accumulators.get(name) ?? new Accumulator();
      accumulators.set(name, found);
      return found;
    },
    record: (name) => {
      const found = records.get(name) ?? new MemoryRecord();
      records.set(name, found);
      return found;
    },
    undeclared: (label, value) => void undeclared.push(`${label}=${value}`),
    handover: undefined,
    ...surroundings,
  };
  const source = await sql.create(config(options, changes), context);
  const collector = (query: string) => {
    const found = source.collectors.find(({ name }) => name === query);
    if (!found) throw new Error(`no query ${query}`);
    return found;
  };
  const never = new AbortController().signal;
  return {
    collector,
    undeclared,
    source,
    collectAll: async (query, signal = never) => [...(await collector(query).collect(signal))],
    collect: async (query, signal = never) =>
      [...(await collector(query).collect(signal))].filter(({ metric }) => !metric.name.startsWith('vigie_')),
    counted: (query) => accumulators.get(query)?.observations() ?? [],
    fail: async (query, signal = never) => {
      try {
        await collector(query).collect(signal);
      } catch (error) {
        if (error instanceof SourceError) return error;
        throw error;
      }
      throw new Error(`the query ${query} did not fail`);
    },
    setSecret: (value) => void (current = value),
    close: async () => void (await source.close()),
  };
}

/** `flow_backlog_messages{flow=factures-tge,partner=chuv} 3`, sorted, without the environment. */
export function lines(observations: readonly Observation[]): string[] {
  return observations
    .map(({ metric, labels, value }) => {
      const shown = metric.labels.filter((label) => label !== 'env' && labels[label]).map((label) => `${label}=${labels[label]}`);
      return `${metric.name}{${shown.join(',')}} ${typeof value === 'number' ? value : value.count}`;
    })
    .toSorted();
}

/** The value of the only series whose labels hold these. */
export function valueOf(observations: readonly Observation[], name: string, labels: Readonly<Record<string, string>> = {}): number {
  const found = observations.filter(
    (observation) =>
      observation.metric.name === name && Object.entries(labels).every(([label, value]) => observation.labels[label] === value),
  );
  const [only, second] = found;
  if (!only || second || typeof only.value !== 'number') throw new Error(`${found.length} series of ${name} with these labels`);
  return only.value;
}
