// The options of the demo, the copy of the YAML they may lead to, and what is told of the fleet.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isMoved, writeCopy } from '../../demo/config-copy.js';
import { formatChanges, formatTable, isSettled, type Shown } from '../../demo/fleet-status.js';
import { introduction } from '../../demo/introduction.js';
import { readDemoOptions, writeDemoOptions, type DemoOptions } from '../../demo/options.js';
import { loadConfig } from '../../src/config/load.js';

const root = join(import.meta.dirname, '..', '..', '..');

function options(...args: string[]): DemoOptions {
  const read = readDemoOptions(args);
  if (!read) throw new Error('help was asked for');
  return read;
}

describe('the options of the demo', () => {
  test('default to where exporters.yaml expects the exchange', () => {
    const read = options('--data', join(root, '.vigie/demo'));

    expect(read).toMatchObject({ scenario: 'normal', portBase: 9700, sftpPort: 9690, httpsPort: 9691, without: [] });
    expect(isMoved(read, root)).toBe(false);
  });

  test('move everything with the base of the ports', () => {
    const read = options('--port-base', '19700');

    expect(read).toMatchObject({ portBase: 19700, sftpPort: 19690, httpsPort: 19691 });
    expect(isMoved(read, root)).toBe(true);
  });

  test('reach the child process as they are', () => {
    const read = options(
      '--scenario',
      'late',
      '--seed',
      '42',
      '--port-base',
      '19700',
      '--sftp-port',
      '2222',
      '--without',
      'sftp',
      '--data',
      '/x',
    );

    expect(readDemoOptions(writeDemoOptions(read))).toEqual(read);
  });

  test.each([
    [['--scenario', 'partnerdown'], '--scenario partnerdown: there is no such thing (is it "partner-down"?)'],
    [['--without', 'ftp'], '--without ftp: there is no such thing (is it "sftp"?)'],
    [['--port-base', '99999'], '--port-base 99999: must be a whole number from 1034 to 65515'],
    [['--seed', '-1'], "Option '--seed' argument is ambiguous"],
    [['--sede', '1'], "Unknown option '--sede'"],
  ])('say what is wrong with %j', (args, message) => {
    expect(() => readDemoOptions(args)).toThrow(message);
  });
});

describe('the copy of exporters.yaml', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'vigie-copy-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('is valid, has the ports and the folder of the demo, and includes the same files', async () => {
    const path = writeCopy(options('--port-base', '19700', '--data', folder), root);

    const text = readFileSync(path, 'utf8');
    const [original, copy] = await Promise.all([loadConfig(join(root, 'exporters.yaml')), loadConfig(path)]);

    expect(copy.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(copy.config?.flows).toEqual(original.config?.flows);
    expect(copy.config?.sources.map(({ name }) => name)).toEqual(original.config?.sources.map(({ name }) => name));
    expect(text).toContain('port: 19690');
    expect(text).toContain('https://127.0.0.1:19691/hug/health');
    expect(text).toContain('./exchange.db');
    expect(text).not.toMatch(/\b969[01]\b|\.vigie/);
  });
});

describe('what is told of the fleet', () => {
  const inbox: Shown = { source: 'inbox', kind: 'sftp', state: 'up', url: 'http://127.0.0.1:9701/' };
  const log: Shown = { source: 'exchange-log', kind: 'log', state: 'up', url: 'http://127.0.0.1:9702/' };

  test('is a table with its columns in line', () => {
    expect(formatTable([inbox, log]).split('\n')).toEqual([
      '  SOURCE        KIND  STATE  URL',
      '  inbox         sftp  up     http://127.0.0.1:9701/',
      '  exchange-log  log   up     http://127.0.0.1:9702/',
    ]);
  });

  test('is a line for each change, with the reason of a failure', () => {
    const failing: Shown = { ...inbox, state: 'failing', lastError: 'refused in connect' };

    expect(formatChanges([inbox, log], [inbox, log])).toEqual([]);
    expect(formatChanges([inbox, log], [failing, log])).toEqual(['inbox: up → failing (refused in connect)']);
    expect(formatChanges([failing, log], [{ ...failing, state: 'up' }, log])).toEqual(['inbox: failing → up']);
    expect(formatChanges([inbox], [log])).toEqual(['exchange-log: new, up, http://127.0.0.1:9702/', 'inbox: gone']);
  });

  test('waits until every exporter has looked once', () => {
    expect(isSettled(undefined)).toBe(false);
    expect(isSettled([inbox, { ...log, state: 'starting' }])).toBe(false);
    expect(isSettled([inbox, { ...log, state: 'failing' }])).toBe(true);
  });

  test('says that it is a demo, and which scenario plays', () => {
    const text = introduction(options('--scenario', 'rejects', '--seed', '3'), {
      url: 'http://127.0.0.1:9700/',
      config: '/x/exporters.yaml',
      original: '/x/exporters.yaml',
      pid: 4711,
      exporters: [inbox],
    });

    expect(text).toContain('This is a DEMO: the exchange platform, its partners and all its messages are simulated.');
    expect(text).toContain('Scenario rejects (seed 3): nearly half of the messages are refused, with their codes.');
    expect(text).toContain('kill -HUP 4711');
  });
});
