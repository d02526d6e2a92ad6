// What the suites of the sftp source share: a flow, a block of YAML with its defaults, a context without a process around it.

import { readFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { pino } from 'pino';
import { Accumulator } from '../../../src/domain/accumulator.js';
import { systemClock } from '../../../src/domain/clock.js';
import type { Flow } from '../../../src/domain/flow.js';
import type { Observation } from '../../../src/domain/observation.js';
import { SourceError, type Source, type SourceConfig, type SourceContext } from '../../../src/sources/kind.js';
import type { DirectoryOptions } from '../../../src/sources/exchanges/schema.js';
import type { SftpOptions } from '../../../src/sources/sftp/schema.js';
import { flow } from '../../flow.js';
import { MemoryRecord } from '../../records.js';
import { sourceConfigOf } from '../../source-config.js';

export const invoices = flow({ stages: ['received', 'validated'] });

export const contributions: Flow = { ...invoices, name: 'cotisations', partners: ['caisse-avs'], stages: ['received', 'booked'] };

export const flows = [invoices, contributions];
export const partners = ['chuv', 'hug', 'caisse-avs'];

export const inbox: DirectoryOptions = {
  path: '/in/tge',
  flow: 'factures-tge',
  stage: 'received',
  files: String.raw`(?<partner>[a-z]+)_\d{8}_\d+\.xml`,
};

export const block: SftpOptions = {
  kind: 'sftp',
  host: '127.0.0.1',
  user: 'vigie',
  key: { file: '/keys/vigie' },
  host_key: { known_hosts: '/keys/known_hosts' },
  directories: [inbox],
};

export function sourceConfig(options: SftpOptions): SourceConfig<SftpOptions> {
  return sourceConfigOf({ name: 'inbox', kind: 'sftp', interval: 60_000, timeout: 10_000 }, options);
}

export interface TestContext extends SourceContext {
  readonly seen: { label: string; value: string }[];
}

/** @param baseDir folder that relative paths start from */
export function sourceContext(baseDir = '/'): TestContext {
  const seen: TestContext['seen'] = [];
  return {
    flows,
    partners,
    clock: systemClock,
    logger: pino({ level: 'silent' }),
    resolvePath: (path) => (isAbsolute(path) ? path : join(baseDir, path)),
    readSecret: async (secret) => {
      if (typeof secret === 'string') return secret;
      if ('env' in secret) return process.env[secret.env] ?? '';
      return (await readFile(secret.file, 'utf8')).replace(/\r?\n$/, '');
    },
    accumulator: () => new Accumulator(),
    undeclared: (label, value) => void seen.push({ label, value }),
    record: () => new MemoryRecord(),
    handover: undefined,
    seen,
  };
}

/** Collects the named directory (the only one, without a name), within the limit in milliseconds. */
export async function collect(source: Source, name?: string, limitMs = 8_000): Promise<readonly Observation[]> {
  const collector = source.collectors.find((candidate) => name === undefined || candidate.name === name);
  if (!collector) throw new Error(`no directory ${name}`);
  return [...(await collector.collect(AbortSignal.timeout(limitMs)))];
}

/** The error of a collection that must fail. */
export async function failure(source: Source, name?: string, limitMs?: number): Promise<SourceError> {
  const error: unknown = await collect(source, name, limitMs).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof SourceError) return error;
  throw new Error(`expected a SourceError, got ${String(error)}`);
}

/** What a collection says of files that wait, where all is well. */
export const WAITING = 'flow_backlog_messages';

/** The lines of one metric. */
export function linesOf(metric: string, observations: readonly Observation[]): string[] {
  return lines(observations.filter((one) => one.metric.name === metric));
}

/** `name{label="value",…} number` in sorted order, without the environment, which is the same everywhere. */
export function lines(observations: readonly Observation[]): string[] {
  return observations
    .map(({ metric, labels, value }) => {
      const written = metric.labels.filter((label) => label !== 'env' && labels[label]).map((label) => `${label}="${labels[label]}"`);
      return `${metric.name}{${written.join(',')}} ${typeof value === 'number' ? value : 'histogram'}`;
    })
    .toSorted();
}
