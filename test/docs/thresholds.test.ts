// The worked example of bounds, docs/examples/thresholds.yaml: it is right, it exports the bounds of the table, and its PromQL computes.

import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { intentions } from '../../src/catalog/intentions.js';
import { expressionProblem } from '../../src/config/promql.js';
import { loadConfig } from '../../src/config/load.js';
import type { Config } from '../../src/config/model.js';
import { intended } from '../../src/conventions.js';
import { isBoundSignal } from '../../src/domain/bound.js';
import { renderRules } from '../../src/rules/index.js';
import { describeWith, program } from '../servers/describe.js';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..', '..', '..');
const file = join(root, 'docs', 'examples', 'thresholds.yaml');

/** What, of which flow (and stage), by which statistic, on which side, yellow, red, over which time, and from how many messages on. */
const TABLE = [
  ['NE-T1', 'CPU', 'infrastructure', 'cpu avg', 'above', 0.7, 0.9, '5m'],
  ['NE-T2', 'memory', 'infrastructure', 'memory avg', 'above', 0.75, 0.95, '5m'],
  ['NE-T3', 'disk operations', 'infrastructure', 'disk-operations avg', 'above', 5000, 8000, '1m'],
  ['NE-T4', 'network', 'infrastructure', 'network avg', 'above', 0.8, 0.95, '5m'],
  ['NE-T5', 'API gateway latency', 'passerelle/answered', 'duration p95', 'above', 0.2, 0.5, '1m'],
  ['NE-T6', 'database response', 'infrastructure', 'database avg', 'above', 0.05, 0.2, '1m'],
  ['NE-T7', 'message queue depth', 'evenements/consumed', 'backlog held', 'above', 1000, 5000, '1m'],
  ['NE-T8', 'request error rate', 'passerelle/answered', 'errors ratio', 'above', 0.01, 0.05, '5m'],
  ['NE-T9', 'transaction success', 'transactions/settled', 'success ratio', 'below', 0.98, 0.95, '5m'],
  ['NE-T10', 'device connection success', 'vehicules/connected', 'success ratio', 'below', 0.95, 0.9, '15m'],
  ['NE-T11', 'diagnostic completion', 'vehicules/diagnosed', 'success ratio', 'below', 0.9, 0.8, '30m'],
  ['NE-T12', 'parts search response', 'pieces/found', 'duration p95', 'above', 3, 8, '5m'],
  ['NE-T13', 'reprogramming success', 'vehicules/reprogrammed', 'success ratio', 'below', 0.98, 0.95, '1h'],
  ['NE-T14', 'appointment booking', 'rendez-vous/booked', 'success ratio', 'below', 0.95, 0.9, '1h'],
  ['NE-T15', 'page load', 'portail', 'page-load avg', 'above', 2, 5, '5m'],
  ['NE-T16', 'time to interactive', 'portail', 'interactive avg', 'above', 3, 7, '5m'],
  ['NE-T17', 'session duration', 'portail', 'session avg', 'below', 120, 60, '30m'],
  ['NE-T18', 'user error rate', 'portail/used', 'errors ratio', 'above', 0.02, 0.05, '15m'],
  ['NE-T19', 'funnel completion', 'portail', 'funnel avg', 'below', 0.7, 0.5, '1h'],
  ['NE-T20', 'app crash rate', 'portail', 'crashes avg', 'above', 0.005, 0.02, '15m'],
  ['NE-T21', 'customer satisfaction', 'portail', 'csat avg', 'below', 4, 3.5, '1d'],
] as const;

async function load(): Promise<Config> {
  const { config, diagnostics } = await loadConfig(file);
  expect(diagnostics).toEqual([]);
  if (!config) throw new Error('the example does not load');
  return config;
}

test('NE-T1 to NE-T21: the example has nothing wrong with it, not even a warning', async () => {
  expect((await load()).flows).toHaveLength(8);
});

test.each(TABLE)('%s: the bounds on %s are those of the table', async (_id, _title, place, signal, side, yellow, red, window) => {
  const [flow, stage] = place.split('/');
  const [indicator = '', statistic] = signal.split(' ');

  const observations = [...intentions(await load())];

  const found = observations.filter(
    ({ metric, labels }) =>
      metric === intended.bound &&
      labels['flow'] === flow &&
      labels['stage'] === stage &&
      labels['indicator'] === indicator &&
      labels['statistic'] === statistic,
  );
  expect(found.map(({ labels, value }) => [labels['severity'], labels['side'], labels['window'], value])).toEqual([
    ['warning', side, window, yellow],
    ['critical', side, window, red],
  ]);
  const traffic = observations.filter(
    ({ metric, labels }) =>
      metric === intended.boundTraffic && labels['flow'] === flow && labels['stage'] === stage && labels['indicator'] === indicator,
  );
  const needsTraffic = isBoundSignal(indicator) && indicator !== 'backlog';
  expect(traffic.map(({ value }) => value)).toEqual(needsTraffic ? [20] : []);
});

test('NE-T1 to NE-T21: no other bound is exported, and none twice', async () => {
  const bounds = [...intentions(await load())].filter(({ metric }) => metric === intended.bound);

  expect(bounds).toHaveLength(2 * TABLE.length);
});

test('NE-T1 to NE-T4, NE-T6, NE-T15 to NE-T17, NE-T19, NE-T20: each expression is PromQL', async () => {
  const { flows } = await load();
  const expressions = flows.flatMap(({ indicators = [] }) => indicators.flatMap(({ promql }) => promql ?? []));

  expect(expressions).toHaveLength(10);
  expect(expressions.flatMap((promql) => expressionProblem(promql) ?? [])).toEqual([]);
});

describeWith(['promtool'], 'the rules of the example', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vigie-thresholds-'));
    const rules = renderRules((await load()).flows).find(({ path }) => path.endsWith('/indicators.yml'));
    await writeFile(join(folder, 'indicators.yml'), rules?.content ?? '');
  });

  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  async function promtool(...args: readonly string[]): Promise<string> {
    return run(program('promtool'), [...args], { cwd: folder }).then(
      ({ stdout }) => stdout,
      ({ stdout, stderr }: { stdout: string; stderr: string }) => `${stdout}${stderr}`,
    );
  }

  test('promtool has nothing against them', async () => {
    expect(await promtool('check', 'rules', '--lint=all', '--lint-fatal', 'indicators.yml')).toContain('SUCCESS');
  });

  test('NE1: what exporters have becomes the indicators of the flows, each as one series, beside those of sources', async () => {
    await cp(join(root, 'test', 'docs', 'thresholds.yml'), join(folder, 'thresholds.yml'));

    expect(await promtool('test', 'rules', 'thresholds.yml')).toContain('SUCCESS');
  }, 60_000);
});
