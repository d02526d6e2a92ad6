// A log source on real files in a folder of its own, driven look by look.

import { appendFile, copyFile, mkdtemp, rename, rm, truncate, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { Accumulator } from '../../../src/domain/accumulator.js';
import type { Labels, Observation } from '../../../src/domain/observation.js';
import { log } from '../../../src/sources/log/index.js';
import type { LogOptions } from '../../../src/sources/log/schema.js';
import { SourceError, type Source, type SourceConfig, type SourceContext } from '../../../src/sources/kind.js';
import { FakeClock } from '../../fake-clock.js';
import { flow } from '../../flow.js';
import { MemoryRecord } from '../../records.js';

export const invoices = flow({ name: 'invoices', title: 'Invoices', team: 'flux' });

/** Lines `{"id":…}` count as received from chuv. */
export const counting = {
  kind: 'log',
  files: ['app.log*'],
  format: 'json',
  events: [{ flow: 'invoices', partner: 'chuv', stage: 'received' }],
} as const satisfies LogOptions;

export function configOf(options: LogOptions): SourceConfig<LogOptions> {
  return {
    name: 'exchange-log',
    kind: 'log',
    title: undefined,
    team: undefined,
    env: 'prod',
    path: undefined,
    interval: 1000,
    timeout: 1000,
    maxStaleness: 3000,
    maxSeries: 10_000,
    exporterPort: undefined,
    baseDir: '.',
    options,
  };
}

/** The exporter of one log source, and the folder that it watches. */
export class Rig {
  readonly clock = new FakeClock();
  readonly undeclared: string[] = [];
  /** Outlives the process, as a file does. */
  readonly record = new MemoryRecord();
  #accumulator = new Accumulator();
  #source: Source | undefined;
  #handover: unknown;

  private constructor(readonly folder: string) {}

  static async create(): Promise<Rig> {
    return new Rig(await mkdtemp(join(tmpdir(), 'vigie-log-')));
  }

  /** Starts the source, or goes on with other options as after a reload. */
  async start(options: LogOptions = counting): Promise<void> {
    if (this.#source) this.#handover = await this.#source.close();
    this.#source = await log.create(configOf(options), this.#context());
  }

  /** Starts the source, and lets it look at a folder in which nothing is yet: what is written then appears later. */
  async follow(options: LogOptions = counting): Promise<void> {
    await this.start(options);
    await this.look().catch((error: unknown) => {
      if (!(error instanceof SourceError) || error.errorClass !== 'not_found') throw error;
    });
  }

  async look(signal = new AbortController().signal): Promise<readonly Observation[]> {
    const [collector] = this.#source?.collectors ?? [];
    if (!collector) throw new Error('not started');
    return [...(await collector.collect(signal))];
  }

  /** Lets time pass. A look that began meanwhile, since files had changed, may have been stopped: it has ended, and another one is to come. */
  async advance(ms: number): Promise<void> {
    await this.clock.advance(ms);
    await this.look().catch(() => undefined);
  }

  /** The process is gone at once, and a new one goes on with the record. */
  async killAndStart(options: LogOptions = counting): Promise<void> {
    const { record } = this;
    const kept = record.text;
    await this.#source?.close();
    record.text = kept;
    this.#source = undefined;
    this.#handover = undefined;
    this.#accumulator = new Accumulator();
    await this.start(options);
  }

  /** As a stop during a reload, before sources were closed once. */
  async closeAgain(): Promise<void> {
    await this.#source?.close();
    await this.#source?.close();
  }

  /** What the source would hand over, as it would stand in a file. */
  async stop(): Promise<unknown> {
    const state = await this.#source?.close();
    this.#source = undefined;
    this.#handover = state === undefined ? undefined : JSON.parse(JSON.stringify(state));
    return this.#handover;
  }

  async remove(): Promise<void> {
    await this.#source?.close();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Value of the one series of this metric with these labels; undefined where there is none. */
  value(metric: string, labels: Labels = {}): number | undefined {
    const [observation, ...others] = this.series(metric, labels);
    if (others.length > 0) throw new Error(`${metric} has ${others.length + 1} such series`);
    const value = observation?.value;
    return typeof value === 'object' ? value.count : value;
  }

  series(metric: string, labels: Labels = {}): Observation[] {
    return this.#accumulator
      .observations()
      .filter((observation) => observation.metric.name === metric)
      .filter((observation) => Object.entries(labels).every(([name, value]) => observation.labels[name] === value));
  }

  /** Messages received from chuv. */
  get received(): number | undefined {
    return this.value('flow_messages_total', { stage: 'received', partner: 'chuv', outcome: 'ok' });
  }

  lines(result: string): number | undefined {
    return this.value('vigie_log_lines_total', { result });
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  async write(name: string, text: string | Buffer): Promise<void> {
    await writeFile(this.path(name), text);
  }

  async append(name: string, text: string | Buffer): Promise<void> {
    await appendFile(this.path(name), text);
  }

  async rename(from: string, to: string): Promise<void> {
    await rename(this.path(from), this.path(to));
  }

  async unlink(name: string): Promise<void> {
    await unlink(this.path(name));
  }

  async copyAndTruncate(from: string, to: string): Promise<void> {
    await copyFile(this.path(from), this.path(to));
    await truncate(this.path(from));
  }

  #context(): SourceContext {
    return {
      flows: [invoices],
      partners: ['chuv', 'hug', 'other'],
      clock: this.clock,
      logger: pino({ level: 'silent' }),
      resolvePath: (path) => join(this.folder, path),
      readSecret: () => Promise.reject(new Error('there is no secret')),
      accumulator: () => this.#accumulator,
      undeclared: (label, value) => this.undeclared.push(`${label} ${value}`),
      record: () => this.record,
      handover: this.#handover,
    };
  }
}

let lastId = 0;

/** Complete lines that differ from each other. */
export function lines(count: number, text = ''): string {
  return Array.from({ length: count }, () => `${JSON.stringify({ id: ++lastId, text })}\n`).join('');
}
