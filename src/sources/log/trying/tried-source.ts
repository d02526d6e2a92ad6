// A log source that somebody looks at: it reads the last lines of its files, or all of a sample, and nothing of it is kept.

import { logs } from '../../../conventions.js';
import type { Accumulator } from '../../../domain/accumulator.js';
import type { Observation } from '../../../domain/observation.js';
import { SourceError, type LookPurpose, type Source, type SourceConfig, type SourceContext } from '../../kind.js';
import { buildRules, type Built } from '../counting/build.js';
import { exemplars } from '../counting/ids.js';
import { Pending } from '../counting/pending.js';
import { SeriesSet } from '../counting/series.js';
import { PatternGuard } from '../patterns/guard.js';
import { createSplitRules } from '../reading/create.js';
import { readError } from '../reading/errors.js';
import type { FoundFile } from '../reading/scan.js';
import type { RecordSink } from '../reading/sink.js';
import { readState } from '../reading/state.js';
import { readLogRecord } from '../record.js';
import { DEFAULT_MAX_AGE, DEFAULT_MAX_AHEAD, type LogOptions } from '../schema.js';
import { demotionWarnings, readingObservations } from '../telling.js';
import { TryReport } from './explain.js';
import { findFiles, type Found } from './found.js';
import { plural } from './miss-text.js';
import { Observer } from './observer.js';
import { RecordMisses } from './record-misses.js';
import { readTail, readWhole, type Reading } from './tail.js';

/** How much of the ends of files is read, and of how many. */
const ENDS: Readonly<Record<Exclude<LookPurpose, 'sample'>, { readonly bytes: number; readonly files: number }>> = {
  try: { bytes: 256 * 1024, files: 10 },
  check: { bytes: 32 * 1024, files: 1 },
};

/** What is read of a file. */
interface Part {
  readonly file: FoundFile;
  /** Of its end; undefined: all of it. */
  readonly bytes: number | undefined;
}

interface Parts {
  readonly purpose: LookPurpose;
  readonly guard: PatternGuard;
  readonly accumulator: Accumulator;
  readonly built: Built;
  readonly sink: RecordSink;
  /** Where somebody wants to see lines. */
  readonly report: TryReport | undefined;
}

export async function createTriedSource(config: SourceConfig<LogOptions>, context: SourceContext): Promise<Source> {
  const { purpose = 'check' } = context;
  const guard = new PatternGuard();
  const accumulator = context.accumulator('files');
  const series = new SeriesSet(accumulator, new Pending(exemplars(() => context.clock.now())));
  const report = purpose === 'check' ? undefined : new TryReport();
  const observer = report && (await observerOf(config.options, guard, report));
  const built = await buildRules(config, context, series, guard, observer);
  const sink = observer?.sink(built.sink) ?? built.sink;
  return new TriedSource(config, context, { purpose, guard, accumulator, built, sink, report });
}

async function observerOf(options: LogOptions, guard: PatternGuard, report: TryReport): Promise<Observer> {
  return new Observer({ options, guard, misses: await RecordMisses.of(options), take: (account) => report.take(account) });
}

class TriedSource implements Source {
  readonly collectors: Source['collectors'];

