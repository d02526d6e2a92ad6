// An http source as a test wants it, and certificates for the servers it asks.

import { pino } from 'pino';
import { generate } from 'selfsigned';
import { Accumulator } from '../../../src/domain/accumulator.js';
import { systemClock } from '../../../src/domain/clock.js';
import type { Observation } from '../../../src/domain/observation.js';
import { SourceError, type Source, type SourceConfig, type SourceContext } from '../../../src/sources/kind.js';
import { http } from '../../../src/sources/http/index.js';
import type { EndpointOptions, HttpOptions } from '../../../src/sources/http/schema.js';
import { flow } from '../../flow.js';
import { MemoryRecord } from '../../records.js';
import { sourceConfigOf } from '../../source-config.js';

export const invoices = flow({ team: 'flux', partners: ['chuv'], stages: ['received'] });

export function config(endpoints: Record<string, EndpointOptions>, changes: Partial<HttpOptions> = {}): SourceConfig<HttpOptions> {
  return sourceConfigOf(
    { name: 'partner-endpoints', kind: 'http', interval: 5000, timeout: 4000 },
    { kind: 'http', endpoints, ...changes },
  );
}

/** @param secrets by the name of the environment variable that holds them */
function contextOf(secrets: Readonly<Record<string, string>>): SourceContext {
  const accumulators = new Map<string, Accumulator>();
  const records = new Map<string, MemoryRecord>();
  return {
    flows: [invoices],
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
      const known = accumulators.get(collector) ?? new Accumulator();
      accumulators.set(collector, known);
      return known;
    },
    undeclared: () => {},
    record: (collector) => {
      const known = records.get(collector) ?? new MemoryRecord();
      records.set(collector, known);
      return known;
    },
    handover: undefined,
  };
}

/** @param secrets by the name of the environment variable that holds them */
export function start(
  endpoints: Record<string, EndpointOptions>,
  secrets: Readonly<Record<string, string>> = {},
  options: Partial<HttpOptions> = {},
): Promise<Source> {
  return http.create(config(endpoints, options), contextOf(secrets));
}

/** Probes once. @throws SourceError */
export async function probeOnce(endpoint: EndpointOptions, secrets: Readonly<Record<string, string>> = {}): Promise<Probed> {
  const source = await start({ it: endpoint }, secrets);
  try {
    return await probe(source);
  } finally {
    await source.close();
  }
}

/** Probes the endpoint once more. @throws SourceError */
export async function probe(source: Source, name = 'it'): Promise<Probed> {
  const collector = source.collectors.find((one) => one.name === name);
  if (!collector) throw new Error(`no collector ${name}`);
  const counted = [...(collector.accumulator?.observations() ?? [])];
  const observations = [...(await collector.collect(new AbortController().signal))];
  const [transcript] = source.journals?.().find((journal) => journal.collector === name)?.last ?? [];
  if (!transcript) throw new Error('no transcript');
  const text = [transcript.failure ?? '', ...transcript.lines.map((line) => line.text)].join('\n');
  return { ...read(observations, counted), transcript: text };
}

export interface Probed {
  readonly up: number | undefined;
  readonly status: number | undefined;
  /** `phase/reason`; undefined while it is up. */
  readonly failure: string | undefined;
  /** The phases that were reached, in order. */
  readonly phases: readonly string[];
  readonly seconds: Readonly<Record<string, number>>;
  readonly certificateExpiry: number | undefined;
  readonly labels: Readonly<Record<string, string>>;
  /** Everything, to look for what must not be there. */
  readonly text: string;
  /** Failure and lines. */
  readonly transcript: string;
  /** Value and own labels of all series of a metric. */
  readonly series: (name: string) => readonly (readonly [Readonly<Record<string, string>>, number])[];
  /** Whether the failure is among those that are counted from the start. */
  readonly declared: boolean;
}

function read(observations: readonly Observation[], counted: readonly Observation[]): Omit<Probed, 'transcript'> {
  const find = (suffix: string) => observations.filter(({ metric }) => metric.name.endsWith(suffix));
  const number = (suffix: string) => {
    const value = find(suffix)[0]?.value;
    return typeof value === 'number' ? value : undefined;
  };
  const [failure] = find('_failure_info');
  const seconds: Record<string, number> = {};
  for (const { labels, value } of find('_duration_seconds')) seconds[labels['phase'] ?? ''] = typeof value === 'number' ? value : NaN;
  return {
    up: number('_up'),
    status: number('_status_code'),
    failure: failure && `${failure.labels['phase']}/${failure.labels['reason']}`,
    phases: Object.keys(seconds),
    seconds,
    certificateExpiry: number('_expiry_timestamp_seconds'),
    labels: find('_up')[0]?.labels ?? {},
    text: JSON.stringify(observations),
    series: (name) =>
      observations
        .filter(({ metric }) => metric.name === name)
        .map(({ metric, labels, value }) => [
          Object.fromEntries(metric.labels.flatMap((label) => (labels[label] ? [[label, labels[label]]] : []))),
          typeof value === 'number' ? value : Number.NaN,
        ]),
    declared: !failure || isDeclared(counted, failure.labels),
  };
}

/** A failure that was not declared at 0 would be invisible the first time. */
function isDeclared(counted: readonly Observation[], { phase, reason }: Readonly<Record<string, string>>): boolean {
  return counted.some(
    ({ metric, labels }) => metric.name.endsWith('_failures_total') && labels['phase'] === phase && labels['reason'] === reason,
  );
}

export interface Pair {
  readonly key: string;
  readonly cert: string;
}

const DAY_MS = 86_400_000;

export async function authority(): Promise<Pair> {
  const made = await generate([{ name: 'commonName', value: 'Authority of the tests' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  return { key: made.private, cert: made.cert };
}

/** @param days from when to when it is valid, counted from today */
export async function certificate(ca: Pair, name: string, days: readonly [number, number] = [-1, 30]): Promise<Pair> {
  const [from, to] = days.map((day) => new Date(Math.floor((Date.now() + day * DAY_MS) / 1000) * 1000));
  if (!from || !to) throw new Error('two days');
  const made = await generate([{ name: 'commonName', value: name }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: from,
    notAfterDate: to,
    ca,
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'subjectAltName', altNames: [/^[\d.]+$/.test(name) ? { type: 7, ip: name } : { type: 2, value: name }] },
    ],
  });
  return { key: made.private, cert: made.cert };
}
