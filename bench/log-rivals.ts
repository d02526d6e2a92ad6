// Who counts the lines of a file in the bench of logs: Vigie, mtail, and a bare loop. Each from the start of its process to the last line.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseExposition } from '../test/exporter/parse-exposition.js';
import { freePort } from '../test/port.js';
import { program } from '../test/servers/describe.js';
import { launchVigie, stop } from './launch.js';
import { mtailProgram, vigieYaml, type Rule, type Series } from './log-rules.js';
import { Scraper } from './scraper.js';
import { readBytes, residentMB } from './usage.js';

const POLL_MS = 10;
const LIMIT_MS = 600_000;
const BARE_LOOP = join(import.meta.dirname, 'log-bare.js');

/** What all are told to do. */
export interface Task {
  /** An empty folder for what the run needs. */
  readonly folder: string;
  readonly file: string;
  readonly lines: number;
  readonly rules: readonly Rule[];
}

export interface Outcome {
  readonly seconds: number;
  readonly series: readonly Series[];
  /** The most that was ever resident; NaN where nobody looked. */
  readonly peakMB: number;
}

export interface Rival {
  readonly name: string;
  run(task: Task): Promise<Outcome>;
}

/** The exporter as it runs for good, scraped until all lines are there. */
export const vigie: Rival = {
  name: 'vigie',
  async run({ folder, file, lines, rules }) {
    const config = join(folder, 'exporters.yaml');
    await writeFile(config, vigieYaml(file, rules));
    const exporter = await launchVigie(['exporter', 'exchange', '--config', config, '--state-dir', join(folder, 'state')]);
    const began = performance.now() - exporter.startedMs;
    const scraper = new Scraper(exporter.port);
    try {
      let document = '';
      const { size } = await stat(file);
      while (countedLines(document) < lines) {
        if (performance.now() - began > LIMIT_MS) throw new Error(`vigie counted ${countedLines(document)} of ${lines} lines`);
        await sleep(POLL_MS);
        // Nobody scrapes fifty times a second: until all of the file has been read, the kernel is asked, which costs Vigie nothing.
        if ((await readBytes(exporter.process.pid)) < size) continue;
        const scrape = await scraper.scrape();
        document = scrape.text();
      }
      const seconds = (performance.now() - began) / 1000;
      const names = new Set(rules.flatMap(({ counts }) => counts.map(({ name }) => name)));
      const samples = parseExposition(document, 'openmetrics').flatMap((family) => family.samples);
      const series = samples.filter(({ name }) => names.has(name));
      return { seconds, series: series.map(withoutEnvironment), peakMB: (await residentMB(exporter.process.pid)).peak };
    } finally {
      scraper.close();
      await stop(exporter);
    }
  },
};

/** Debian's mtail, with a program in which every pattern sees every line. */
export const mtail = mtailRival('mtail', false);
/** The same with `stop` after each pattern, which makes it faster, and is for people who know that a line matches one pattern at most. */
export const stoppingMtail = mtailRival('mtail, stop', true);

/**
 * It reads the file to its end, prints its counters and ends. Following it takes as long: a file that was put in the place of a followed one
 * was counted after 6.6 s, against 6.1 to 7.0 s in this way, which knows no waiting for polls.
 */
function mtailRival(name: string, stops: boolean): Rival {
  return {
    name,
    async run({ folder, file, rules }) {
      const programs = join(folder, 'programs');
      await mkdir(programs);
      await writeFile(join(programs, 'exchange.mtail'), mtailProgram(rules, stops));
      const args = ['--one_shot', '--one_shot_format=prometheus', '--emit_prog_label=false', '--progs', programs, '--logs', file];
      const own = ['--address', '127.0.0.1', '--port', String(await freePort()), '--log_dir', folder];
      const { seconds, output } = await runToEnd(program('mtail'), [...args, ...own]);
      const series = parseExposition(output, 'text').flatMap((family) => family.samples);
      return { seconds, series, peakMB: Number.NaN };
    },
  };
}

export const bareLoop: Rival = {
  name: 'bare loop',
  async run({ folder, file, rules }) {
    const rulesFile = join(folder, 'rules.json');
    await writeFile(rulesFile, JSON.stringify(rules));
    const { seconds, output } = await runToEnd(process.execPath, [BARE_LOOP, file, rulesFile]);
    const series: Series[] = JSON.parse(output);
    return { seconds, series, peakMB: Number.NaN };
  },
};

async function runToEnd(path: string, args: readonly string[]): Promise<{ readonly seconds: number; readonly output: string }> {
  const began = performance.now();
  const child = spawn(path, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const [output, complaint, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  if (code !== 0) throw new Error(`${path} ended with ${code}: ${complaint}`);
  return { seconds: (performance.now() - began) / 1000, output };
}

/** Lines that were read, whatever became of them. */
function countedLines(document: string): number {
  const samples = document.matchAll(/^vigie_log_lines_total\{[^}]*\} (?<lines>\S+)$/gm);
  return [...samples].reduce((sum, sample) => sum + Number(sample.groups?.['lines']), 0);
}

/** Vigie names the environment on every series; mtail knows none. */
function withoutEnvironment({ name, labels, value }: Series): Series {
  return { name, value, labels: Object.fromEntries(Object.entries(labels).filter(([label]) => label !== 'env')) };
}
