// One look at a source, as `vigie try` and `vigie check --live` take it: each collector runs once, nothing is served, no state is written.

import type { Config } from '../config/model.js';
import { systemClock } from '../domain/clock.js';
import { suggest } from '../domain/suggest.js';
import { isBudgeted } from '../exporter/assembly.js';
import { withCollect } from '../exporter/collector-loop.js';
import { seriesCount } from '../exporter/exposition.js';
import { defaultStateFolder, stateRecord } from '../exporter/state-store.js';
import type { CollectorStatus, ExporterStatus, RunStatus } from '../exporter/status.js';
import type { Subject } from '../exporter/subject.js';
import { Watch } from '../exporter/watch.js';
import { createLogger } from '../log.js';
import type { Collector, Findings, LookPurpose, StateRecord } from '../sources/kind.js';

/** Longer than any look: a collector that is done is not asked again, and what it found stays, while others still look. */
const NEVER_MS = 365 * 24 * 3_600_000;
/** What a source that does not let go may take at the end. */
const STOP_LIMIT_MS = 3_000;
/** From here on a source has little room left below its `max_series`. */
const NEARLY_FULL = 0.8;

const noRecord: StateRecord = { read: async () => undefined, write: async () => undefined };

export interface LookOptions {
  /** Only these collectors: one by its name, or all that ask the query of this name in several databases. */
  readonly only?: string | undefined;
  /** Where records are read. Default: `defaultStateFolder`. */
  readonly stateFolder?: string | undefined;
  /** Of a sample no records are even read: every collector begins as if it had never run. Default: `check`. */
  readonly purpose?: LookPurpose | undefined;
}

export interface CollectorLook {
  readonly name: string;
  readonly durationMs: number;
  readonly series: number;
  /** Undefined where it succeeded. */
  readonly error: RunStatus['error'];
  /** Its warnings are those that no other collector has as well. */
  readonly findings: Findings;
}

export interface Look {
  readonly collectors: readonly CollectorLook[];
  /** How many collectors the source has, those that were not wanted included. */
  readonly collectorsInAll: number;
  /** What several collectors or the source as a whole tell, in a sentence each. */
  readonly warnings: readonly string[];
  readonly undeclared: ExporterStatus['undeclared'];
  /** Series that were found, those beyond `maxSeries` included. */
  readonly series: number;
  readonly maxSeries: number;
  /** What would be scraped of the source, in the text format of Prometheus. */
  readonly exposition: string;
}

/** The source has no such collector; the message says which there are. */
export class NoCollector extends Error {
  override readonly name = 'NoCollector';
}

/** What the wanted collectors do and tell, by name. */
class Notebook {
  readonly series = new Map<string, number>();
  readonly #findings = new Map<string, Findings>();
  collectorsInAll = 0;

  /** Takes a piece; of what is told twice, the later piece holds. */
  take(collector: string, piece: Findings): void {
    const before = this.findings(collector);
    const warnings = new Set([...(before.warnings ?? []), ...(piece.warnings ?? [])]);
    this.#findings.set(collector, { ...before, ...piece, warnings: [...warnings] });
  }

  findings(collector: string): Findings {
    return this.#findings.get(collector) ?? {};
  }
}

/**
 * Takes as long as the slowest collector may, and a few seconds for one that does not let go.
 * @throws NoCollector, and what the creation of the source throws
 */
export async function lookOnce(
  config: Config,
  subject: Subject,
  { only, stateFolder, purpose = 'check' }: LookOptions = {},
): Promise<Look> {
  const notebook = new Notebook();
  const folder = stateFolder ?? defaultStateFolder(config.file);
  const watch = await Watch.of(
    { subject: onlyOnce(subject, only, notebook), config },
    {
      clock: systemClock,
      logger: createLogger({}, 'silent'),
      record: (source, collector) => (purpose === 'sample' ? noRecord : stateRecord(folder, source, collector, { readOnly: true })),
      inspect: (collector, findings) => notebook.take(collector, findings),
      purpose,
    },
  );
  watch.start();
  await watch.tried;
  const look = describe(watch, notebook);
  await Promise.race([watch.stop(), new Promise<void>((resolve) => systemClock.after(STOP_LIMIT_MS, resolve))]);
  return look;
}

