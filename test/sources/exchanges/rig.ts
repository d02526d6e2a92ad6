// What the suites of file exchanges share: a flow, a block of YAML with its defaults, a context, and a store in memory that can fail.

import { basename, dirname } from 'node:path/posix';
import { pino } from 'pino';
import { Accumulator } from '../../../src/domain/accumulator.js';
import type { CalendarDeclaration } from '../../../src/domain/calendar-declaration.js';
import type { Flow } from '../../../src/domain/flow.js';
import type { Observation } from '../../../src/domain/observation.js';
import { SourceError, type Findings, type Source, type SourceConfig, type SourceContext } from '../../../src/sources/kind.js';
import type { ExchangeOptions } from '../../../src/sources/exchanges/index.js';
import { createExchange, type Access } from '../../../src/sources/exchanges/source.js';
import type { FileStore, ListedFile, Space } from '../../../src/sources/exchanges/store.js';
import { FakeClock } from '../../fake-clock.js';
import { flow } from '../../flow.js';
import { MemoryRecord } from '../../records.js';
import { sourceConfigOf } from '../../source-config.js';

export const invoices = flow({ stages: ['received', 'sent', 'answered'], calendar: 'bureau' });
export const contributions: Flow = { ...invoices, name: 'cotisations', partners: ['caisse-avs'], calendar: undefined };
export const flows = [invoices, contributions];
export const partners = ['chuv', 'hug', 'caisse-avs'];
export const calendars: Readonly<Record<string, CalendarDeclaration>> = {
  bureau: { timezone: 'Europe/Zurich', open: { 'mon-fri': '07:00-19:00' }, holidays: ['2026-03-06'] },
};

/** 2026-03-02T08:00:00Z, a Monday, where the clock of a rig starts. */
export const START = Date.parse('2026-03-02T08:00:00Z') / 1000;

export interface StoredFile {
  content: Buffer;
  /** Where it is not the length of the content; null where the server does not tell. */
  size?: number | null;
  /** Unix seconds; undefined where the server does not tell. */
  modified: number | undefined;
}

/** Files of a server, in memory, by their paths. */
export class MemoryStore implements FileStore {
  readonly files = new Map<string, StoredFile>();
  readonly reads: string[] = [];
  readonly removed: string[] = [];
  room: Space | undefined;
  /** Thrown by the next operations of this name, while it is set. */
  readonly failures = new Map<'list' | 'read' | 'write' | 'rename' | 'remove' | 'space', SourceError>();
  /** Called after each file that was listed. */
  onListed: (file: string) => void = () => {};

  put(
    path: string,
    { content = 'x', size, modified = START }: { content?: string | Buffer; size?: number | null; modified?: number | null } = {},
  ): void {
    this.files.set(path, { content: Buffer.from(content), ...(size !== undefined && { size }), modified: modified ?? undefined });
  }

  async list(directory: string, visit: (file: ListedFile) => void): Promise<void> {
    this.#fail('list');
    for (const [path, { content, size, modified }] of this.files) {
      if (dirname(path) !== directory) continue;
      visit({ name: basename(path), size: size === null ? undefined : (size ?? content.length), modified });
      this.onListed(path);
      this.#fail('list');
    }
  }

  async read(path: string, maxBytes: number): Promise<Buffer> {
    this.#fail('read');
    this.reads.push(path);
    return this.#get('read', path).content.subarray(0, maxBytes);
  }

  async write(path: string, content: Buffer): Promise<void> {
    this.#fail('write');
    this.files.set(path, { content, modified: undefined });
  }

  async rename(from: string, to: string): Promise<void> {
    this.#fail('rename');
    const file = this.#get('write', from);
    this.files.delete(from);
    this.files.set(to, file);
  }

  async remove(path: string): Promise<void> {
    this.#fail('remove');
    this.files.delete(path);
    this.removed.push(path);
  }

  async space(): Promise<Space | undefined> {
    this.#fail('space');
    return this.room;
  }

