// Side by side with Debian's newest prometheus-sql-exporter on the same PostgreSQL: what a scrape, memory and a collection cost.
// Both collect in the background on the same interval and are scraped once per interval, as it is where they run for good.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startPostgres } from '../test/servers/postgres.js';
import { until } from '../test/wait.js';
import { Contestant, type Cost, type Rival } from './contestant.js';
import { createMeasurements, sqlExporter, vigie, type Task } from './sql-rivals.js';

/**
 * The largest one is collected more rarely, so that neither the database nor the machine is always busy. Scrapes of the warm-up let
 * compilers, caches and heaps settle: Node.js compiles code anew that has run some ten thousand times, and an exporter runs for months.
 */
const SIZES = [
  { rows: 1_000, intervalSeconds: 1, warmUp: 60 },
  { rows: 10_000, intervalSeconds: 1, warmUp: 20 },
  { rows: 100_000, intervalSeconds: 4, warmUp: 5 },
] as const;
const MEASURED = 20;
const FIRST_COLLECTION_LIMIT_MS = 30_000;

/** By number of series, Vigie's cost divided by that of sql_exporter: less than 1 is better for Vigie. */
type Ratios = Record<string, number>;

interface Result extends Record<string, unknown> {
  readonly scrape_p50: Ratios;
  readonly rss: Ratios;
  readonly cpu_per_collection: Ratios;
}

/** Needs PostgreSQL, prometheus-sql-exporter and Linux. */
export async function benchSql(): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'vigie-bench-'));
  const database = await startPostgres();
  const result: Result = { scrape_p50: {}, rss: {}, cpu_per_collection: {} };
  try {
    await createMeasurements(database, Math.max(...SIZES.map(({ rows }) => rows)));
    for (const size of SIZES) {
      const task = { folder, database, ...size };
      const [ours, theirs] = await compare([vigie(task), sqlExporter(task)], task);
      if (!ours || !theirs) continue;
      result.scrape_p50[size.rows] = ratio(ours.scrapeMs, theirs.scrapeMs);
      result.rss[size.rows] = ratio(ours.residentMB, theirs.residentMB);
      result.cpu_per_collection[size.rows] = ratio(ours.cpuMsPerCollection, theirs.cpuMsPerCollection);
    }
    return result;
  } finally {
    await database.remove();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Runs them at the same time, and lets them take turns. */
async function compare(rivals: readonly Rival[], { rows, intervalSeconds, warmUp }: Task & { readonly warmUp: number }): Promise<Cost[]> {
  const contestants: Contestant[] = [];
  try {
    for (const rival of rivals) contestants.push(await Contestant.start(rival));
    for (const one of contestants) await until(() => one.exposes(rows), FIRST_COLLECTION_LIMIT_MS);
    await scrapeAll(contestants, warmUp, intervalSeconds * 1000);
    for (const one of contestants) await one.begin();
    await scrapeAll(contestants, MEASURED, intervalSeconds * 1000);
    const costs: Cost[] = [];
    for (const one of contestants) costs.push(await one.cost());
    for (const [index, cost] of costs.entries()) tell(rows, contestants[index]?.name ?? '', cost);
    return costs;
  } finally {
    await Promise.all(contestants.map((one) => one.stop()));
  }
}

/** Once per interval and a little later each time, so that scrapes meet every moment between two collections alike. */
async function scrapeAll(contestants: readonly Contestant[], times: number, intervalMs: number): Promise<void> {
  const began = performance.now();
  for (let scrape = 1; scrape <= times; scrape++) {
    await sleep(began + scrape * intervalMs * (1 + 1 / times) - performance.now());
    for (const one of contestants) await one.scrape();
  }
}

function tell(rows: number, name: string, { scrapeMs, residentMB, peakMB, cpuMsPerCollection, answerKB }: Cost): void {
  const figures = [
    `scrape ${scrapeMs.toFixed(1).padStart(7)} ms`,
    `resident ${residentMB.toFixed(0).padStart(4)} MB (peak ${peakMB.toFixed(0)})`,
    `CPU per collection and scrape ${cpuMsPerCollection.toFixed(1).padStart(7)} ms`,
    `answer ${answerKB.toFixed(0).padStart(5)} KB`,
  ];
  process.stderr.write(`${String(rows).padStart(7)} series  ${name.padEnd(13)} ${figures.join('  ')}\n`);
}

function ratio(ours: number, theirs: number): number {
  return Number((ours / theirs).toPrecision(3));
}
