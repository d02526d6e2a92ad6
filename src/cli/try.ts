// `vigie try <source>`: looks once and shows what was found and what would be scraped, without serving anything.

import { loadConfig } from '../config/load.js';
import { formatDiagnostic } from '../config/diagnostics.js';
import type { Config } from '../config/model.js';
import { DEFAULT_CONFIG_FILE } from '../conventions.js';
import { findSource } from '../exporter/source-subject.js';
import type { Subject } from '../exporter/subject.js';
import { cannotBeSetUp } from '../exporter/watch.js';
import { readOptions, UsageError, type Command } from './command.js';
import { print, toTheEnd } from './ending.js';
import { missingSource } from './exporter.js';
import { lookOnce, NoCollector, type LookOptions } from './look.js';
import { lookText } from './look-text.js';

export const command: Command = {
  summary: 'Look once at a source and show what it finds and what would be scraped.',
  usage: `usage: vigie try <source> [collector] [--config FILE] [--state-dir DIR]

  --config FILE     the YAML (default: ${DEFAULT_CONFIG_FILE})
  --state-dir DIR   where its exporter keeps counters (default: $STATE_DIRECTORY, else .vigie/state beside the YAML); nothing is written

A collector is a query, a directory or an endpoint; of a source with several targets, a query alone means all of them, target/query one.
Prints as comments how each collector fared, the server, the time by phase, the first rows and what to mend, then the series in the text
format of Prometheus: vigie try <source> | promtool check metrics. The rows are data of the source: mind who reads along.
The exit code is 0 where every collector succeeded; warnings are no failure.`,

  async run(args) {
    const { values, positionals } = readOptions(args, { config: { type: 'string' }, 'state-dir': { type: 'string' } });
    const [name, only] = positionals;
    if (name === undefined || positionals.length > 2) throw new UsageError('name one source, and one of its collectors if you like');
    const { config, diagnostics } = await loadConfig(values.config ?? DEFAULT_CONFIG_FILE);
    if (!config) {
      const errors = diagnostics.filter(({ severity }) => severity === 'error');
      return refuse(errors.map(formatDiagnostic).join('\n'));
    }
    const subject = findSource(config, name);
    if (!subject) return refuse(missingSource(config, name));
    return toTheEnd(() => tryOnce(config, subject, { only, stateFolder: values['state-dir'] }));
  },
};

function refuse(message: string): number {
  process.stderr.write(`${message}\n`);
  return 1;
}

async function tryOnce(config: Config, subject: Subject, options: LookOptions): Promise<number> {
  try {
    const look = await lookOnce(config, subject, options);
    await print(lookText(look));
    return look.collectors.every(({ error }) => error === undefined) ? 0 : 1;
  } catch (error) {
    return refuse(error instanceof NoCollector ? error.message : cannotBeSetUp(subject, error));
  }
}
