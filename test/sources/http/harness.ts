// An http source as a test wants it, and certificates for the servers it asks.

import { pino } from 'pino';
import { generate } from 'selfsigned';
import { systemClock } from '../../../src/domain/clock.js';
import type { Observation } from '../../../src/domain/observation.js';
import { SourceError, type Source, type SourceConfig, type SourceContext } from '../../../src/sources/kind.js';
import { http } from '../../../src/sources/http/index.js';
import type { EndpointOptions, HttpOptions } from '../../../src/sources/http/schema.js';
import { flow } from '../../flow.js';
import { MemoryRecord } from '../../records.js';

export const invoices = flow({ team: 'flux', partners: ['chuv'], stages: ['received'] });

export function config(endpoints: Record<string, EndpointOptions>, changes: Partial<HttpOptions> = {}): SourceConfig<HttpOptions> {
  return {
    name: 'partner-endpoints',
    kind: 'http',
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
    options: { kind: 'http', endpoints, ...changes },
  };
}

/** @param secrets by the name of the environment variable that holds them */
export function start(endpoints: Record<string, EndpointOptions>, secrets: Readonly<Record<string, string>> = {}): Promise<Source> {
  const context: SourceContext = {
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
    accumulator: () => {
      throw new Error('a polled source needs none');
    },
    undeclared: () => {},
    record: () => new MemoryRecord(),
    handover: undefined,
  };
  return http.create(config(endpoints), context);
}

/** Probes once. @throws SourceError */
export async function probeOnce(endpoint: EndpointOptions, secrets: Readonly<Record<string, string>> = {}): Promise<Probed> {
  const source = await start({ it: endpoint }, secrets);
  const [collector] = source.collectors;
  if (!collector) throw new Error('no collector');
  const observations = [...(await collector.collect(new AbortController().signal))];
  await source.close();
  return read(observations);
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
}

function read(observations: readonly Observation[]): Probed {
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
  };
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
