// Prometheus rules in the documentation: promtool reads all of them, and runs the tests that stand beside this one.

import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describeWith, program } from '../servers/describe.js';
import { examples, isRules } from './examples.js';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..', '..', '..');
const blocks = examples(root).filter(isRules);

describeWith(['promtool'], 'the rules of the documentation', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vigie-docs-rules-'));
  });

  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  async function promtool(...args: readonly string[]): Promise<string> {
    try {
      const { stdout } = await run(program('promtool'), [...args], { cwd: folder });
      return stdout;
    } catch (error) {
      // What it says of failures is on both.
      if (error instanceof Error && 'stdout' in error && 'stderr' in error) return `${String(error.stdout)}${String(error.stderr)}`;
      throw error;
    }
  }

  test.each(blocks.map(({ file, line, text }) => [`${file}:${line}`, text]))('promtool has nothing against %s', async (_place, text) => {
    await writeFile(join(folder, 'rules.yml'), text);

    const output = await promtool('check', 'rules', '--lint=all', '--lint-fatal', 'rules.yml');

    expect(output).toContain('SUCCESS');
  });

  /** Runs the tests of a page against all rules that stand on it. */
  async function testPage(page: string): Promise<string> {
    const groups = blocks.filter(({ file }) => file === `docs/tasks/${page}.md`).map(({ text }) => text.replace('groups:\n', ''));
    await writeFile(join(folder, 'rules.yml'), `groups:\n${groups.join('')}`);
    await cp(join(root, 'test', 'docs', `${page}.yml`), join(folder, 'tests.yml'));
    return promtool('test', 'rules', 'tests.yml');
  }

  test('NE-T6, EN7, EN12: a slow database, an upward load and an incomplete delivery fire, and nothing else does', async () => {
    expect(await testPage('sql-alerts')).toContain('SUCCESS');
  });

  test('EN5, EN8: a patch without an open gate, and data that was not anonymised fire, and nothing else does', async () => {
    expect(await testPage('gate-alerts')).toContain('SUCCESS');
  });

  test('NE-T10, NE-T11, NE-T12, NE-T13, NE-T14, IR4, CE9: what a log says of a workshop, of response times and of what goes missing', async () => {
    expect(await testPage('log-alerts')).toContain('SUCCESS');
  }, 60_000);

  test('NE-T5, NE-T15, NE-T16: a gateway and a portal that are slow, as probes and as users see it', async () => {
    expect(await testPage('endpoint-alerts')).toContain('SUCCESS');
  }, 60_000);
});