  #get(phase: string, path: string): StoredFile {
    const file = this.files.get(path);
    if (!file) throw new SourceError(phase, 'not_found', `${path}: no such file`);
    return file;
  }

  #fail(operation: 'list' | 'read' | 'write' | 'rename' | 'remove' | 'space'): void {
    const failure = this.failures.get(operation);
    if (failure) throw failure;
  }
}

export function sourceConfig<Options extends ExchangeOptions>(options: Options, kind = 'files'): SourceConfig<Options> {
  return sourceConfigOf({ name: 'inbox', kind, interval: 60_000, timeout: 10_000 }, options);
}

/** A source over a store in memory, with records that outlive it. */
export class Rig {
  readonly store = new MemoryStore();
  readonly clock = new FakeClock();
  readonly undeclared: { label: string; value: string }[] = [];
  readonly records = new Map<string, MemoryRecord>();
  readonly findings = new Map<string, Findings>();
  accumulators = new Map<string, Accumulator>();
  source: Source | undefined;
  calendars = calendars;
  /** Fails before the work begins, as a connection does. */
  failure: Error | undefined;

  constructor(
    readonly options: ExchangeOptions,
    readonly access: Partial<Access> = {},
  ) {}

  get context(): SourceContext {
    return {
      flows,
      partners,
      calendars: this.calendars,
      clock: this.clock,
      logger: pino({ level: 'silent' }),
      resolvePath: (path) => path,
      readSecret: () => Promise.resolve(''),
      accumulator: (collector) => entryOf(this.accumulators, collector, () => new Accumulator()),
      undeclared: (label, value) => void this.undeclared.push({ label, value }),
      record: (collector) => this.record(collector),
      inspect: (collector, findings) => void this.findings.set(collector, findings),
      handover: undefined,
    };
  }

  record(collector: string): MemoryRecord {
    return entryOf(this.records, collector, () => new MemoryRecord());
  }

  /** As a process that begins anew: what was counted is gone, records are not. */
  async restart(): Promise<void> {
    await this.source?.close();
    this.source = undefined;
    this.accumulators = new Map();
  }

  /** Looks once. @param name of the collector; the first one, without */
  async look(name?: string): Promise<string[]> {
    this.source ??= await createExchange(sourceConfig(this.options), this.context, {
      use: (_signal, work) => (this.failure ? Promise.reject(this.failure) : work(this.store)),
      close: () => Promise.resolve(),
      address: 'sftp.example.org:22',
      ...this.access,
    });
    const collector = this.source.collectors.find((one) => name === undefined || one.name === name);
    if (!collector) throw new Error(`no collector ${name}`);
    const observations = [...(await collector.collect(AbortSignal.timeout(5_000)))];
    return lines([...observations, ...(collector.accumulator?.observations() ?? [])]);
  }

  async failed(name?: string): Promise<SourceError> {
    const error: unknown = await this.look(name).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (error instanceof SourceError) return error;
    throw new Error(`expected a SourceError, got ${String(error)}`);
  }
}

function entryOf<T>(map: Map<string, T>, key: string, make: () => T): T {
  const known = map.get(key) ?? make();
  map.set(key, known);
  return known;
}

/** `name{label="value",…} number` in sorted order, without the environment, which is the same everywhere. */
export function lines(observations: readonly Observation[]): string[] {
  return observations
    .map(({ metric, labels, value }) => {
      const written = metric.labels.filter((label) => label !== 'env' && labels[label]).map((label) => `${label}="${labels[label]}"`);
      return `${metric.name}{${written.join(',')}} ${typeof value === 'number' ? value : `${value.count} events, sum ${value.sum}`}`;
    })
    .toSorted();
}

/** Only the lines of these metrics, zeros left out. */
export function of(all: readonly string[], ...names: readonly string[]): string[] {
  return all.filter((line) => names.some((name) => line.startsWith(`${name}{`)) && !line.endsWith(' 0'));
}
