// `vigie new`: the block it prints passes `vigie check`, and what it writes keeps the file as it was.

import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatDiagnostic } from '../../src/config/diagnostics.js';
import { loadConfig } from '../../src/config/load.js';

const main = join(import.meta.dirname, '..', '..', 'src', 'main.js');

const BEFORE = `# Ours.
teams: { flux: { email: flux@example.org } } # one team
partners: { chuv: {}, hug: {} }
calendars: { bureau: { timezone: Europe/Zurich, open: { mon-fri: '07:00-19:00' } } }
`;
const FLOW = `flows:
    # four spaces here
    factures:
        title: Factures
        team: flux
        direction: inbound
        partners: [chuv]
        stages: [received] # the last line of the last flow

# after the flows
`;

describe('vigie new', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vigie-new-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  function vigie(...args: string[]) {
    return spawnSync(process.execPath, [main, 'new', ...args], { cwd: folder, encoding: 'utf8' });
  }

  async function load() {
    const { config, diagnostics } = await loadConfig('exporters.yaml', { cwd: folder });
    return { config, errors: diagnostics.filter(({ severity }) => severity === 'error').map(formatDiagnostic) };
  }

  test('CE8: prints about ten lines that pass the check once they are pasted under flows:', async () => {
    await writeFile(join(folder, 'exporters.yaml'), BEFORE);

    const { stdout, status } = vigie('attestations-fiscales');
    await writeFile(join(folder, 'exporters.yaml'), `${BEFORE}flows:\n${stdout}`);

    const { config, errors } = await load();
    expect([status, errors]).toEqual([0, []]);
    expect(stdout.split('\n').length).toBeLessThan(13);
    expect(config?.flows[0]).toMatchObject({
      name: 'attestations-fiscales',
      title: 'Attestations fiscales',
      team: 'flux',
      partners: ['chuv', 'hug'],
      stages: ['received', 'processed'],
      calendar: 'bureau',
    });
  });

  test('CE8: takes options, and quotes what YAML would read otherwise', async () => {
    await writeFile(join(folder, 'exporters.yaml'), BEFORE.replace('hug: {}', "'756': {}"));

    const wishes = [
      '--title',
      'Cash: all # of it',
      '--team',
      'flux',
      '--direction',
      'outbound',
      '--partners',
      '756',
      '--stages',
      'sent,acknowledged',
    ];

    const { stdout } = vigie('cash', ...wishes);
    await writeFile(join(folder, 'exporters.yaml'), `${BEFORE.replace('hug: {}', "'756': {}")}flows:\n${stdout}`);

    const { config } = await load();
    expect(config?.flows[0]).toMatchObject({
      title: 'Cash: all # of it',
      direction: 'outbound',
      partners: ['756'],
      stages: ['sent', 'acknowledged'],
    });
  });

  test.each([
    ['a block with other flows', BEFORE + FLOW, '    attestations:'],
    ['a block with CR LF', (BEFORE + FLOW).replaceAll('\n', '\r\n'), '    attestations:'],
    ['no section', BEFORE, '  attestations:'],
    ['no section and no last line end', BEFORE.trimEnd(), '  attestations:'],
  ])('CE8: writes into %s, and changes nothing else', async (_case, text, line) => {
    await writeFile(join(folder, 'exporters.yaml'), text);

    const { status, stderr } = vigie('attestations', '--write', 'exporters.yaml');

    const after = await readFile(join(folder, 'exporters.yaml'), 'utf8');
    const { config, errors } = await load();
    expect([status, stderr, errors]).toEqual([0, '', []]);
    expect(config?.flows.map(({ name }) => name)).toContain('attestations');
    expect(after.split(/\r?\n/)).toContain(line);
    const kept = text.split(/(?<=\n)/).filter((old) => !after.includes(old.trimEnd()));
    expect(kept).toEqual([]);
    expect(after.includes('\r\n')).toBe(text.includes('\r\n'));
  });

  test('CE8: puts the flow after the last one, before what follows the section', async () => {
    await writeFile(join(folder, 'exporters.yaml'), BEFORE + FLOW);

    vigie('attestations', '--write', 'exporters.yaml');

    const after = await readFile(join(folder, 'exporters.yaml'), 'utf8');
    const order = ['the last line of the last flow', 'attestations:', '# after the flows'].map((part) => after.indexOf(part));
    expect(order).toEqual(order.toSorted((a, b) => a - b));
  });

  test.each([
    ['a flow that exists', ['factures', '--write', 'exporters.yaml'], 'there is a flow "factures" already'],
    ['a name that is none', ['fac tures'], '"fac tures" is no name'],
    ['an unknown team', ['x', '--team', 'fluxx'], '--team fluxx: there is no "fluxx" (is it "flux"?)'],
    ['an unknown partner', ['x', '--partners', 'chuv,hugo'], '--partners hugo: there is no "hugo" (is it "hug"?)'],
    ['an unknown calendar', ['x', '--calendar', 'bureaux'], '--calendar bureaux: there is no "bureaux" (is it "bureau"?)'],
    ['an unknown direction', ['x', '--direction', 'in'], '--direction in: there is no "in" (is it "inbound"?)'],
    ['a partner named twice', ['x', '--partners', 'chuv,chuv'], '--partners chuv,chuv: "chuv" stands twice'],
    ['a title of nothing', ['x', '--title', ' '], '--title: must not be empty'],
    ['nothing', [], 'name one flow'],
  ])('refuses %s, and writes nothing', async (_case, args, message) => {
    await writeFile(join(folder, 'exporters.yaml'), BEFORE + FLOW);
    await writeFile(join(folder, 'other.yaml'), 'partners: {}\n');
    await writeFile(join(folder, 'braces.yaml'), 'flows: {}\n');

    const { status, stderr, stdout } = vigie(...args);

    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
    expect(await readFile(join(folder, 'exporters.yaml'), 'utf8')).toBe(BEFORE + FLOW);
  });

  test.each([
    ['a file that is not part of the configuration', ['x', '--write', 'other.yaml'], 'exporters.yaml does not include this file'],
    ['a section in braces', ['x', '--write', 'braces.yaml'], 'flows: has no entries on lines of their own'],
    ['a file that does not exist', ['x', '--write', 'none.yaml'], '--write none.yaml: the file cannot be read'],
  ])('refuses %s without its usage, and writes nothing', async (_case, args, message) => {
    await writeFile(join(folder, 'exporters.yaml'), BEFORE + FLOW);
    await writeFile(join(folder, 'other.yaml'), 'partners: {}\n');
    await writeFile(join(folder, 'braces.yaml'), 'flows: {}\n');

    const { status, stderr, stdout } = vigie(...args);

    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('usage:');
  });

  test('tells a newcomer what a file needs before its first flow, and that is enough', async () => {
    await writeFile(join(folder, 'exporters.yaml'), 'environment: prod\n');

    const { status, stderr } = vigie('attestations');
    const [, example = ''] = stderr.split('e.g.\n');
    await writeFile(join(folder, 'exporters.yaml'), example);
    const second = vigie('attestations', '--write', 'exporters.yaml');

    expect([status, second.status]).toEqual([1, 0]);
  });

  test('writes a title of several lines in one', async () => {
    await writeFile(join(folder, 'exporters.yaml'), BEFORE + FLOW);

    const { stdout } = vigie('x', '--title', 'Attestations\n fiscales');

    expect(stdout).toContain('title: Attestations fiscales\n');
  });

  test('prints what is wrong with the configuration, and exits 1', async () => {
    await writeFile(join(folder, 'exporters.yaml'), 'team: {}\n');

    const { status, stderr } = vigie('x');

    expect(status).toBe(1);
    expect(stderr).toContain('exporters.yaml:1:1 error team: unknown key "team"');
  });
});
