// The rendered rules as Prometheus sees them: promtool reads them, and runs the tests that stand beside them.

import { execFile } from 'node:child_process';
import { join } from 'node:path';
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

  test.each(globSync('alertmanager/rules/tests/*.yml', { cwd: root }))(
    'passes %s',
    async (path) => {
      const output = await promtool('test', 'rules', path);

      expect(output).toContain('SUCCESS');
    },
    60_000,
  );
});
