// A configuration as the rest of the program sees it, to be varied; and what the frame gives to a subject.

import { pino } from 'pino';
import { intentions } from '../../src/catalog/intentions.js';
import type { Config } from '../../src/config/model.js';
import { Accumulator } from '../../src/domain/accumulator.js';
import type { Clock } from '../../src/domain/clock.js';
import type { Expectation } from '../../src/domain/expectation-declaration.js';
import type { Flow } from '../../src/domain/flow.js';
import { seriesKey, type Observation } from '../../src/domain/observation.js';
import type { SourceConfig, SourceContext } from '../../src/sources/kind.js';
import { MemoryRecord } from '../records.js';

export function flow(part: Partial<Flow> = {}): Flow {
  return {
    name: 'factures-tge',
    title: 'Factures TGE',
    team: 'flux',
    criticality: 'high',
    direction: 'inbound',
    partners: ['chuv', 'hug'],
    stages: ['received', 'processed'],
    environments: ['prod'],
    calendar: 'bureau-ch',
    runbook: 'https://wiki.example.org/tge',
    bounds: [],
    ...part,
  };
}

function expectation(part: Partial<Expectation>): Expectation {
  return {
    name: 'received by 08:30',
    stage: 'received',
    partners: ['chuv', 'hug'],
    timing: undefined,
    atLeast: undefined,
    atMost: undefined,
    warnBefore: undefined,
    lasts: undefined,
    ...part,
  };
}

const BY = { kind: 'by', from: undefined, earliest: undefined, days: { kind: 'open' } } as const;

/** From 100 to 5000 messages by 08:30. */
export const morning = expectation({ timing: { ...BY, deadline: 510 }, atLeast: 100, atMost: 5000 });

/** Between 22:00 and 00:30, of chuv only; an hour's warning; the job takes from half an hour to three hours. */
export const night = expectation({
  name: 'nightly',
  stage: 'processed',
  partners: ['chuv'],
  timing: { ...BY, earliest: 1320, deadline: 1470 },
  warnBefore: 3600,
  lasts: { since: 'received', shortest: 1800, longest: 10_800 },
});

export const everyQuarter = expectation({ name: 'processed every 15m', stage: 'processed', timing: { kind: 'every', seconds: 900 } });

export function source(part: Partial<SourceConfig> = {}): SourceConfig {
  return {
    name: 'exchange-db',
    kind: 'sql',
    title: undefined,
    team: 'flux',
    env: 'prod',
    path: undefined,
    interval: 60_000,
    timeout: 10_000,
    maxStaleness: 180_000,
    maxSeries: 10_000,
    exporterPort: undefined,
    baseDir: '/etc/vigie',
    options: {},
    ...part,
  };
}

export function config(part: Partial<Config> = {}): Config {
  return {
    file: '/etc/vigie/exporters.yaml',
    files: ['/etc/vigie/exporters.yaml'],
    sha: '0123456789ab',
    environment: 'prod',
    environments: [{ name: 'prod', title: 'Production', production: true, calendar: undefined }],
    teams: [],
    defaultTeam: 'exploitation',
    partners: [
      { name: 'chuv', title: 'CHUV' },
      { name: 'hug', title: 'HUG' },
    ],
    calendars: { 'bureau-ch': { timezone: 'Europe/Zurich', open: { 'mon-fri': '07:00-19:00' } } },
    flows: [flow()],
    sources: [],
    ...part,
  };
}

export function context(clock: Clock, handover?: unknown): SourceContext {
  return {
    flows: [],
    partners: [],
    clock,
    logger: pino({ level: 'silent' }),
    resolvePath: (path) => path,
    readSecret: () => Promise.reject(new Error('the catalogue reads no secret')),
    accumulator: () => new Accumulator(),
    undeclared: () => undefined,
    record: () => new MemoryRecord(),
    handover,
  };
}

/** All intentions at once. */
export function declared(of: Config): Observation[] {
  return [...intentions(of)];
}

/** `flow_window_open{flow=…,env=…} 1`, in the order of the labels of the metric. */
export function written(observations: readonly Observation[], name?: string): string[] {
  return observations
    .filter(({ metric }) => name === undefined || metric.name === name)
    .map(({ metric, labels, value }) => {
      const known = metric.labels.filter((label) => labels[label] !== undefined).map((label) => `${label}=${labels[label]}`);
      return `${metric.name}{${known.join(',')}} ${typeof value === 'number' ? value : value.count}`;
    });
}

/** Series that come twice, and labels that the metric does not have. */
export function faults(observations: readonly Observation[]): string[] {
  const keys = observations.map(({ metric, labels }) => seriesKey(metric, labels));
  const twice = keys.filter((key, index) => keys.indexOf(key) !== index);
  const unknown = observations.flatMap(({ metric, labels }) =>
    Object.keys(labels)
      .filter((label) => !metric.labels.includes(label))
      .map((label) => `${metric.name} has no label ${label}`),
  );
  return [...twice, ...unknown];
}
