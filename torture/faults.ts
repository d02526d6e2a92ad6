// Real exporters against partners that fail in every way: each fault must be told by its own reason, end within its time, and disturb no
// neighbour, which is asked all the time and must not fail once.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { endpoint as metrics } from '../src/conventions.js';
import { parseExposition, type ReadSample } from '../test/exporter/parse-exposition.js';
import { until } from '../test/wait.js';
import { Exporter } from './exporter.js';
import { kinds } from './faults/kinds.js';
import type { Kind, World } from './faults/case.js';

const TIMEOUT_MS = 1_500;
/** On top of the time-out: the machine may have other things to do. */
const MARGIN_MS = 500;
const INTERVAL = '2s';
const NEIGHBOURS = 3;
const LIMIT_MS = 60_000;

export interface FaultsOptions {
  /** How often each fault is met. */
  readonly rounds: number;
  /** Of the kinds; all where none is named. */
  readonly only?: readonly string[];
  readonly tell: (text: string) => void;
}

export interface FaultsResult extends Record<string, unknown> {
  readonly ok: boolean;
  readonly faults: number;
  readonly wrong: number;
  readonly neighbours_disturbed: number;
}

/** Of `npm run torture -- faults`. */
export async function tortureFaults(args: readonly string[]): Promise<FaultsResult> {
  const { values } = parseArgs({
    args: [...args],
    options: { rounds: { type: 'string', default: '3' }, only: { type: 'string', multiple: true } },
  });
  const rounds = Number(values.rounds);
  if (!Number.isSafeInteger(rounds) || rounds < 1) throw new Error('--rounds is a whole number from 1 on');
  return faults({ rounds, ...(values.only && { only: values.only }), tell: toPeople });
}

function toPeople(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** The kinds one after the other, all faults of a kind at once in one exporter. */
export async function faults({ rounds, only, tell }: FaultsOptions): Promise<FaultsResult> {
  let [count, wrong, disturbed] = [0, 0, 0];
  for (const [name, prepare] of Object.entries(kinds)) {
    if (only !== undefined && !only.includes(name)) continue;
    const folder = await mkdtemp(join(tmpdir(), 'vigie-faults-'));
    try {
      const kind = await prepare(world(folder));
      const report = await meet(kind, folder, rounds);
      for (const line of report.lines) tell(line);
      count += kind.cases.length;
      wrong += report.wrong;
      disturbed += report.disturbed;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
  return { ok: count > 0 && wrong === 0 && disturbed === 0, faults: count, wrong, neighbours_disturbed: disturbed };
}

function world(folder: string): World {
  return {
    folder,
    write: async (name, content) => {
      const path = join(folder, name);
      await writeFile(path, content, { mode: 0o600 });
      return path;
    },
  };
}

interface Report {
  readonly lines: readonly string[];
  readonly wrong: number;
  readonly disturbed: number;
}

async function meet({ kind, cases, neighbour }: Kind, folder: string, rounds: number): Promise<Report> {
  const endpoints = Object.fromEntries([
    ...cases.map(({ block }, index) => [`fault-${index}`, block]),
    ...Array.from({ length: NEIGHBOURS }, (_, index) => [`neighbour-${index}`, neighbour.block]),
  ]);
  // JSON is YAML.
  const yaml = JSON.stringify({
    teams: { flux: { title: 'Flux', email: 'flux@example.org' } },
    sources: { faults: { kind, team: 'flux', interval: INTERVAL, timeout: `${TIMEOUT_MS}ms`, at_once_per_host: 1000, endpoints } },
  });
  const file = join(folder, 'exporters.yaml');
  await writeFile(file, yaml);
  const exporter = new Exporter(['exporter', 'faults', '--config', file, '--state-dir', join(folder, 'state')]);
  await exporter.start();
  try {
    const samples = await until(async () => {
      if (exporter.death !== undefined) throw new Error(`${exporter.death}\n${exporter.output}`);
      const found = exporter.url === undefined ? [] : await scrape(exporter.url);
      return Object.keys(endpoints).every((name) => probes(found, name) >= rounds) ? found : undefined;
    }, LIMIT_MS);
    return judge(cases, samples, kind);
  } finally {
    await exporter.stop();
    for (const { running } of [...cases, neighbour]) await running?.close();
  }
}

async function scrape(url: string): Promise<ReadSample[]> {
  const answer = await fetch(`${url}/metrics`);
  return parseExposition(await answer.text(), 'text').flatMap((family) => family.samples);
}

function probes(samples: readonly ReadSample[], endpoint: string, result?: string): number {
  let sum = 0;
  for (const { name, labels, value } of samples) {
    if (name !== metrics.probes.name || labels['endpoint'] !== endpoint) continue;
    if (result === undefined || labels['result'] === result) sum += value;
  }
  return sum;
}

function judge(cases: Kind['cases'], samples: readonly ReadSample[], kind: string): Report {
  let [wrong, disturbed] = [0, 0];
  const lines = cases.map(({ fault, failure }, index) => {
    const name = `fault-${index}`;
    const told = samples
      .filter(({ name: metric, labels, value }) => metric === metrics.failures.name && labels['endpoint'] === name && value > 0)
      .map(({ labels }) => `${labels['phase']}/${labels['reason']}`);
    const took = samples
      .filter(({ name: metric, labels }) => metric === metrics.duration.name && labels['endpoint'] === name)
      .reduce((sum, { value }) => sum + value, 0);
    const expected = [failure].flat();
    const right = told.length > 0 && told.every((one) => expected.includes(one)) && took * 1000 <= TIMEOUT_MS + MARGIN_MS;
    if (!right) wrong++;
    const verdict = right ? 'ok   ' : 'WRONG';
    return `${verdict} ${kind.padEnd(5)} ${fault.padEnd(50)} ${told.join(', ').padEnd(32)} ${took.toFixed(3)} s${right ? '' : `, expected ${expected.join(' or ')}`}`;
  });
  for (let index = 0; index < NEIGHBOURS; index++) {
    const failed = probes(samples, `neighbour-${index}`, 'failure');
    if (failed === 0) continue;
    disturbed++;
    lines.push(`WRONG ${kind} a neighbour that works failed ${failed} times`);
  }
  return { lines, wrong, disturbed };
}
