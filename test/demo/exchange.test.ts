// The demo exchange with its real parts, seen with Vigie's own sftp source, SQL and HTTPS.

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Agent, get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pino } from 'pino';
import { Client, type ConnectConfig } from 'ssh2';
import { startExchange, type Exchange, type ExchangeOptions } from '../../demo/exchange.js';
import { loadConfig } from '../../src/config/load.js';
import type { Source } from '../../src/sources/kind.js';
import { sftp } from '../../src/sources/sftp/index.js';
import { FakeClock } from '../fake-clock.js';
import { freePort } from '../port.js';
import { collect, failure, lines, sourceContext } from '../sources/sftp/fixtures.js';
import { until } from '../wait.js';

const root = join(import.meta.dirname, '..', '..', '..');

describe('the demo exchange', () => {
  let dataDir: string;
  let sftpPort: number;
  let httpsPort: number;
  let clock: FakeClock;
  const running: Exchange[] = [];
  const sources: Source[] = [];

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'vigie-demo-'));
    sftpPort = await freePort();
    httpsPort = await freePort();
    clock = new FakeClock('2026-11-23T08:00:00Z');
  });
  afterEach(async () => {
    await Promise.all(sources.splice(0).map((source) => source.close()));
    await Promise.all(running.splice(0).map((exchange) => exchange.stop()));
    await rm(dataDir, { recursive: true });
  });

  async function start(changes: Partial<ExchangeOptions> = {}): Promise<Exchange> {
    const logger = pino({ level: 'silent' });
    const exchange = await startExchange({ seed: 1, scenario: 'normal', dataDir, sftpPort, httpsPort, clock, logger, ...changes });
    running.push(exchange);
    return exchange;
  }

  /** The source `partner-inbox` of exporters.yaml, on the ports of the test. */
  async function inboxSource(): Promise<Source> {
    const { config } = await loadConfig(join(root, 'exporters.yaml'));
    const block = config?.sources.find(({ kind }) => kind === 'sftp');
    if (!config || !block) throw new Error('exporters.yaml has no sftp source');
    const text = JSON.stringify(block.options).replaceAll('.vigie/demo/', `${dataDir}/`).replace('9690', String(sftpPort));
    const context = { ...sourceContext(), flows: config.flows, partners: config.partners.map(({ name }) => name) };
    const source = await sftp.create({ ...block, options: JSON.parse(text) }, context);
    sources.push(source);
    return source;
  }

  function rows(): Record<string, unknown>[] {
    return ['history', 'pending', 'rejects'].flatMap((table) => query(`SELECT * FROM ${table}`));
  }

  function query(sql: string): Record<string, unknown>[] {
    const database = new DatabaseSync(join(dataDir, 'exchange.db'), { readOnly: true });
    try {
      return database.prepare(sql).all();
    } finally {
      database.close();
    }
  }

  function health(partner: string): Promise<number | undefined> {
    const ca = readFileSync(join(dataDir, 'https', 'ca.pem'));
    return new Promise((resolve, reject) => {
      const request = get(`https://127.0.0.1:${httpsPort}/${partner}/health`, { ca, agent: new Agent() }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      request.on('error', reject);
    });
  }

  test('has a past when it starts, and goes on', async () => {
    const exchange = await start();
    const before = query("SELECT COUNT(*) AS messages FROM history WHERE flow = 'attestations'")[0]?.['messages'];

    await clock.advance(60_000);
    await exchange.tick();
    const after = query("SELECT COUNT(*) AS messages FROM history WHERE flow = 'attestations'")[0]?.['messages'];

    expect(before).toBeGreaterThan(50);
    expect(after).toBeGreaterThan(Number(before) + 5);
    expect(query('SELECT DISTINCT flow FROM pending').length).toBeGreaterThanOrEqual(2);
    expect(query('SELECT DISTINCT flow FROM history ORDER BY flow')).toEqual([{ flow: 'attestations' }, { flow: 'cotisations' }]);
    expect(
      query('SELECT DISTINCT outcome FROM history').every(({ outcome }) => ['ok', 'error', 'rejected'].includes(String(outcome))),
    ).toBe(true);
    expect(query('SELECT code FROM rejects').length).toBeGreaterThan(0);
  });

  test('does the same again for the same seed, on a folder that was used before', async () => {
    const first = await start();
    const before = rows();
    const log = readFileSync(join(dataDir, 'log', 'exchange.log'), 'utf8');
    await first.stop();
    running.length = 0;

    await start();

    expect(rows()).toEqual(before);
    expect(readFileSync(join(dataDir, 'log', 'exchange.log'), 'utf8')).toBe(log);
  });

  test('shows inboxes that the sftp source reads with the keys of the demo', async () => {
    await start();
    const files = readdirSync(join(dataDir, 'sftp', 'files', 'in', 'tge'));
    const ofChuv = files.filter((name) => /^chuv_\d{8}_\d+\.xml$/.test(name));

    const found = lines(await collect(await inboxSource(), '/in/tge'));

    expect(ofChuv.length).toBeGreaterThan(0);
    expect(found).toContain(`flow_backlog_messages{flow="factures-tge",partner="chuv",stage="received"} ${ofChuv.length}`);
    expect(found).toContain('flow_unmatched_files{flow="factures-tge",stage="received",directory="/in/tge"} 0');
    expect(found).toContain(
      `flow_partial_files{flow="factures-tge",stage="received",directory="/in/tge"} ${files.filter((name) => name.endsWith('.filepart')).length}`,
    );
  });

  test('stops its SFTP server alone, and starts it again', async () => {
    const exchange = await start();
    const source = await inboxSource();
    await collect(source, '/in/tge');

    await exchange.stopSftp();
    const error = await failure(source, '/in/tge');
    const others = await health('chuv');
    await exchange.startSftp();
    const back = await collect(source, '/in/tge');

    expect(error).toMatchObject({ phase: 'connect', errorClass: 'refused' });
    expect(others).toBe(200);
    expect(back.length).toBeGreaterThan(0);
  });

  test('lets a file in the folder `without` switch a part off', async () => {
    const exchange = await start({ without: ['https'] });
    await expect(health('chuv')).rejects.toMatchObject({ code: 'ECONNREFUSED' });

    await rm(join(dataDir, 'without', 'https'));
    await exchange.tick();
    const on = await health('chuv');
    await writeFile(join(dataDir, 'without', 'https'), '');
    await exchange.tick();

    expect(on).toBe(200);
    await expect(health('chuv')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('refuses everybody else, and every change, at its SFTP server', async () => {
    await start();
    const keys = join(dataDir, 'sftp');

    expect(statSync(join(keys, 'vigie_ed25519')).mode & 0o777).toBe(0o600);
    expect(statSync(join(keys, 'host_ed25519')).mode & 0o777).toBe(0o600);
    expect(await sessionOf({ username: 'vigie', password: 'guess' })).toBe('All configured authentication methods failed');
    expect(await sessionOf({ username: 'root', privateKey: readFileSync(join(keys, 'vigie_ed25519')) })).toBe(
      'All configured authentication methods failed',
    );
    expect(await sessionOf({ username: 'vigie', privateKey: readFileSync(join(keys, 'host_ed25519')) })).toBe(
      'All configured authentication methods failed',
    );
    expect(await sessionOf({ username: 'vigie', privateKey: readFileSync(join(keys, 'vigie_ed25519')) })).toBe('Permission denied');
  });

  /** What comes of logging in and removing a directory. */
  function sessionOf(credentials: ConnectConfig): Promise<string> {
    return new Promise((resolve) => {
      const client = new Client();
      const end = (result: string) => {
        client.end();
        resolve(result);
      };
      client.on('error', ({ message }) => end(message));
      client.on('ready', () => client.sftp((_error, session) => session.rmdir('/in/tge', (error) => end(error?.message ?? 'done'))));
      client.connect({ host: '127.0.0.1', port: sftpPort, ...credentials });
    });
  }

  test('answers for the partners over HTTPS, and not for hug when it is down', async () => {
    await start({ scenario: 'partner-down' });

    expect(await health('chuv')).toBe(200);
    expect(await health('hug')).toBe(503);
    expect(await health('nobody')).toBe(404);
  });

  test('is late on purpose: the endpoints too', async () => {
    await start({ scenario: 'late' });
    const timers = clock.pendingTimers;

    const answer = health('chuv');
    await until(() => clock.pendingTimers > timers);
    await clock.advance(1_200);

    expect(await answer).toBe(200);
  });

  test('keeps away from a folder that is not its own', async () => {
    await writeFile(join(dataDir, 'thesis.tex'), 'ten years of work');

    await expect(start()).rejects.toThrow(`${dataDir} holds something else than the demo: name an empty or a new folder with --data`);

    expect(existsSync(join(dataDir, 'thesis.tex'))).toBe(true);
  });

  test('changes its scenario with the file that names it, and knows a name that there is not', async () => {
    const exchange = await start();
    await exchange.tick();
    expect(await health('hug')).toBe(200);

    await writeFile(join(dataDir, 'scenario'), 'partner-down');
    await exchange.tick();
    expect(await health('hug')).toBe(503);

    await writeFile(join(dataDir, 'scenario'), 'partner-up');
    await exchange.tick();
    expect(await health('hug')).toBe(503);

    await writeFile(join(dataDir, 'scenario'), 'normal');
    await exchange.tick();
    expect(await health('hug')).toBe(200);
  });
});
