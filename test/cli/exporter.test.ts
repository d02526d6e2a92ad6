// `vigie exporter` as a process, on a real SQLite database.

import { fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { loadConfig } from '../../src/config/load.js';
import { own } from '../../src/conventions.js';
import type { Configuration } from '../../src/fleet/messages.js';
import { get, scrapeSamples, valueOf } from '../exporter/http.js';
import { freePort } from '../port.js';
import { until } from '../wait.js';

const VIGIE = join(import.meta.dirname, '..', '..', 'src', 'main.js');
/** Starting is quick; a loaded machine is not. */
const LIMIT_MS = 30_000;

const YAML = `
teams: { exchange: { email: exchange@example.org } }
partners: { chuv: {} }
flows:
  invoices: { title: Invoices, team: exchange, direction: inbound, partners: [chuv], stages: [received, answered] }
sources:
  exchange-db:
    kind: sql
    driver: sqlite
    connection: { file: exchange.db }
    interval: 1s
    queries:
      waiting:
        sql: SELECT flow, partner, stage, messages FROM pending
        observe: { backlog: messages }
      codes:
        sql: SELECT code, messages FROM codes
        metrics: [{ name: exchange_rejects, help: Rejected messages., value: messages, labels: [code] }]
`;

/** Sends the process a SIGHUP when it begins to load the code of its command. */
const HANGUP_WHILE_LOADING = `data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from 'node:module';
  registerHooks({
    resolve(specifier, context, next) {
      if (specifier === './cli/exporter.js') process.kill(process.pid, 'SIGHUP');
      return next(specifier, context);
    },
  });
`)}`;

/** Tells of every module that the process imports. */
const TELL_IMPORTS = `data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from 'node:module';
  import { writeSync } from 'node:fs';
  registerHooks({
    load(url, context, next) {
      writeSync(2, 'imports ' + url + '\\n');
      return next(url, context);
    },
  });
`)}`;

let folder = '';
let config = '';
const children: ChildProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vigie-exporter-'));
  config = join(folder, 'exporters.yaml');
  writeFileSync(config, YAML);
  const database = new DatabaseSync(join(folder, 'exchange.db'));
  database.exec(`
    CREATE TABLE pending (flow TEXT, partner TEXT, stage TEXT, messages INTEGER);
    INSERT INTO pending VALUES ('invoices', 'chuv', 'received', 5), ('invoices', 'hug', 'received', 9);
    CREATE TABLE codes (code TEXT, messages INTEGER);
    INSERT INTO codes VALUES ('E42', 3);
  `);
  database.close();
});

afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  rmSync(folder, { recursive: true, force: true });
});

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function vigie(...args: string[]): Promise<Ended> {
  const child = spawn(process.execPath, [VIGIE, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  const texts = { stdout: '', stderr: '' };
  child.stdout.on('data', (data: Buffer) => (texts.stdout += data.toString()));
  child.stderr.on('data', (data: Buffer) => (texts.stderr += data.toString()));
  await once(child, 'close');
  return { code: child.exitCode, ...texts };
}

/** The configuration as the fleet hands it over. */
async function configuration(): Promise<Configuration> {
  const { config: loaded } = await loadConfig(config);
  if (!loaded) throw new Error('the YAML of the test has errors');
  return { type: 'configuration', config: loaded };
}

/** Starts an exporter as the fleet does. */
async function startChild() {
  const args = ['exporter', 'exchange-db', '--config', config, '--listen', '127.0.0.1:0', '--supervised'];
  const child = fork(VIGIE, args, { serialization: 'advanced', stdio: ['ignore', 'ignore', 'pipe', 'ipc'], execArgv: [] });
  children.push(child);
  child.send(await configuration());
  const messages: unknown[] = [];
  child.on('message', (message) => messages.push(message));
  await until(() => messages.length > 0, LIMIT_MS);
  const [listening] = messages.splice(0);
  const url = typeof listening === 'object' && listening !== null && 'url' in listening ? String(listening.url) : '';
  await until(async () => (await get(`${url}/-/ready`)).status === 200, LIMIT_MS);
  return { child, url, messages };
}

describe('vigie exporter', () => {
  it(
    'runs on the configurations that the fleet hands over, whatever is in the file by then, and says that it is alive',
    async () => {
      const { child, url, messages } = await startChild();
      expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
      writeFileSync(config, YAML.replace('exchange_rejects', 'exchange_refusals'));
      const changed = await configuration();
      writeFileSync(config, 'sauces: {}\n');

      child.send({ type: 'alive?' });
      child.send(changed);
      await until(() => messages.length > 1, LIMIT_MS);

      expect(messages).toEqual([{ type: 'alive' }, expect.objectContaining({ type: 'reloaded', ok: true })]);
      const samples = await until(async () => {
        const all = await scrapeSamples(url);
        return valueOf(all, 'exchange_refusals') === undefined ? undefined : all;
      });
      expect(valueOf(samples, own.reloadSuccessful.name)).toBe(1);
      expect(valueOf(samples, 'flow_backlog_messages', { stage: 'received' })).toBe(5);
    },
    LIMIT_MS * 2,
  );

  it(
    'NE14: takes over a changed YAML on SIGHUP',
    async () => {
      const { child, url } = await startChild();
      writeFileSync(config, YAML.replace('exchange_rejects', 'exchange_refusals'));

      child.kill('SIGHUP');
      const value = await until(async () => valueOf(await scrapeSamples(url), 'exchange_refusals', { code: 'E42' }), LIMIT_MS);

      expect(value).toBe(3);
      expect(valueOf(await scrapeSamples(url), 'exchange_rejects')).toBeUndefined();
    },
    LIMIT_MS * 2,
  );

  it(
    'lives through a SIGHUP while it loads its code, and through twenty at once later',
    async () => {
      const args = ['exporter', 'exchange-db', '--config', config, '--listen', '127.0.0.1:0'];
      const child = spawn(process.execPath, ['--import', HANGUP_WHILE_LOADING, VIGIE, ...args], {
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      children.push(child);
      let text = '';
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (text += data.toString()));

      const url = await until(() => /listens on (?<url>\S+)/.exec(text)?.groups?.['url'], LIMIT_MS);
      for (let count = 0; count < 20; count++) child.kill('SIGHUP');
      await until(() => text.includes('configuration loaded'), LIMIT_MS);

      expect((await get(`${url}/-/healthy`)).status).toBe(200);
    },
    LIMIT_MS * 2,
  );

  it(
    'imports what pages need only when somebody asks for one',
    async () => {
      const args = ['exporter', 'exchange-db', '--config', config, '--listen', '127.0.0.1:0'];
      const child = spawn(process.execPath, ['--import', TELL_IMPORTS, VIGIE, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
      children.push(child);
      let text = '';
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (text += data.toString()));
      const packages = () =>
        new Set([...text.matchAll(/^imports .*node_modules\/(?<name>@?[^/]+)/gm)].map((match) => match.groups?.['name']));
      const url = await until(() => /listens on (?<url>\S+)/.exec(text)?.groups?.['url'], LIMIT_MS);

      expect((await get(`${url}/metrics`)).status).toBe(200);
      const forScrapes = packages();
      expect((await get(`${url}/-/healthy`)).status).toBe(200);

      expect([...forScrapes]).toContain('prom-client');
      expect([...forScrapes]).not.toContain('@opentelemetry');
      expect([...forScrapes]).not.toContain('express');
      await until(() => packages().has('express'), LIMIT_MS);
    },
    LIMIT_MS * 2,
  );

  it(
    'ends when the fleet that started it is gone',
    async () => {
      const { child } = await startChild();
      const ended = once(child, 'exit');

      child.disconnect();

      expect(await ended).toEqual([0, null]);
    },
    LIMIT_MS * 2,
  );

  it(
    'lets a running scrape finish on SIGTERM, and ends with 0 within 5 s',
    async () => {
      const database = new DatabaseSync(join(folder, 'exchange.db'));
      database.exec(`
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 8000)
        INSERT INTO codes SELECT printf('%01000d', i), i FROM n`);
      database.close();
      const { child, url } = await startChild();
      const slow = connect(Number(new URL(url).port), '127.0.0.1');
      slow.write('GET /metrics HTTP/1.1\r\nHost: vigie\r\n\r\n');
      await once(slow, 'readable');
      const ended = once(child, 'exit');
      const signalled = performance.now();

      child.kill('SIGTERM');
      let text = '';
      slow.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      await once(slow, 'close');

      expect(await ended).toEqual([0, null]);
      expect(performance.now() - signalled).toBeLessThan(5_000);
      expect(text.length).toBeGreaterThan(8_000_000);
      expect(text).toContain('\nvigie_source_up{source="exchange-db",kind="sql"} 1\n');
      expect(text.slice(-100)).toMatch(/\nvigie_time_seconds\S* [\d.e+]+\n$/);
    },
    LIMIT_MS * 2,
  );

  it(
    'refuses an unknown source with a suggestion',
    async () => {
      expect(await vigie('exporter', 'exchange-bd', '--config', config)).toEqual({
        code: 1,
        stdout: '',
        stderr: `${config}: no source "exchange-bd" (is it "exchange-db"?)\n`,
      });
    },
    LIMIT_MS,
  );

  it(
    'refuses a broken configuration with all that is wrong with it',
    async () => {
      appendFileSync(config, 'sauces: {}\ngravy: {}\n');

      const { code, stderr } = await vigie('exporter', 'exchange-db', '--config', config);

      expect(code).toBe(1);
      expect(stderr).toContain('error sauces:');
      expect(stderr).toContain('error gravy:');
    },
    LIMIT_MS,
  );

  it(
    'says which port is in use and which option changes it',
    async () => {
      const { url } = await startChild();
      const { host, port } = new URL(url);

      const { code, stderr } = await vigie('exporter', 'exchange-db', '--config', config, '--listen', host);

      expect(code).toBe(1);
      expect(stderr).toContain(`port ${port} on 127.0.0.1 is in use: name another address with --listen host:port`);
    },
    LIMIT_MS * 2,
  );

  it.each([
    [['exporter'], 'name one source'],
    [['exporter', 'a', 'b'], 'name one source'],
    [['exporter', 'a', '--listen', 'nowhere'], '--listen nowhere: must be host:port, e.g. 127.0.0.1:9701'],
    [['exporter', 'a', '--port', '1'], 'unknown option --port'],
    [['exporter', 'a', '--supervised'], '--supervised is for the fleet: leave it out'],
  ])(
    'refuses a wrong use: vigie %j',
    async (args, message) => {
      const { code, stderr } = await vigie(...args);

      expect(code).toBe(2);
      expect(stderr).toContain(message);
      expect(stderr).toContain('usage: vigie exporter <source>');
    },
    LIMIT_MS,
  );

  it(
    'listens on the port that the YAML names, and prints where',
    async () => {
      const port = await freePort();
      writeFileSync(config, YAML.replace('interval: 1s', `interval: 1s\n    exporter_port: ${port}`));
      const child = spawn(process.execPath, [VIGIE, 'exporter', 'exchange-db', '--config', config], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      children.push(child);

      const [line] = await once(child.stdout, 'data');

      expect(String(line)).toBe(`exchange-db listens on http://127.0.0.1:${port}\n`);
    },
    LIMIT_MS,
  );
});
