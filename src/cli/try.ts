// `vigie try <source>`: looks once and shows what was found and what would be scraped, without serving anything.

import { loadConfig } from '../config/load.js';
import { formatDiagnostic } from '../config/diagnostics.js';
import type { Config } from '../config/model.js';
import { DEFAULT_CONFIG_FILE } from '../conventions.js';
import { findSource } from '../exporter/source-subject.js';
import type { Subject } from '../exporter/subject.js';
import { cannotBeSetUp } from '../exporter/watch.js';
import { kinds } from '../sources/all-kinds.js';
import { readOptions, UsageError, type Command } from './command.js';
import { print, toTheEnd } from './ending.js';
import { missingSource } from './exporter.js';
import { lookOnce, NoCollector, type LookOptions } from './look.js';
import { DEFAULT_PIECES, lookText } from './look-text.js';
import { NoSample, withSample } from './sample-file.js';

/** Nobody reads more of them, and they are kept in memory. */
const MOST_LINES = 1000;

export const command: Command = {
  summary: 'Look once at a source and show what it finds and what would be scraped.',
  usage: `usage: vigie try <source> [collector] [--config FILE] [--state-dir DIR] [--file FILE] [--lines N]

  --config FILE     the YAML (default: ${DEFAULT_CONFIG_FILE})
  --state-dir DIR   where its exporter keeps counters (default: $STATE_DIRECTORY, else .vigie/state beside the YAML); nothing is written
  --file FILE       of a log source: read this file (.gz too) instead of its own, from start to end; - is standard input
  --lines N         of a log source: how many lines are shown one by one, at most ${MOST_LINES} (default: ${DEFAULT_PIECES})

A collector is a query, a directory or an endpoint; of a source with several targets, a query alone means all of them, target/query one.
Prints as comments how each collector fared, the server, the time by phase, the first rows and what to mend, then the series in the text
format of Prometheus: vigie try <source> | promtool check metrics. A log source reads the last 256 KiB of its newest files, or a sample,
and counts these lines alone; it tells which rule took a line and what it read, why the others were taken by none, and what sorts of them
there are. Rows and lines are data of the source: mind who reads along.
The exit code is 0 where every collector succeeded; warnings are no failure.`,

  async run(args) {
    const { values, positionals } = readOptions(args, {
      config: { type: 'string' },
      'state-dir': { type: 'string' },
      file: { type: 'string' },
      lines: { type: 'string' },
    });
    const [name, only] = positionals;
    if (name === undefined || positionals.length > 2) throw new UsageError('name one source, and one of its collectors if you like');
    const lines = parseLines(values.lines);
    const { config, diagnostics } = await loadConfig(values.config ?? DEFAULT_CONFIG_FILE);
    if (!config) {
      const errors = diagnostics.filter(({ severity }) => severity === 'error');
      return refuse(errors.map(formatDiagnostic).join('\n'));
    }
    const subject = await findSource(config, name);
    if (!subject) return refuse(missingSource(config, name));
    const { file, 'state-dir': stateFolder } = values;
    if (file === undefined) return toTheEnd(() => tryOnce(config, subject, lines, { only, stateFolder, purpose: 'try' }));
    if (!kinds[subject.kind]?.sample) throw new UsageError(`--file: ${name} is of kind ${subject.kind}, which reads no files`);
    return toTheEnd(() => tryFile(config, name, lines, file, only));
  },
};

/** @throws UsageError */
function parseLines(text: string | undefined): number {
  if (text === undefined) return DEFAULT_PIECES;
  const lines = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(lines <= MOST_LINES)) throw new UsageError(`--lines ${text}: must be a whole number from 0 to ${MOST_LINES}, e.g. 50`);
  return lines;
}

function refuse(message: string): number {
  process.stderr.write(`${message}\n`);
  return 1;
}

async function tryFile(config: Config, name: string, lines: number, file: string, only: string | undefined): Promise<number> {
  try {
    return await withSample(file, async (path) => {
      const sampled = withSampleOf(config, name, path);
      const subject = await findSource(sampled, name);
      return subject ? tryOnce(sampled, subject, lines, { only, purpose: 'sample' }) : refuse(missingSource(config, name));
    });
  } catch (error) {
    if (error instanceof NoSample) return refuse(error.message);
    throw error;
  }
}

/** The configuration with this source reading the file. */
function withSampleOf(config: Config, name: string, path: string): Config {
  return {
    ...config,
    sources: config.sources.map((source) => (source.name === name ? (kinds[source.kind]?.sample?.(source, path) ?? source) : source)),
  };
}

async function tryOnce(config: Config, subject: Subject, lines: number, options: LookOptions): Promise<number> {
  try {
    const look = await lookOnce(config, subject, options);
    await print(lookText(look, lines));
    return look.collectors.every(({ error }) => error === undefined) ? 0 : 1;
  } catch (error) {
    return refuse(error instanceof NoCollector ? error.message : cannotBeSetUp(subject, error));
  }
}
