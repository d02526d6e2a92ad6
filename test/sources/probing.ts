// Sources of endpoints as tests want them: made by their kind, probed by hand, read as people read them.

import { pino } from 'pino';
import { Accumulator } from '../../src/domain/accumulator.js';
import { systemClock } from '../../src/domain/clock.js';
import type { Observation } from '../../src/domain/observation.js';
import {
  SourceError,
  type Source,
  type SourceConfig,
  type SourceContext,
  type SourceKind,
  type Transcript,
} from '../../src/sources/kind.js';
import { flow } from '../flow.js';
import { MemoryRecord } from '../records.js';

export interface Probed {
  readonly up: number | undefined;
  /** `phase/reason`; undefined while it is up. */
  readonly failure: string | undefined;
  /** The phases that were reached, in order. */
  readonly phases: readonly string[];
  readonly seconds: Readonly<Record<string, number>>;
  readonly transcript: Transcript;
  /** The lines of the transcript and the failure. */
  readonly told: string;
  readonly labels: Readonly<Record<string, string>>;
  /** The value of a metric of the kind. */
  value(metric: string): number | undefined;
  /** All series of a metric. */
  series(metric: string): readonly { readonly labels: Readonly<Record<string, string>>; readonly value: number }[];
}

interface Common<Endpoint> {
  readonly kind: string;
  readonly endpoints: Readonly<Record<string, Endpoint>>;
}

interface Options {
  /** Of each probe, in milliseconds. Default 4000. */
  readonly timeout?: number;
  readonly secrets?: Readonly<Record<string, string>>;
  readonly record?: () => MemoryRecord;
}

export function configOf<T>(options: T & { readonly kind: string }, timeout = 4000): SourceConfig<T> {
  return {
    name: 'partner-endpoints',
    kind: options.kind,
    title: undefined,
    team: undefined,
    env: 'prod',
    path: undefined,
    interval: 5000,
    timeout,
    maxStaleness: 15_000,
    maxSeries: 10_000,
    exporterPort: undefined,
    baseDir: '/',
    options,
  };
}

/** A source that has several probes before it is closed. */
export class Probing {
  readonly accumulators = new Map<string, Accumulator>();

  private constructor(readonly source: Source) {}

  static async start<T extends Common<unknown>>(kind: SourceKind<T>, options: T, { timeout, secrets = {}, record }: Options = {}) {
    const accumulators = new Map<string, Accumulator>();
    const records = new Map<string, MemoryRecord>();
    const context: SourceContext = {
      flows: [flow({ team: 'flux', partners: ['chuv'], stages: ['received'] })],
      partners: ['chuv', 'hug'],
      clock: systemClock,
      logger: pino({ level: 'silent' }),
      resolvePath: (path) => path,
      readSecret: async (secret) => {
        if (typeof secret === 'string') return secret;
        const value = 'env' in secret ? secrets[secret.env] : undefined;
        if (value === undefined) throw new SourceError('secret', 'secret', 'the secret cannot be read');
        return value;
      },
      accumulator: (collector) => {
        const accumulator = accumulators.get(collector) ?? new Accumulator();
        accumulators.set(collector, accumulator);
        return accumulator;
      },
      undeclared: () => {},
      record: (collector) => {
        const one = records.get(collector) ?? record?.() ?? new MemoryRecord();
        records.set(collector, one);
        return one;
      },
      handover: undefined,
    };
    const probing = new Probing(await kind.create(configOf(options, timeout), context));
    for (const [name, accumulator] of accumulators) probing.accumulators.set(name, accumulator);
    return probing;
  }

  /** @throws SourceError where the endpoint was not asked */
  async probe(name = 'it', signal = new AbortController().signal): Promise<Probed> {
    const collector = this.source.collectors.find((one) => one.name === name);
    if (!collector) throw new Error(`no endpoint ${name}`);
    const observations = [...(await collector.collect(signal))];
    const transcript = this.source.journals?.().find((journal) => journal.collector === name)?.last[0];
    if (!transcript) throw new Error('no transcript');
    return read(observations, transcript);
  }

  /** Probes and is closed. */
  static async once<T extends Common<unknown>>(kind: SourceKind<T>, options: T, more: Options = {}): Promise<Probed> {
    const probing = await Probing.start(kind, options, more);
    try {
      return await probing.probe();
    } finally {
      await probing.close();
    }
  }

  async close(): Promise<void> {
    await this.source.close();
  }

  /** All `phase/reason` that are counted for an endpoint, also those at 0. */
  failures(name = 'it'): string[] {
    const counted = [...(this.accumulators.get(name)?.observations() ?? [])];
    return counted
      .filter(({ metric }) => metric.name.endsWith('_failures_total'))
      .map(({ labels }) => `${labels['phase']}/${labels['reason']}`);
  }
}

function read(observations: readonly Observation[], transcript: Transcript): Probed {
  const series = (metric: string) =>
    observations
      .filter(({ metric: { name } }) => name === metric)
      .map(({ labels, value }) => ({ labels, value: typeof value === 'number' ? value : NaN }));
  const up = series('endpoint_up')[0];
  const failure = series('endpoint_failure_info')[0];
  const seconds: Record<string, number> = {};
  for (const { labels, value } of series('endpoint_duration_seconds')) seconds[labels['phase'] ?? ''] = value;
  return {
    up: up?.value,
    failure: failure && `${failure.labels['phase']}/${failure.labels['reason']}`,
    phases: Object.keys(seconds),
    seconds,
    transcript,
    told: [...transcript.lines.map(({ text }) => text), transcript.failure ?? ''].join('\n'),
    labels: up?.labels ?? {},
    value: (metric) => series(metric)[0]?.value,
    series,
  };
}
