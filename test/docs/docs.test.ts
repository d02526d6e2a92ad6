// Every example in the documentation is run: YAML is checked as a file, commands of Vigie are executed, links lead somewhere.

import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { formatDiagnostic } from '../../src/config/diagnostics.js';
import { loadConfig } from '../../src/config/load.js';
import { kinds } from '../../src/sources/all-kinds.js';
import { examples, isRules } from './examples.js';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..', '..', '..');
const all = examples(root);
/** Blocks whose language promises that they are run. Others (json, promql, text) show what is printed. */
const yaml = all.filter((example) => example.language === 'yaml' && !isRules(example));
const commands = all
  .filter((example) => example.language === 'console')
  .flatMap((example) => example.text.split('\n').map((text) => ({ ...example, text })))
  .filter(({ text }) => text.startsWith('$ npx vigie '));

/** Commands that stay until they are stopped, or that need the demo: their own suites run them. */
const LONG_RUNNING = /^\$ npx vigie (?:(?:exporter|catalog|fleet|try)\b|check --live)(?!.*--help)/;

describe('the documentation', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vigie-docs-'));
  });
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  test('has a page for every kind of source', () => {
    const missing = Object.keys(kinds).filter((kind) => !existsSync(join(root, 'docs', 'sources', `${kind}.md`)));

    expect(missing).toEqual([]);
  });

  test.each(yaml.map((example) => [`${example.file}:${example.line}`, example.text]))(
    'the YAML of %s passes vigie check',
    async (_place, text) => {
      const file = join(folder, 'exporters.yaml');
      await writeFile(file, text);

      const { diagnostics } = await loadConfig(file);

      expect(diagnostics.filter(({ severity }) => severity === 'error').map(formatDiagnostic)).toEqual([]);
    },
  );

  test.each(commands.filter(({ text }) => !LONG_RUNNING.test(text)).map((example) => [`${example.file}:${example.line}`, example.text]))(
    'the command of %s runs: %s',
    async (_place, text) => {
      const words = text.replace('$ npx vigie ', '').split('#')[0]?.trim().split(/\s+/) ?? [];

      const { stdout } = await run(process.execPath, [join(root, 'build', 'src', 'main.js'), ...words], { cwd: root });

      expect(stdout).not.toBe('');
    },
    60_000,
  );

  test('leads with every link to a file that exists', () => {
    const pages = [...new Set(all.map(({ file }) => file))];

    const broken = pages.flatMap((page) =>
      [...readFileSync(join(root, page), 'utf8').matchAll(/\]\((?!https?:|#)([^)#]+)/g)]
        .map((match) => match[1] ?? '')
        .filter((target) => !existsSync(join(root, dirname(page), target)))
        .map((target) => `${page} → ${target}`),
    );

    expect(broken).toEqual([]);
  });
});
