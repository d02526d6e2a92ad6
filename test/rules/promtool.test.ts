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
  }, 60_000);

  test('IR6: passes status: the technical and the functional state of a flow, apart', async () => {
    await passes('status');
  }, 60_000);

  const others = globSync('alertmanager/rules/tests/*.yml', { cwd: root })
    .map((path) => basename(path, '.yml'))
    .filter((name) => !['endpoints', 'status'].includes(name));

  test.each(others)('passes %s', passes, 60_000);
});
