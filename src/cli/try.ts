// `vigie try <source>`: looks once and shows what would be scraped, without serving anything.

import { loadConfig } from '../config/load.js';
import { formatDiagnostic } from '../config/diagnostics.js';
import type { Config } from '../config/model.js';
import { DEFAULT_CONFIG_FILE } from '../conventions.js';
import { systemClock } from '../domain/clock.js';
import { suggest } from '../domain/suggest.js';
import { withCollect } from '../exporter/collector-loop.js';
import { seriesCount } from '../exporter/exposition.js';
import { findSource } from '../exporter/source-subject.js';
import { defaultStateFolder, stateRecord } from '../exporter/state-store.js';
import type { CollectorStatus } from '../exporter/status.js';
import type { Subject } from '../exporter/subject.js';
import { cannotBeSetUp, Watch } from '../exporter/watch.js';
import { createLogger } from '../log.js';
import type { Collector } from '../sources/kind.js';
import { readOptions, UsageError, type Command } from './command.js';
import { missingSource } from './exporter.js';
import { endSoon } from './serve.js';

export const command: Command = {
  summary: 'Look once at a source and show what would be scraped.',
  usage: `usage: vigie try <source> [collector] [--config FILE]

  --config FILE   the YAML (default: ${DEFAULT_CONFIG_FILE})

Prints how each collector fared as comments, then the series in the text format of Prometheus.
The exit code is 0 where every collector succeeded.`,

  async run(args) {
    const { values, positionals } = readOptions(args, { config: { type: 'string' } });
    const [name, collector] = positionals;
    if (name === undefined || positionals.length > 2) throw new UsageError('name one source, and one of its collectors if you like');
    const { config, diagnostics } = await loadConfig(values.config ?? DEFAULT_CONFIG_FILE);
    if (!config)
      return refuse(
        diagnostics
          .filter(({ severity }) => severity === 'error')
          .map(formatDiagnostic)
          .join('\n'),
      );
    const subject = findSource(config, name);
    if (!subject) return refuse(missingSource(config, name));
    return lookOnce(config, subject, collector);
  },
};

function refuse(message: string): number {
  process.stderr.write(`${message}\n`);
  return 1;
}

async function lookOnce(config: Config, subject: Subject, only: string | undefined): Promise<number> {
  const alive = setInterval(() => {}, 60_000);
  const counts = new Map<string, number>();
  try {
    const watched = counting(subject, only, counts);
    const watch = await Watch.of(
      { subject: watched, config },
      {
        clock: systemClock,
        logger: createLogger({}, 'silent'),
        record: (source, name) => stateRecord(defaultStateFolder(config.file), source, name, { readOnly: true }),
      },
    );
    watch.start();
    await watch.tried;
    const collectors = watch.collectors();
    await print(report(watch, collectors, counts));
    await watch.stop();
    return collectors.every(({ up }) => up) ? 0 : 1;
  } catch (error) {
    if (error instanceof NoCollector) return refuse(error.message);
    return refuse(cannotBeSetUp(subject, error));
  } finally {
    clearInterval(alive);
    endSoon();
  }
}

function report(watch: Watch, collectors: readonly CollectorStatus[], counts: ReadonlyMap<string, number>): string {
  return [
    ...collectors.map((collector) => outcome(collector, counts.get(collector.name) ?? 0)),
    ...watch.undeclared.map(
      ({ label, value, count }) => `# warning: ${label} ${JSON.stringify(value)} is not declared in the YAML, seen ${count}×`,
    ),
    watch.snapshot().bytes('text').toString(),
  ].join('\n');
}

/** Waits until whoever reads has taken it all. */
function print(text: string): Promise<void> {
  return new Promise((resolve) => process.stdout.write(text, () => resolve()));
}

class NoCollector extends Error {}

/** The subject with the wanted collectors alone; notes how many series each of them finds. */
function counting(subject: Subject, only: string | undefined, counts: Map<string, number>): Subject {
  return {
    ...subject,
    async create(context) {
      const source = await subject.create(context);
      const names = source.collectors.map(({ name }) => name);
      if (only !== undefined && !names.includes(only))
        throw new NoCollector(`${subject.name} has no collector "${only}"${suggest(only, names)}`);
      const collectors = source.collectors.filter(({ name }) => only === undefined || name === only);
      return { collectors: collectors.map((collector) => withCount(collector, counts)), close: () => source.close() };
    },
  };
}

function withCount(collector: Collector, counts: Map<string, number>): Collector {
  return withCollect(collector, async (signal) => {
    const observations = await collector.collect(signal);
    const all = [...observations, ...(collector.accumulator?.observations() ?? [])];
    counts.set(
      collector.name,
      all.reduce((sum, observation) => sum + seriesCount(observation), 0),
    );
    return observations;
  });
}

/** `# waiting: ok, 12 ms, 30 series` */
function outcome({ name, runs }: CollectorStatus, series: number): string {
  const [run] = runs;
  if (!run) return `# ${name}: was not tried`;
  const took = `${Math.round(run.durationMs)} ms`;
  if (!run.error) return `# ${name}: ok, ${took}, ${series} series`;
  const message = run.error.message.replaceAll('\n', '\n#   ');
  return `# ${name}: failed after ${took} (${run.error.phase}, ${run.error.class}): ${message}`;
}
