// Sources and subjects for tests of the frame: what they say is set by the test.

import { pino, type Logger } from 'pino';
import { observed } from '../../src/conventions.js';
import type { Config } from '../../src/config/model.js';
import type { Flow } from '../../src/domain/flow.js';
import type { MetricDefinition, Observation } from '../../src/domain/observation.js';
import type { Subject } from '../../src/exporter/subject.js';
import type { Collector, Source, SourceContext } from '../../src/sources/kind.js';

export const waiting: MetricDefinition = observed.backlog;
export const passed: MetricDefinition = observed.messages;

export const place = { flow: 'invoices', partner: 'chuv', env: 'prod', stage: 'received' };

export function backlog(value: number, labels: Record<string, string> = place): Observation {
  return { metric: waiting, labels, value };
}

export function messages(value: number, labels: Record<string, string> = { ...place, outcome: 'ok' }): Observation {
  return { metric: passed, labels, value };
}

export interface FakeCollector extends Collector {
  /** How often it was asked to look. */
  looks: number;
}

/** A collector that looks every 10 s, has 4 s for it, and whose gauges live for 30 s. */
export function fakeCollector(collect: Collector['collect'], overrides: Partial<Collector> = {}): FakeCollector {
  return {
    name: 'waiting',
    interval: 10_000,
    timeout: 4_000,
    maxStaleness: 30_000,
    ...overrides,
    looks: 0,
    collect(signal) {
      this.looks++;
      return collect(signal);
    },
  };
}

export interface FakeSubject extends Subject {
  readonly contexts: SourceContext[];
}

/** @param build makes the collectors anew for each creation of the source */
export function fakeSubject(build: (context: SourceContext) => readonly Collector[], overrides: Partial<Subject> = {}): FakeSubject {
  const contexts: SourceContext[] = [];
  return {
    name: 'exchange-db',
    kind: 'sql',
    title: 'Database of the exchange',
    env: 'prod',
    maxSeries: 10_000,
    errors: { connect: ['refused', 'timeout'], query: ['timeout', 'syntax'] },
    baseDir: import.meta.dirname,
    fingerprint: 'first',
    create: async (context): Promise<Source> => {
      contexts.push(context);
      return { collectors: build(context), close: async () => undefined };
    },
    contexts,
    ...overrides,
  };
}

export function fakeConfig(overrides: Partial<Config> = {}): Config {
  return {
    file: '/etc/vigie/exporters.yaml',
    files: ['/etc/vigie/exporters.yaml'],
    sha: '0123456789ab',
    environment: 'prod',
    environments: [{ name: 'prod', title: 'Production', production: true, calendar: undefined }],
    teams: [],
    partners: [{ name: 'chuv', title: 'CHUV' }],
    calendars: {},
    flows: [fakeFlow('invoices')],
    sources: [],
    ...overrides,
  };
}

export function fakeFlow(name: string): Flow {
  return {
    name,
    title: name,
    team: 'exchange',
    criticality: 'medium',
    direction: 'inbound',
    partners: ['chuv'],
    stages: ['received', 'answered'],
    environments: ['prod'],
    calendar: undefined,
    runbook: undefined,
    bounds: [],
  };
}

export interface LogLine {
  readonly level: number;
  readonly msg: string;
  readonly [field: string]: unknown;
}

/** A logger that keeps its lines. Levels: 30 info, 40 warn, 50 error. */
export function recordingLogger(): { logger: Logger; lines: LogLine[] } {
  const lines: LogLine[] = [];
  const logger = pino({ base: null, timestamp: false }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  return { logger, lines };
}
