// The rendered rules as Prometheus sees them: promtool reads them, and runs the tests that stand beside them.

import { execFile } from 'node:child_process';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { globSync } from 'tinyglobby';
import { describeWith, program } from '../servers/describe.js';

const root = join(import.meta.dirname, '..', '..', '..');
const run = promisify(execFile);

async function promtool(...args: readonly string[]): Promise<string> {
  try {
    const { stdout, stderr } = await run(program('promtool'), [...args], { cwd: root });
    return stdout + stderr;
  } catch (error) {
    if (error instanceof Error && 'stdout' in error && 'stderr' in error)
      throw new Error(`${String(error.stdout)}${String(error.stderr)}`, { cause: error });
    throw error;
  }
}

async function passes(name: string): Promise<void> {
  expect(await promtool('test', 'rules', `alertmanager/rules/tests/${name}.yml`)).toContain('SUCCESS');
}

describeWith(['promtool'], 'promtool', () => {
  test('NE13: has nothing to say about the rules', async () => {
    const files = globSync('alertmanager/rules/*.yml', { cwd: root });

    const output = await promtool('check', 'rules', '--lint=all', '--lint-fatal', ...files);

    expect(output.match(/SUCCESS/g)).toHaveLength(files.length);
  });

  test('accepts deploy/prometheus.yml, which reads all of them', async () => {
    const output = await promtool('check', 'config', 'deploy/prometheus.yml');

    expect(output).toContain(`SUCCESS: ${globSync('alertmanager/rules/*.yml', { cwd: root }).length} rule files found`);
    expect(output).not.toMatch(/FAILED|WARNING/);
  });

  const titled = [
    ['endpoints', 'IR7, NE3: whose side one that is down is on, and what the neutral one and other sites say of it'],
    ['status', 'IR6: the technical and the functional state of a flow, apart'],
    ['freshness', 'GM3, GM11, IR1: what is missed, by which stage first, what waits for it, and what is said while nobody sees'],
    ['freshness-jobs', 'EN3, CE13: jobs that take too long or not long enough, from one stage to another'],
    ['volume-muted', 'EN9: a reset of data mutes what judges numbers'],
    ['maintenance', 'EN9, EN13: what planned work of each kind mutes and relaxes, for whom, and until when'],
    ['gates', 'EN4: a gate that nobody decides warns, one that is declined is no failure'],
    ['held-while-told', 'IR7, NE8: what is told goes on when something it depends on goes down, what fails only then is held back'],
    ['dependencies', 'NE8, IR7: what follows from what is down is held back, for those alone who depend on it'],
    ['bounds', 'NE6, EN1: bounds on every signal, at their edges'],
    [
      'thresholds',
      'NE-T1, NE-T2, NE-T3, NE-T4, NE-T5, NE-T6, NE-T7, NE-T8, NE-T9, NE-T10, NE-T11, NE-T12, NE-T13, NE-T14, NE-T15, NE-T16, NE-T17, NE-T18, NE-T19, NE-T20: each silent just inside, yellow and red beyond',
    ],
    ['thresholds-day', 'NE-T21: and so is that of a day'],
    ['traffic', 'GM10, NE7: what passed, by flow, partner, team and environment, from five minutes to a month'],
    ['conservation', 'CE9: what enters leaves, or was refused, or waits'],
    ['parity', 'CE10: two paths of one stage carry the same'],
    ['objectives', 'GM12: burn rates over several windows, quiet at low traffic'],
    ['anomaly-weeks', 'NE9: against the same hour of past weeks, over changes of the clock and holidays'],
    ['forecast', 'NE9: what will cross its bound within hours'],
    ['priority', 'NE10: criticality and what is at stake'],
    ['watchers-processes', 'NE15, IR1: clocks that differ, restarts, replicas'],
    ['files-flows', 'EN12: files and deliveries of flows'],
  ] as const;

  test.each(titled)('passes %s: %s', passes, 180_000);

  const others = globSync('alertmanager/rules/tests/*.yml', { cwd: root })
    .map((path) => basename(path, '.yml'))
    .filter((name) => !titled.some(([known]) => known === name));

  test.each(others)('passes %s', passes, 180_000);
});