/** `partner "hug-est" is not declared in the YAML, seen 4×` */
export function undeclaredWarning({ label, value, count }: Look['undeclared'][number]): string {
  return `${label} ${JSON.stringify(value)} is not declared in the YAML, seen ${count}×`;
}

/** What is worrying about the number of series, if anything. */
export function seriesWarning({ series, maxSeries }: Look): string | undefined {
  const mend = 'aggregate what it collects, or raise max_series';
  if (series > maxSeries) return `${series} series, and max_series is ${maxSeries}: the rest is left out; ${mend}`;
  if (series > maxSeries * NEARLY_FULL)
    return `${series} series are close to max_series, ${maxSeries}: beyond it they are left out; ${mend}`;
  return undefined;
}

/** A collector of one of several databases is called `target/query`. @returns undefined for other names */
export function queryOf(name: string): string | undefined {
  const slash = name.indexOf('/');
  return slash > 0 ? name.slice(slash + 1) : undefined;
}

function describe(watch: Watch, notebook: Notebook): Look {
  const snapshot = watch.snapshot();
  const { series, dropped, conflicts } = snapshot.assembly;
  const collectors = watch.collectors();
  const shared = sharedWarnings(watch.warnings, collectors, notebook);
  return {
    collectors: collectors.map((status) => describeCollector(status, conflicts.get(status.name), shared, notebook)),
    collectorsInAll: notebook.collectorsInAll,
    warnings: shared,
    undeclared: watch.undeclared,
    series: [...dropped.values()].reduce((sum, { budget }) => sum + budget, series),
    maxSeries: watch.subject.maxSeries,
    exposition: snapshot.bytes('text').toString(),
  };
}

function describeCollector(
  { name, runs: [run] }: CollectorStatus,
  conflict: string | undefined,
  shared: readonly string[],
  notebook: Notebook,
): CollectorLook {
  const findings = notebook.findings(name);
  // Series may clash with those of a collector that came later, so that its own run knows nothing of it.
  const clash = conflict === undefined ? undefined : ({ phase: 'collect', class: 'schema', message: conflict } as const);
  return {
    name,
    durationMs: run?.durationMs ?? 0,
    series: notebook.series.get(name) ?? 0,
    error: run?.error ?? clash,
    findings: { ...findings, warnings: (findings.warnings ?? []).filter((warning) => !shared.includes(warning)) },
  };
}

/** Of what the source tells as a whole, that which does not belong to one collector alone: it is told once, not for each of them. */
function sharedWarnings(all: readonly string[], collectors: readonly CollectorStatus[], notebook: Notebook): string[] {
  const tellers = (warning: string) => collectors.filter(({ name }) => notebook.findings(name).warnings?.includes(warning));
  return all.filter((warning) => tellers(warning).length !== 1);
}

/** The subject with the wanted collectors alone, each of which runs once. */
function onlyOnce(subject: Subject, only: string | undefined, notebook: Notebook): Subject {
  return {
    ...subject,
    async create(context) {
      const source = await subject.create(context);
      const names = source.collectors.map(({ name }) => name);
      const wanted = source.collectors.filter(({ name }) => only === undefined || name === only || queryOf(name) === only);
      if (only !== undefined && wanted.length === 0) {
        await source.close();
        throw new NoCollector(`${subject.name} has no collector "${only}"${suggest(only, new Set(names.flatMap(spellings)))}`);
      }
      notebook.collectorsInAll = names.length;
      return {
        collectors: wanted.map((collector) => once(collector, notebook)),
        warnings: () => source.warnings?.() ?? [],
        close: () => source.close(),
      };
    },
  };
}

function spellings(name: string): string[] {
  const query = queryOf(name);
  return query === undefined ? [name] : [query, name];
}

function once(collector: Collector, notebook: Notebook): Collector {
  const counted = withCollect(collector, async (signal) => {
    const observations = [...(await collector.collect(signal))];
    const all = [...observations, ...(collector.accumulator?.observations() ?? [])].filter(({ metric }) => isBudgeted(metric));
    notebook.series.set(
      collector.name,
      all.reduce((sum, observation) => sum + seriesCount(observation), 0),
    );
    return observations;
  });
  return { ...counted, interval: NEVER_MS, maxStaleness: NEVER_MS };
}
