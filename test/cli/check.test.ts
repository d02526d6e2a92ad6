// `vigie check` as a command: formats, exit codes, options.

import { execFile, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { check } from '../../src/cli/check.js';

const root = join(import.meta.dirname, '..', '..', '..');
const main = join(root, 'build', 'src', 'main.js');

describe('vigie check', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vigie-check-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  function vigie(...args: string[]) {
    return spawnSync(process.execPath, [main, 'check', ...args], { cwd: folder, encoding: 'utf8' });
  }

  test('NE14: has nothing to say about the file as shipped, and exits 0', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [main, 'check'], { cwd: root });

    expect(stdout).toBe('exporters.yaml: 3 flows, 4 sources, no problems\n');
  });

  test('NE14: exits 1 with errors, and writes them on standard output', async () => {
    await writeFile(join(folder, 'exporters.yaml'), 'team: {}\n');

    const { status, stdout, stderr } = vigie();

    expect([status, stderr]).toEqual([1, '']);
    expect(stdout).toBe('exporters.yaml:1:1 error team: unknown key "team" (is it "teams"?)\nexporters.yaml: 1 error\n');
  });

  test('exits 0 with warnings', async () => {
    await writeFile(join(folder, 'other.yaml'), 'teams: { flux: {} }\n');

    const { status, stdout } = vigie('other.yaml');

    expect(status).toBe(0);
    expect(stdout.split('\n').at(-2)).toBe('other.yaml: 0 flows, 0 sources, 1 warning');
  });

  test('exits 1 where the file is missing', () => {
    const { status, stdout } = vigie();

    expect([status, stdout]).toEqual([1, 'exporters.yaml:1:1 error: no such file\nexporters.yaml: 1 error\n']);
  });

  test('names the option that was meant', () => {
    const { stderr } = vigie('--fromat', 'json');

    expect(stderr).toContain('vigie check: unknown option --fromat (is it "--format"?)\n');
  });

  test('takes a file by absolute path, also as --config, and one with spaces and accents in its name', async () => {
    const file = join(folder, 'données échangées.yaml');
    await writeFile(file, 'team: {}\n');

    for (const args of [[file], ['--config', file]]) {
      expect(vigie(...args).stdout).toContain('données échangées.yaml:1:1 error team: unknown key "team"');
    }
  });

  test('names files from the root of the repository in annotations, wherever the step runs', async () => {
    await mkdir(join(folder, 'deploy'));
    await writeFile(join(folder, 'deploy', 'exporters.yaml'), 'team: {}\n');

    const { stdout } = spawnSync(process.execPath, [main, 'check', '--format', 'github'], {
      cwd: join(folder, 'deploy'),
      encoding: 'utf8',
      env: { ...process.env, GITHUB_WORKSPACE: folder },
    });

    expect(stdout).toContain('::error file=deploy/exporters.yaml,line=1,col=1,title=team::');
  });

  test.each([[['--fromat', 'json']], [['--format', 'xml']], [['a.yaml', 'b.yaml']], [['a.yaml', '--config', 'b.yaml']]])(
    'exits 2 with its usage after %j',
    (args) => {
      const { status, stdout, stderr } = vigie(...args);

      expect([status, stdout]).toEqual([2, '']);
      expect(stderr).toContain('usage: vigie check [file]');
    },
  );

  test('CE14: writes JSON for other tools', async () => {
    await writeFile(join(folder, 'exporters.yaml'), 'team: {}\nteams: { flux: {} }\n');

    const { output } = await check('exporters.yaml', 'json', { cwd: folder });

    expect(JSON.parse(output)).toEqual({
      file: 'exporters.yaml',
      errors: 1,
      warnings: 1,
      diagnostics: [
        {
          severity: 'error',
          file: 'exporters.yaml',
          line: 1,
          column: 1,
          path: 'team',
          message: 'unknown key "team" (is it "teams"?)',
        },
        {
          severity: 'warning',
          file: 'exporters.yaml',
          line: 2,
          column: 10,
          path: 'teams.flux',
          message: 'has neither teams nor email: nobody hears of its alerts',
        },
      ],
    });
  });

  test('CE14: writes annotations for GitHub, escaped as its workflow commands want', async () => {
    await writeFile(join(folder, 'a,b.yaml'), "environments: { 'x,y: 100%': {} }\n");

    const { output, code } = await check('a,b.yaml', 'github', { cwd: folder });

    expect(code).toBe(1);
    expect(output.split('\n')[0]).toBe(
      '::error file=a%2Cb.yaml,line=1,col=17,title=environments.x%2Cy%3A 100%25::"x,y: 100%25" is no name: letters, digits, dots, dashes and underscores, with a letter or digit in front',
    );
  });
});
