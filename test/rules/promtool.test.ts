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

  test('IR7, NE3: passes endpoints: whose side one that is down is on, and what the neutral one and other sites say of it', async () => {
    await passes('endpoints');
  }, 180_000);

  test('IR6: passes status: the technical and the functional state of a flow, apart', async () => {
    await passes('status');
  }, 180_000);

  test('GM3, GM11, IR1: passes freshness: what is missed, by which stage first, what waits for it, and what is said while nobody sees', async () => {
    await passes('freshness');
  }, 180_000);

  test('EN3, CE13: passes freshness-jobs: jobs that take too long or not long enough, from one stage to another', async () => {
    await passes('freshness-jobs');
  }, 180_000);

  test('EN9: passes volume-muted: a reset of data mutes what judges numbers', async () => {
    await passes('volume-muted');
  }, 180_000);

  const others = globSync('alertmanager/rules/tests/*.yml', { cwd: root })
    .map((path) => basename(path, '.yml'))
    .filter((name) => !['endpoints', 'status', 'freshness', 'freshness-jobs', 'volume-muted'].includes(name));

  test.each(others)('passes %s', passes, 180_000);
});
