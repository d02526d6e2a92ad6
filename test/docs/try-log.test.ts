// What the page of log sources shows of `vigie try` is what it prints.

import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { examples } from './examples.js';
import { recent } from './recent.js';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..', '..', '..');
const VIGIE = join(root, 'build', 'src', 'main.js');

const page = examples(root).filter(({ file }) => file === 'docs/sources/log.md');

describe('the page of log sources', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vigie-docs-try-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('GM5: shows what vigie try tells of a sample', async () => {
    const at = page.findIndex(({ text }) => text.startsWith('$ npx vigie try transfer-log --file sample.log'));
    const [sample, , shown] = page.slice(at - 1);
    const yaml = page.find(({ language, text }) => language === 'yaml' && text.includes('transfer-log:'));
    await writeFile(join(folder, 'exporters.yaml'), yaml?.text ?? '');
    // Times that lie far back are told of, too.
    await writeFile(join(folder, 'sample.log'), recent(sample?.text ?? '', Date.now()));

    const { stdout } = await run(process.execPath, [VIGIE, 'try', 'transfer-log', '--file', 'sample.log'], { cwd: folder });

    const [comments = ''] = stdout.split('# HELP');
    expect(timeless(comments)).toBe(timeless(shown?.text ?? ''));
  }, 30_000);
});

/** Without what differs from run to run. */
function timeless(text: string): string {
  return text
    .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}/g, '<time>')
    .replaceAll(/\d+(?:\.\d+)? ms(?=,|$)/gm, '… ms')
    .trim();
}
