// GM8: included files, each team's own.

import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { formatDiagnostic } from '../../src/config/diagnostics.js';
import { loadConfig, type Loaded } from '../../src/config/load.js';
import { fake } from './fake-kind.js';

describe('included files', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vigie-include-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  async function write(files: Record<string, string>): Promise<void> {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), text);
    }
  }

  function load(): Promise<Loaded> {
    return loadConfig('exporters.yaml', { cwd: folder, kinds: { fake } });
  }

  test('GM8: add to every section, nested ones relative to the file that names them', async () => {
    await write({
      'exporters.yaml': 'include: [teams/*.yaml]\ndefaults: { team: a }\n',
      'teams/a.yaml':
        'include: [more/*.yaml]\nteams: { a: { email: a@b } }\ncalendars: { c: { timezone: UTC, open: { mon: "07:00-08:00" } } }\n',
      'teams/b.yaml': 'partners: { p: {} }\nenvironments: { recette: {} }\n',
      'teams/more/sources.yaml': 'sources: { s: { kind: fake } }\n',
    });

    const { config, diagnostics } = await load();

    expect(diagnostics).toEqual([]);
    expect(config?.files).toEqual(
      ['exporters.yaml', 'teams/a.yaml', 'teams/more/sources.yaml', 'teams/b.yaml'].map((name) => join(folder, name)),
    );
    expect(config?.sources[0]?.baseDir).toBe(join(folder, 'teams', 'more'));
    expect(Object.keys(config?.calendars ?? {})).toEqual(['c']);
  });

  test('GM8: are read once, however many patterns match them', async () => {
    await write({ 'exporters.yaml': 'include: [a.yaml, "?.yaml"]\n', 'a.yaml': 'partners: { p: {} }\n' });

    const { config, diagnostics } = await load();

    expect(diagnostics).toEqual([]);
    expect(config?.files).toHaveLength(2);
  });

  test('GM8: may be links, as Kubernetes mounts them', async () => {
    await write({ 'exporters.yaml': 'include: [flows/*.yaml]\n', 'data/a.yaml': 'partners: { p: {} }\n', 'flows/keep': '' });
    await symlink(join('..', 'data', 'a.yaml'), join(folder, 'flows', 'a.yaml'));

    const { config } = await load();

    expect(config?.partners.map(({ name }) => name)).toEqual(['p']);
  });

  test('GM8: that break do not make others complain of what they would declare', async () => {
    await write({
      'exporters.yaml':
        'include: [teams.yaml]\nflows:\n  f: { title: F, team: a, direction: inbound, partners: [p], stages: [s] }\npartners: { p: {} }\n',
      'teams.yaml': 'teams: { a: { email: a@b }\n',
    });

    const { diagnostics } = await load();

    expect(diagnostics.map(formatDiagnostic)).toEqual([expect.stringMatching(/^teams.yaml:1:\d+ error: a closing bracket is missing/)]);
  });

  test('report problems by file, the main one first, then by line', async () => {
    await write({
      'exporters.yaml': 'include: [z.yaml, a.yaml]\nteam: x\n',
      'a.yaml': 'partner: x\nteam: x\n',
      'z.yaml': 'flow: x\n',
    });

    const { diagnostics } = await load();

    expect(diagnostics.map(({ file, line }) => `${file}:${line}`)).toEqual(['exporters.yaml:2', 'z.yaml:1', 'a.yaml:1', 'a.yaml:2']);
  });

  test('are named by the shorter of their relative and their absolute path', async () => {
    await write({ 'exporters.yaml': 'team: x\n' });

    const { diagnostics } = await loadConfig(join(folder, 'exporters.yaml'), { cwd: join(folder, 'a', 'b'), kinds: { fake } });

    expect(diagnostics.map(({ file }) => file)).toEqual(['../../exporters.yaml']);
  });

  test('that are missing or no files say so', async () => {
    await mkdir(join(folder, 'exporters.yaml'));
    const isFolder = await load();
    const isMissing = await loadConfig('nothing.yaml', { cwd: folder, kinds: { fake } });

    expect(isFolder.diagnostics.map(formatDiagnostic)).toEqual(['exporters.yaml:1:1 error: this is a folder, not a file']);
    expect(isMissing.diagnostics.map(formatDiagnostic)).toEqual(['nothing.yaml:1:1 error: no such file']);
  });
});