  constructor(
    private readonly config: SourceConfig<LogOptions>,
    private readonly context: SourceContext,
    private readonly parts: Parts,
  ) {
    const { interval, timeout, maxStaleness } = config;
    const { accumulator } = parts;
    this.collectors = [{ name: 'files', interval, timeout, maxStaleness, accumulator, collect: (signal) => this.#collect(signal) }];
  }

  warnings(): string[] {
    return demotionWarnings(this.parts.guard.demotions);
  }

  async close(): Promise<undefined> {}

  async #collect(signal: AbortSignal): Promise<Observation[]> {
    const { clock, inspect } = this.context;
    const found = await findFiles(this.config, this.context.resolvePath('.'));
    const errors = [...(await this.#recordErrors()), ...found.errors];
    const parts = this.#partsOf(found);
    const server = serverText(found, this.config.options, this.parts.purpose);
    inspect?.('files', { server, warnings: [...found.warnings, ...pipeWarnings(found)] });
    const begun = clock.monotonic();
    errors.push(...(await this.#read(parts, signal)));
    this.#tell(parts, clock.monotonic() - begun);
    const [error] = errors;
    if (error) throw error;
    return readingObservations(this.config, { behind: 0, unreadSince: undefined, files: found.files.length + found.pipes.length, error });
  }

  /** A record that the exporter could not go on with; what it says is of no use here. */
  async #recordErrors(): Promise<SourceError[]> {
    try {
      const record = readLogRecord(await this.context.record('files').read());
      if (this.config.options.follow !== 'path') readState(record?.reading);
      return [];
    } catch (error) {
      if (error instanceof SourceError) return [error];
      throw error;
    }
  }

  /** The last written ones, until there is enough; older ones are read first. */
  #partsOf({ files }: Found): Part[] {
    const { purpose } = this.parts;
    if (purpose === 'sample') return files.map((file) => ({ file, bytes: undefined }));
    const parts: Part[] = [];
    let { bytes } = ENDS[purpose];
    for (const file of files.slice(0, ENDS[purpose].files)) {
      if (bytes <= 0) break;
      parts.unshift({ file, bytes });
      bytes -= Number(file.stats.size);
    }
    return parts;
  }

  async #read(parts: readonly Part[], signal: AbortSignal): Promise<SourceError[]> {
    const { built, sink } = this.parts;
    const rules = await createSplitRules(this.config.options, built.isStart);
    const reading: Reading = { rules, sink, stop: () => signal.aborted };
    const errors: SourceError[] = [];
    for (const { file, bytes } of parts) {
      const done = bytes === undefined ? readWhole(file.path, reading) : readTail(file.path, bytes, reading);
      await done.catch((error: unknown) => errors.push(readError(file.path, error)));
    }
    // Lines tell the time: those of a sample may be old.
    for (const correlation of built.correlations) correlation.settle(false);
    return errors;
  }

  #tell(parts: readonly Part[], readMs: number): void {
    const { report, purpose } = this.parts;
    const warnings = [...this.#implausibleTimes(), ...(purpose === 'check' ? this.#nothingTaken(parts) : [])];
    const phases = { read: readMs };
    const heading = headingOf(parts, purpose);
    this.context.inspect?.('files', { phases, warnings, ...(report && { report: (pieces) => [heading, ...report.lines(pieces)] }) });
  }

  #implausibleTimes(): string[] {
    const { max_ahead: maxAhead = DEFAULT_MAX_AHEAD, max_age: maxAge = DEFAULT_MAX_AGE } = this.config.options.time ?? {};
    const counts = this.#counts(logs.implausibleTimes, 'reason');
    const told = (reason: string, text: string) => (counts.has(reason) ? [`${plural(counts.get(reason) ?? 0, 'line')}: ${text}`] : []);
    return [
      // Where it is written to seldom, that need be no fault.
      ...(this.parts.purpose === 'check' ? [] : told('past', `the time is longer ago than max_age, ${maxAge}`)),
      ...told('future', `the time is further ahead than max_ahead, ${maxAhead}`),
      ...told('unreadable', 'the time cannot be read'),
    ];
  }

  #nothingTaken(parts: readonly Part[]): string[] {
    const { events, correlations, metrics, level } = this.config.options;
    const path = parts.at(-1)?.file.path;
    const counts = this.#counts(logs.lines, 'result');
    const all = [...counts.values()].reduce((sum, count) => sum + count, 0);
    const hasRules = events ?? correlations ?? metrics;
    if (!hasRules || level !== undefined || all === 0 || counts.has('matched') || counts.has('ignored')) return [];
    return [`no rule takes any of the last ${plural(all, 'line')} of ${path}: vigie try ${this.config.name} shows why`];
  }

  /** What is not 0, by the label. */
  #counts(metric: Observation['metric'], label: string): Map<string, number> {
    const counts = new Map<string, number>();
    for (const observation of this.parts.accumulator.observations()) {
      const { value, labels } = observation;
      if (observation.metric === metric && typeof value === 'number' && value > 0) counts.set(labels[label] ?? '', value);
    }
    return counts;
  }
}

function serverText({ files, pipes }: Found, { encoding = 'utf-8' }: LogOptions, purpose: LookPurpose): string {
  if (purpose === 'sample') return `a sample of ${files[0]?.stats.size ?? 0} bytes, ${encoding}`;
  const newest = files[0]?.path ?? pipes[0];
  const count = files.length + pipes.length;
  return `${plural(count, 'file')}${newest === undefined ? '' : `${count > 1 ? ', the newest' : ','} ${newest}`}, ${encoding}`;
}

function pipeWarnings({ pipes }: Found): string[] {
  return pipes.map((path) => `${path} is a pipe: what is read from it is gone, so it is not read here; --file takes a sample`);
}

function headingOf(parts: readonly Part[], purpose: LookPurpose): string {
  const newest = parts.at(-1);
  if (!newest) return 'nothing is read';
  if (purpose === 'sample') return 'the sample from start to end; series are of these lines alone';
  const { file, bytes = 0 } = newest;
  const isWhole = Number(file.stats.size) <= bytes;
  const others = parts.length === 1 ? '' : `, after ${plural(parts.length - 1, 'older file')}`;
  return `${isWhole ? 'all' : `the last ${Math.round(bytes / 1024)} KiB`} of ${file.path}${others}; series are of these lines alone`;
}
