// Side by side with Debian's newest mtail on the same file with equal patterns, from cold start to the last line, and with a bare loop
// in the same engine. The counters of all must be equal.

import { copyFile, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exchangeLine, interfaceLine, writeLines } from './log-lines.js';
import { bareLoop, mtail, stoppingMtail, vigie, type Outcome, type Rival, type Task } from './log-rivals.js';
import { fiftyRules, threeRules, type Series } from './log-rules.js';
import { median } from './median.js';

const LINES = 1_000_000;
/** mtail needs most of a minute for fifty patterns. */
const RUNS = { 3: 3, 50: 1 } as const;
/** How often the file stands in the large one, which shows that the peak of memory does not depend on size. */
const TIMES = 4;

interface Result extends Record<string, unknown> {
  /** By number of patterns, mtail's time divided by Vigie's: more than 1 is better for Vigie. */
  readonly speed: Record<string, number>;
  /** Of Vigie, over all runs. */
  readonly peak_rss_mb: number;
  /** The bare loop's time divided by Vigie's with three patterns, both from cold start. */
  readonly of_bare_loop: number;
  readonly equal: boolean;
}

/** Needs mtail and Linux. */
export async function benchLog(): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'vigie-bench-'));
  try {
    const three = { file: join(folder, 'exchange.log'), lines: LINES, rules: threeRules };
    const fifty = { file: join(folder, 'interfaces.log'), lines: LINES, rules: fiftyRules };
    await writeLines(three.file, LINES, exchangeLine);
    await writeLines(fifty.file, LINES, interfaceLine);
    const few = await compare(folder, three, RUNS[3]);
    const many = await compare(folder, fifty, RUNS[50]);
    const large = await runOnce(vigie, folder, { ...three, file: await repeated(folder, three.file), lines: LINES * TIMES });
    tell(`3 patterns, ${TIMES * LINES} lines`, vigie, [large], TIMES * LINES);
    return {
      speed: { 3: few.speed, 50: many.speed },
      peak_rss_mb: Math.round(Math.max(few.peakMB, many.peakMB, large.peakMB)),
      of_bare_loop: few.ofBareLoop,
      equal: few.equal && many.equal && areEqual(scaled(few.series, TIMES), large.series),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Comparison {
  readonly speed: number;
  readonly ofBareLoop: number;
  readonly peakMB: number;
  readonly equal: boolean;
  /** As mtail counted them. */
  readonly series: readonly Series[];
}

/** They take turns, and turns at going first. */
async function compare(folder: string, task: Omit<Task, 'folder'>, runs: number): Promise<Comparison> {
  const rivals = [mtail, vigie, bareLoop];
  const outcomes = new Map<Rival, Outcome[]>(rivals.map((rival) => [rival, []]));
  for (let run = 0; run < runs; run++) {
    for (const rival of run % 2 === 0 ? rivals : rivals.toReversed()) {
      outcomes.get(rival)?.push(await runOnce(rival, folder, task));
    }
  }
  for (const [rival, results] of outcomes) tell(`${task.rules.length} patterns, ${task.lines} lines`, rival, results, task.lines);
  const of = (rival: Rival) => outcomes.get(rival) ?? [];
  const seconds = (rival: Rival) => median(of(rival).map((outcome) => outcome.seconds));
  const [{ series } = { series: [] }] = of(mtail);
  tell(`${task.rules.length} patterns, ${task.lines} lines`, stoppingMtail, [await runOnce(stoppingMtail, folder, task)], task.lines);
  return {
    speed: ratio(seconds(mtail), seconds(vigie)),
    ofBareLoop: ratio(seconds(bareLoop), seconds(vigie)),
    peakMB: Math.max(...of(vigie).map(({ peakMB }) => peakMB)),
    equal: series.length > 0 && [...outcomes.values()].flat().every((outcome) => areEqual(outcome.series, series)),
    series,
  };
}

async function runOnce(rival: Rival, folder: string, task: Omit<Task, 'folder'>): Promise<Outcome> {
  const own = join(folder, 'run');
  await mkdir(own);
  try {
    return await rival.run({ ...task, folder: own });
  } finally {
    await rm(own, { recursive: true });
  }
}

async function repeated(folder: string, file: string): Promise<string> {
  const large = join(folder, 'large.log');
  await copyFile(file, large);
  const content = await readFile(file);
  for (let time = 1; time < TIMES; time++) await writeFile(large, content, { flag: 'a' });
  if ((await stat(large)).size !== content.length * TIMES) throw new Error(`${large} is incomplete`);
  return large;
}

function scaled(series: readonly Series[], factor: number): Series[] {
  return series.map((one) => ({ ...one, value: one.value * factor }));
}

function areEqual(a: readonly Series[], b: readonly Series[]): boolean {
  return canonical(a) === canonical(b);
}

/** The same text for the same counters in any order. */
function canonical(series: readonly Series[]): string {
  const texts = series.map(({ name, labels, value }) => {
    const pairs = Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1));
    return JSON.stringify([name, pairs, value]);
  });
  return texts.toSorted().join('\n');
}

function tell(what: string, { name }: Rival, outcomes: readonly Outcome[], lines: number): void {
  const seconds = outcomes.map((outcome) => outcome.seconds);
  const middle = median(seconds);
  const peak = Math.max(...outcomes.map(({ peakMB }) => peakMB));
  const figures = [
    `${middle.toFixed(2).padStart(6)} s (${seconds.map((one) => one.toFixed(2)).join(', ')})`,
    `${Math.round(lines / middle / 1000)}`.padStart(5) + 'k lines/s',
    ...(Number.isNaN(peak) ? [] : [`peak ${peak.toFixed(0)} MB`]),
  ];
  process.stderr.write(`${what.padEnd(26)} ${name.padEnd(10)} ${figures.join('  ')}\n`);
}

function ratio(a: number, b: number): number {
  return Number((a / b).toPrecision(3));
}
