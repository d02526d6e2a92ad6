// What the rules and the catalogue cost with 10,000 flows of 3 partners each, in a real Prometheus; and that flows add no rule.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { globSync } from 'tinyglobby';
import { parse, stringify } from 'yaml';
import { startPrometheus, type Prometheus } from '../test/servers/prometheus.js';
import { until } from '../test/wait.js';
import { launchVigie, stop } from './launch.js';
import { median } from './median.js';
import { flowsYaml } from './rules-flows.js';
import { Observations } from './rules-observations.js';
import { Scraper } from './scraper.js';
import { residentMB } from './usage.js';

const SMALL = 10;
const LARGE = 10_000;
const INTERVAL = '60s';
/** Until rates over 5 minutes have all they look at, and each rule has been evaluated with it. */
const WARM_MS = 8 * 60_000;
/** Of so many rounds at the end the median counts: two groups that happen to run at once delay each other. */
const JUDGED_ROUNDS = 5;
const SCRAPES = 11;
const root = join(import.meta.dirname, '..', '..');

interface Group {
  readonly name: string;
  readonly evaluationTime: number;
  readonly lastEvaluation: string;
  readonly rules: readonly {
    readonly name: string;
    readonly evaluationTime: number;
    readonly health: string;
    readonly lastError?: string;
  }[];
}

interface Measured {
  readonly groups: readonly Group[];
  /** Seconds that all groups took together, at the end of each minute. */
  readonly totals: readonly number[];
  readonly rules: number;
  readonly scrapeMs: number;
  readonly rssMb: number;
}

export async function benchRules(): Promise<Record<string, number>> {
  const small = await measure(SMALL, 0);
  const large = await measure(
    Number(process.env['VIGIE_BENCH_FLOWS'] ?? LARGE),
    Number(process.env['VIGIE_BENCH_WARM_S'] ?? WARM_MS / 1000) * 1000,
  );
  report(large.groups);
  return {
    rules_small: small.rules,
    rules_large: large.rules,
    eval_s: round(median(large.totals.slice(-JUDGED_ROUNDS))),
    catalog_scrape_ms: round(large.scrapeMs),
    catalog_rss_mb: round(large.rssMb),
  };
}

async function measure(flows: number, warmMs: number): Promise<Measured> {
  const folder = await mkdtemp(join(tmpdir(), 'vigie-bench-rules-'));
  const config = join(folder, 'exporters.yaml');
  await writeFile(config, flowsYaml(flows));
  await writeRules(folder);
  const observations = await Observations.serve(flows);
  const catalog = await launchVigie(['catalog', '--config', config]);
  process.stderr.write(`${flows} flows: the catalogue answers after ${(catalog.startedMs / 1000).toFixed(1)} s\n`);
  const prometheus = await startPrometheus(configOf(folder, [catalog.port, observations.port]));
  try {
    await until(async () => (await groupsOf(prometheus)).length > 0, 60_000);
    const totals = await warm(prometheus, warmMs);
    const groups = await groupsOf(prometheus);
    const scrapeMs = await scrapeTime(catalog.port);
    const { now, peak } = await residentMB(catalog.process.pid);
    const { headStats } = await prometheus.api<{ headStats: { numSeries: number } }>('status/tsdb');
    process.stderr.write(`${flows} flows: ${headStats.numSeries} series; catalogue ${now.toFixed(0)} MB, ${peak.toFixed(0)} MB at most\n`);
    return { groups, totals, rules: groups.reduce((total, { rules }) => total + rules.length, 0), scrapeMs, rssMb: now };
  } finally {
    await prometheus.stop();
    await stop(catalog);
    observations.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** The rendered rules, all groups at one interval: each is evaluated each minute, those of days and months too. */
async function writeRules(folder: string): Promise<void> {
  for (const path of globSync('alertmanager/rules/*.yml', { cwd: root })) {
    const { groups }: { groups: readonly object[] } = parse(await readFile(join(root, path), 'utf8'));
    await writeFile(
      join(folder, `rules-${path.split('/').at(-1)}`),
      stringify({ groups: groups.map((group) => ({ ...group, interval: INTERVAL })) }),
    );
  }
}

function configOf(folder: string, ports: readonly number[]): string {
  return stringify({
    global: {
      scrape_interval: INTERVAL,
      scrape_timeout: '50s',
      evaluation_interval: INTERVAL,
      external_labels: { grafana_url: 'http://127.0.0.1:3000' },
    },
    rule_files: [join(folder, 'rules-*.yml')],
    scrape_configs: [{ job_name: 'vigie', honor_labels: true, static_configs: [{ targets: ports.map((port) => `127.0.0.1:${port}`) }] }],
  });
}

async function groupsOf(prometheus: Prometheus): Promise<readonly Group[]> {
  return (await prometheus.api<{ groups: readonly Group[] }>('rules')).groups;
}

async function warm(prometheus: Prometheus, warmMs: number): Promise<number[]> {
  const until_ = performance.now() + warmMs;
  const totals: number[] = [];
  while (performance.now() < until_) {
    await new Promise((resolve) => setTimeout(resolve, Math.min(60_000, until_ - performance.now())));
    const groups = await groupsOf(prometheus);
    const total = groups.reduce((sum, { evaluationTime }) => sum + evaluationTime, 0);
    totals.push(total);
    const most = slow(groups).slice(0, 4);
    const named = most.map(({ name, evaluationTime }) => `${name} ${evaluationTime.toFixed(1)}`).join(', ');
    process.stderr.write(
      `  all groups: ${total.toFixed(1)} s (${named}), ${Math.max(0, (until_ - performance.now()) / 1000).toFixed(0)} s to go\n`,
    );
  }
  return totals;
}

async function scrapeTime(port: number): Promise<number> {
  const scraper = new Scraper(port);
  const times: number[] = [];
  for (let round_ = 0; round_ < SCRAPES; round_++) {
    const { ms, bytes } = await scraper.scrape();
    times.push(ms);
    if (round_ === 0) process.stderr.write(`  a scrape of the catalogue: ${(bytes / 1024).toFixed(0)} kB packed\n`);
    // As far apart as its fastest collector: what it prepares it may have to prepare anew.
    await new Promise((resolve) => setTimeout(resolve, 1500));
  }
  scraper.close();
  process.stderr.write(`  scrapes: ${times.map((ms) => ms.toFixed(0)).join(', ')} ms\n`);
  return median(times);
}

/** What takes longest, and what fails: so that it can be mended. */
function report(groups: readonly Group[]): void {
  process.stderr.write('groups\n');
  for (const { name, evaluationTime, rules } of slow(groups)) {
    process.stderr.write(`  ${evaluationTime.toFixed(3)} s  ${name} (${rules.length})\n`);
  }
  process.stderr.write('slowest rules\n');
  const rules = groups.flatMap((group) => group.rules.map((rule) => ({ ...rule, group: group.name })));
  for (const { name, group, evaluationTime } of slow(rules).slice(0, 25)) {
    process.stderr.write(`  ${evaluationTime.toFixed(3)} s  ${group}: ${name}\n`);
  }
  for (const { name, group, lastError } of rules.filter(({ health }) => health === 'err')) {
    process.stderr.write(`  FAILS  ${group}: ${name}: ${lastError}\n`);
  }
}

function slow<T extends { readonly evaluationTime: number }>(all: readonly T[]): T[] {
  return all.toSorted((a, b) => b.evaluationTime - a.evaluationTime);
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
