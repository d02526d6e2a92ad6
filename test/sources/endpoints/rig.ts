// A source of endpoints with probers that the test plays, and a watch that runs it as an exporter does.

import { pino } from 'pino';
import { Accumulator } from '../../../src/domain/accumulator.js';
import type { Observation } from '../../../src/domain/observation.js';
import { Watch } from '../../../src/exporter/watch.js';
import { createEndpoints } from '../../../src/sources/endpoints/source.js';
import type { Prober, ProbeRun } from '../../../src/sources/endpoints/prober.js';
import type { Failure } from '../../../src/sources/endpoints/reasons.js';
import type { CommonEndpoint, CommonSource } from '../../../src/sources/endpoints/schema.js';
import type { Findings, Source, SourceConfig, SourceContext, StateRecord } from '../../../src/sources/kind.js';
import { FakeClock } from '../../fake-clock.js';
import { flow } from '../../flow.js';
import { MemoryRecord } from '../../records.js';
import { fakeConfig, fakeSubject } from '../../exporter/fake-subject.js';

export interface TestEndpoint extends CommonEndpoint {
  /** Host for the limit. Default: the name. */
  readonly host?: string;
  readonly account?: string;
  readonly address?: string;
  readonly protocol?: string;
}

export type Options = CommonSource<TestEndpoint>;
export type Play = (run: ProbeRun, name: string) => Promise<void>;

export const FAILURES: readonly Failure[] = [
  { phase: 'resolve', reason: 'dns' },
  { phase: 'connect', reason: 'refused' },
  { phase: 'connect', reason: 'timeout' },
  { phase: 'wait', reason: 'timeout' },
];

export function config(options: Options, changes: Partial<SourceConfig<Options>> = {}): SourceConfig<Options> {
  return {
    name: 'probes',
    kind: 'tcp',
    title: undefined,
    team: undefined,
    env: 'prod',
    path: undefined,
    interval: 10_000,
    timeout: 2_000,
    maxStaleness: 30_000,
    maxSeries: 100_000,
    exporterPort: undefined,
    baseDir: '/',
    options,
    ...changes,
  };
}

function prober(name: string, { host = name, account, address = `${name}:443`, protocol = 'tcp' }: TestEndpoint, play: Play): Prober {
  return {
    protocol,
    host,
    address,
    failures: FAILURES,
    ...(account !== undefined && { account }),
    probe: (run) => play(run, name),
  };
}

/** Everything that a source needs, with what the test wants to see. */
export class Rig {
  readonly clock = new FakeClock();
  readonly accumulators = new Map<string, Accumulator>();
  readonly records = new Map<string, StateRecord>();
  readonly findings: Findings[] = [];
  handover: unknown;
  site: string | undefined;
  play: Play = () => Promise.resolve();

  context(): SourceContext {
    return {
      flows: [flow({})],
      partners: ['chuv'],
      site: this.site,
      clock: this.clock,
      logger: pino({ level: 'silent' }),
      resolvePath: (path) => path,
      readSecret: async () => 'secret',
      accumulator: (collector) => remember(this.accumulators, collector, () => new Accumulator()),
      undeclared: () => {},
      record: (collector) => remember(this.records, collector, () => new MemoryRecord()),
      inspect: (_collector, findings) => this.findings.push(findings),
      handover: this.handover,
    };
  }

  source(options: Options, changes: Partial<SourceConfig<Options>> = {}): Promise<Source> {
    return createEndpoints(config(options, changes), this.context(), (endpoint, name) =>
      prober(name, endpoint, (run, of) => this.play(run, of)),
    );
  }

  /** The source after a reload with other options. */
  async reload(source: Source, options: Options): Promise<Source> {
    this.handover = await source.close();
    return this.source(options);
  }

  /** Runs the source as an exporter does. */
  watch(options: Options, changes: Partial<SourceConfig<Options>> = {}): Promise<Watch> {
    return Watch.of(
      { subject: this.subject(options, changes), config: fakeConfig() },
      {
        clock: this.clock,
        logger: pino({ level: 'silent' }),
        record: (_source, collector) => remember(this.records, collector, () => new MemoryRecord()),
        ...(this.site !== undefined && { site: this.site }),
      },
    );
  }

  subject(options: Options, changes: Partial<SourceConfig<Options>> = {}) {
    return fakeSubject(() => [], {
      name: 'probes',
      kind: 'tcp',
      maxSeries: 100_000,
      create: (context) =>
        createEndpoints(config(options, changes), context, (endpoint, name) => prober(name, endpoint, (run, of) => this.play(run, of))),
    });
  }
}

function remember<T>(map: Map<string, T>, key: string, make: () => T): T {
  const known = map.get(key) ?? make();
  map.set(key, known);
  return known;
}

export const never = () => new Promise<never>(() => {});

/** Looks once at the only endpoint, or the one that is named. */
export async function look(source: Source, name?: string, signal = new AbortController().signal): Promise<readonly Observation[]> {
  const collector = name === undefined ? source.collectors[0] : source.collectors.find((one) => one.name === name);
  if (!collector) throw new Error(`no collector ${name}`);
  return [...(await collector.collect(signal))];
}

/** `metric{label="value"} value` of a document, for those lines that begin so. */
export function linesOf(watch: Watch, start: string): string[] {
  return watch
    .snapshot()
    .bytes('text')
    .toString()
    .split('\n')
    .filter((line) => line.startsWith(start));
}

export function valueOf(observations: readonly Observation[], metric: string): number | undefined {
  const found = observations.find((one) => one.metric.name === metric);
  return typeof found?.value === 'number' ? found.value : undefined;
}
