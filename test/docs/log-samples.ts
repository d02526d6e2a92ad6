// The worked examples of log sources in the documentation, read by a real exporter: a sample of a log, the YAML, and the series that result.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { parse } from 'yaml';
import { get, scrapeSamples, valueOf } from '../exporter/http.js';
import type { ReadSample } from '../exporter/parse-exposition.js';
import { freePort } from '../port.js';
import { until } from '../wait.js';
import { examples, type Example } from './examples.js';
import { recent } from './recent.js';

const root = join(import.meta.dirname, '..', '..', '..');
const VIGIE = join(root, 'build', 'src', 'main.js');
const LIMIT_MS = 50_000;

export interface LogSample {
  /** File and line of the page. */
  readonly place: string;
  /** Where the log stands. */
  readonly path: string;
  /** The lines that the page shows; of a real log only some of them. */
  readonly shown: string;
  /** The whole log, and its encoding where it is not UTF-8. */
  readonly log: Buffer;
  readonly yaml: string;
  /** The rows of the acceptance table that it shows. */
  readonly rows: string;
  /** The series that the page states, as written there. */
  readonly series: readonly string[];
  /** Whether they are those of OpenMetrics, with exemplars. */
  readonly openMetrics: boolean;
}

const SERIES = new Set(['prometheus', 'openmetrics']);

/**
 * All that follow each other as log, yaml, and prometheus or openmetrics or both. Behind `log` stands the path, `from` and a file where the page
 * shows a part of a real log, and `in` and an encoding; behind the series the rows of the acceptance table.
 */
export function logSamples(): LogSample[] {
  const all = examples(root);
  return all.flatMap((log, index) => {
    const yaml = all[index + 1];
    if (log.language !== 'log' || yaml?.language !== 'yaml') return [];
    const found: LogSample[] = [];
    for (const series of all.slice(index + 2)) {
      if (!SERIES.has(series.language) || series.file !== log.file) break;
      found.push(sampleOf(log, yaml, series));
    }
    return found;
  });
}

function sampleOf(log: Example, yaml: Example, series: Example): LogSample {
  const {
    path = '',
    from,
    encoding = 'utf8',
  } = /^(?<path>\S+)(?: from (?<from>\S+))?(?: in (?<encoding>\S+))?$/.exec(log.info)?.groups ?? {};
  const text = from === undefined ? log.text : readFileSync(join(root, from), 'utf8');
  return {
    place: `${log.file}:${log.line}`,
    path,
    shown: log.text,
    log: Buffer.from(recent(text, Date.now()), encoding === 'utf-16le' ? 'utf16le' : encoding === 'windows-1252' ? 'latin1' : 'utf8'),
    yaml: yaml.text,
    rows: series.info,
    series: series.text.trimEnd().split('\n'),
    openMetrics: series.language === 'openmetrics',
  };
}

/** An exporter of the source of a page, whose log is a file in a temporary folder. */
export class LogExporter {
  private constructor(
    readonly folder: string,
    readonly url: string,
    private readonly child: ChildProcess,
  ) {}

  /** Starts it as the page says. Its log does not exist yet, so that it is read from its beginning once it does. */
  static async start({ yaml }: LogSample): Promise<LogExporter> {
    const folder = await mkdtemp(join(tmpdir(), 'vigie-docs-log-'));
    const port = await freePort();
    const file = join(folder, 'exporters.yaml');
    await writeFile(file, yaml.replaceAll('/var/log/', `${folder}/var/log/`));
    const options = ['--config', file, '--state-dir', join(folder, 'state'), '--listen', `127.0.0.1:${port}`];
    const child = spawn(process.execPath, [VIGIE, 'exporter', nameOf(yaml), ...options], { stdio: 'ignore' });
    const exporter = new LogExporter(folder, `http://127.0.0.1:${port}`, child);
    await until(async () => child.exitCode !== null || (await exporter.samples()).length > 0, LIMIT_MS);
    if (child.exitCode === null) return exporter;
    await exporter.stop();
    throw new Error('the exporter does not run: vigie check tells why');
  }

  async samples(): Promise<ReadSample[]> {
    return scrapeSamples(this.url);
  }

  async openMetrics(): Promise<string> {
    const { body } = await get(`${this.url}/metrics`, { accept: 'application/openmetrics-text; version=1.0.0' });
    return body.toString();
  }

  /** Puts the log where the source looks for it, and waits until all of it is read. @returns what is then exposed */
  async read({ path, log }: LogSample): Promise<ReadSample[]> {
    const looked = async () => (valueOf(await this.samples(), 'vigie_source_errors_total', { class: 'not_found' }) ?? 0) > 0;
    await until(looked, LIMIT_MS);
    const place = join(this.folder, path);
    await mkdir(dirname(place), { recursive: true });
    await writeFile(join(this.folder, basename(path)), log);
    await rename(join(this.folder, basename(path)), place);
    return until(async () => {
      const samples = await this.samples();
      const read = valueOf(samples, 'vigie_log_read_bytes_total') ?? 0;
      return read === log.length && valueOf(samples, 'vigie_log_bytes_behind') === 0 ? samples : undefined;
    }, LIMIT_MS);
  }

  async stop(): Promise<void> {
    if (this.child.exitCode === null) {
      this.child.kill('SIGKILL');
      await once(this.child, 'exit');
    }
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** The labels that every series of a source has are not written on the pages. */
const COMMON_LABELS = new Set(['source', 'kind', 'env']);

/** What a page has to state: all of flows and of the metrics of the YAML that is not 0, but for buckets and points in time. */
export function stated(samples: readonly ReadSample[]): string[] {
  return samples
    .filter(({ name, value }) => value !== 0 && !/^(?:vigie|process|nodejs)_|_bucket$|_timestamp_seconds$/.test(name))
    .map(shownAs)
    .toSorted();
}

/** All that is exposed, as the pages write it. */
export function allSeries(samples: readonly ReadSample[]): Set<string> {
  return new Set(samples.map(shownAs));
}

/** A line of a page with its labels in order. */
export function normal(line: string): string {
  const { name = '', labels = '', value = '' } = /^(?<name>[a-z_0-9]+)(?:\{(?<labels>.*)\})? (?<value>\S+)$/.exec(line)?.groups ?? {};
  const pairs = [...labels.matchAll(/(?<label>\w+)="(?<value>[^"]*)"/g)].map((pair) => [
    pair.groups?.['label'] ?? '',
    pair.groups?.['value'] ?? '',
  ]);
  return shownAs({ name, labels: Object.fromEntries(pairs), value: Number(value) });
}

function shownAs({ name, labels, value }: ReadSample): string {
  const pairs = Object.entries(labels)
    .filter(([label]) => !COMMON_LABELS.has(label))
    .map(([label, text]) => `${label}="${text}"`)
    .toSorted();
  // Sums of fractions of a second are not exact in binary.
  return `${name}{${pairs.join(',')}} ${Number(value.toPrecision(12))}`;
}

function nameOf(yaml: string): string {
  const { sources }: { sources: Record<string, unknown> } = parse(yaml);
  return Object.keys(sources)[0] ?? '';
}
