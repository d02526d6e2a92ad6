// What the suites of the ftp source share: flows, a block of YAML with its defaults, a context without a process around it.

import { pino } from 'pino';
import { Accumulator } from '../../../src/domain/accumulator.js';
import { systemClock, type Clock } from '../../../src/domain/clock.js';
import type { Observation } from '../../../src/domain/observation.js';
import { SourceError, type Source, type SourceConfig, type SourceContext } from '../../../src/sources/kind.js';
import { AccountGuard } from '../../../src/sources/login-guard.js';
import { ftp } from '../../../src/sources/ftp/index.js';
import { Opener } from '../../../src/sources/ftp/opener.js';
import type { FtpOptions } from '../../../src/sources/ftp/schema.js';
import type { FtpStore } from '../../../src/sources/ftp/store.js';
import { utcMinute } from '../../../src/sources/ftp/times.js';
import { flow } from '../../flow.js';
import { MemoryRecord } from '../../records.js';
import { sourceConfigOf } from '../../source-config.js';

export const invoices = flow({ stages: ['received', 'validated', 'processed', 'answered'] });
export const flows = [invoices];
export const partners = ['chuv', 'hug'];

export type DirectoryOptions = NonNullable<FtpOptions['directories']>[number];

/** A directory whose files are all of one partner. */
export function directory(path: string, changes: Partial<DirectoryOptions> = {}): DirectoryOptions {
  return { path, flow: invoices.name, stage: 'received', partner: 'chuv', ...changes };
}

export const block: FtpOptions = {
  kind: 'ftp',
  host: '127.0.0.1',
  user: 'anonymous',
  password: { env: 'PASSWORD' },
  directories: [directory('/in')],
};

export function sourceConfig(options: FtpOptions): SourceConfig<FtpOptions> {
  return sourceConfigOf({ name: 'inbox', kind: 'ftp', interval: 60_000, timeout: 10_000 }, options);
}

export interface TestContext extends SourceContext {
  readonly secrets: Record<string, string>;
}

/** @param secrets by the name of the environment variable that holds them */
export function sourceContext(secrets: Record<string, string> = {}, clock: Clock = systemClock): TestContext {
  const accumulators = new Map<string, Accumulator>();
  const records = new Map<string, MemoryRecord>();
  return {
    flows,
    partners,
    clock,
    logger: pino({ level: 'silent' }),
    resolvePath: (path) => path,
    readSecret: (secret) => {
      if (typeof secret === 'string') return Promise.resolve(secret);
      const value = 'env' in secret ? secrets[secret.env] : undefined;
      if (value === undefined) return Promise.reject(new SourceError('secret', 'secret', 'the secret cannot be read'));
      return Promise.resolve(value);
    },
    accumulator: (name) => kept(accumulators, name, () => new Accumulator()),
    undeclared: () => {},
    record: (name) => kept(records, name, () => new MemoryRecord()),
    handover: undefined,
    secrets,
  };
}

function kept<T>(all: Map<string, T>, name: string, make: () => T): T {
  const known = all.get(name) ?? make();
  all.set(name, known);
  return known;
}

/** The source of a block with these changes. */
export function start(changes: Partial<FtpOptions>, context: SourceContext): Promise<Source> {
  return ftp.create(sourceConfig({ ...block, ...changes }), context);
}

/** Collects the named directory (the first one, without a name), within the limit in milliseconds. */
export async function collect(source: Source, name?: string, limitMs = 8_000): Promise<readonly Observation[]> {
  const collector = source.collectors.find((candidate) => name === undefined || candidate.name === name);
  if (!collector) throw new Error(`no directory ${name}`);
  return [...(await collector.collect(AbortSignal.timeout(limitMs)))];
}

/** How collecting failed: `phase/class: message`; `no failure` where it did not. */
export async function failure(source: Source, name?: string, limitMs = 8_000): Promise<string> {
  try {
    await collect(source, name, limitMs);
    return 'no failure';
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    return `${error.phase}/${error.errorClass}: ${error.message}`;
  }
}

/** The sum of a metric over all its series. */
export function total(observations: readonly Observation[], metric: string): number {
  return observations
    .filter((observation) => observation.metric.name === metric)
    .reduce((sum, { value }) => sum + (typeof value === 'number' ? value : Number.NaN), 0);
}

/** A connection of its own, for what the frame does not ask of every store. The caller destroys it. */
export async function openStore(changes: Partial<FtpOptions>, context: SourceContext, limitMs = 8_000): Promise<FtpStore> {
  const { clock } = context;
  const around = { clock, guard: new AccountGuard(new MemoryRecord(), clock), onCertificate: () => {} };
  const opener = new Opener({ ...block, ...changes }, context, around, { encoding: 'utf8', toUtc: utcMinute, onListed: () => {} });
  return await opener.open(AbortSignal.timeout(limitMs));
}
