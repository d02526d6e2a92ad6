// What the process of an exporter is given: threads for names that do not resolve, and the place where it stands.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSite, UsageError } from '../../src/cli/command.js';
import { endpoint } from '../../src/conventions.js';
import { get, scrapeSamples, valueOf } from '../exporter/http.js';
import { TestFleet } from '../fleet/running.js';
import { until } from '../wait.js';

const MAIN = join(import.meta.dirname, '..', '..', 'src', 'main.js');
const LIMIT_MS = 30_000;

const YAML = `
teams: { flux: { email: flux@example.org } }
sources:
  exchange-log: { kind: log, team: flux, interval: 1s, files: [exchange.log], format: json, metrics: [{ name: exchange_lines_total, help: Lines., when: { event: any } }] }
`;

describe('the process of an exporter', () => {
  let folder: string;
  const children: ChildProcess[] = [];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vigie-process-'));
    await writeFile(join(folder, 'exchange.log'), '');
  });

  afterEach(async () => {
    for (const child of children.splice(0)) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    await rm(folder, { recursive: true, force: true });
  });

  async function start(yaml: string, source: string, environment: NodeJS.ProcessEnv, ...args: readonly string[]) {
    const config = join(folder, 'exporters.yaml');
    await writeFile(config, yaml);
    const { UV_THREADPOOL_SIZE: _threads, VIGIE_SITE: _site, ...env } = process.env;
    const all = [MAIN, 'exporter', source, '--config', config, '--listen', '127.0.0.1:0', ...args];
    const child = spawn(process.execPath, all, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...env, ...environment } });
    children.push(child);
    let text = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (text += data.toString()));
    const url = await until(() => /listens on (?<url>\S+)/.exec(text)?.groups?.['url'], LIMIT_MS);
    await until(async () => (await get(`${url}/-/ready`)).status === 200, LIMIT_MS);
    return { url, pid: child.pid ?? 0 };
  }

  const withTask = process.platform === 'linux' ? test : test.skip;
  withTask.each([
    ['32 where nobody says how many', {}, 32, 60],
    ['as many as the user says', { UV_THREADPOOL_SIZE: '6' }, 6, 31],
  ])(
    'has threads to wait for the system: %s',
    async (_case, environment, least, most) => {
      const { pid } = await start(YAML, 'exchange-log', environment);

      const threads = await readdir(`/proc/${pid}/task`);

      expect(threads.length).toBeGreaterThan(least);
      expect(threads.length).toBeLessThan(most);
    },
    LIMIT_MS,
  );

  test(
    'IR1, NE3: looks every second where the YAML says so, and names its place',
    async () => {
      const asked: number[] = [];
      const server = createServer((_request, response) => {
        asked.push(performance.now());
        response.end('ok');
      }).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const address = server.address();
      const port = typeof address === 'object' ? address?.port : undefined;
      const yaml = `sources: { api: { kind: http, interval: 1s, endpoints: { health: { url: 'http://127.0.0.1:${port}/' } } } }\n`;

      const { url } = await start(yaml, 'api', { VIGIE_SITE: 'bern' }, '--site', 'geneva');
      await until(() => asked.length > 5, LIMIT_MS);
      const samples = await scrapeSamples(url);
      server.close();
      server.closeAllConnections();

      // The first one is at once, the others are on their slots; how late a loaded machine is says nothing of the schedule.
      const spans = asked.slice(2).map((at, index) => at - (asked[index + 1] ?? 0));
      expect(Math.min(...spans)).toBeLessThan(1_500);
      expect(valueOf(samples, endpoint.up.name, { endpoint: 'health', site: 'geneva' })).toBe(1);
      expect(valueOf(samples, endpoint.probes.name, { result: 'success', site: 'geneva' })).toBeGreaterThanOrEqual(5);
    },
    LIMIT_MS,
  );

  test(
    'NE3: a fleet hands its place and its threads to its exporters',
    async () => {
      const fleet = await TestFleet.in(`sources: { api: { kind: http, endpoints: { health: { url: 'http://127.0.0.1:9/' } } } }\n`);
      try {
        await fleet.start('--site', 'geneva');

        const exporter = await fleet.exporter('api');
        const samples = await scrapeSamples(exporter.url.replace(/\/$/, ''));

        expect(valueOf(samples, endpoint.up.name, { site: 'geneva' })).toBe(0);
        if (process.platform !== 'linux') return;
        expect(await readFile(`/proc/${exporter.pid}/environ`, 'utf8')).toMatch(/(?:^|\0)UV_THREADPOOL_SIZE=32\0/);
      } finally {
        await fleet.end();
      }
    },
    LIMIT_MS,
  );

  test('the image sets as many', async () => {
    const dockerfile = await readFile(join(import.meta.dirname, '..', '..', '..', 'Dockerfile'), 'utf8');

    expect(dockerfile).toContain('UV_THREADPOOL_SIZE=32');
  });
});

describe('the place of an exporter', () => {
  test('is that of --site, else that of VIGIE_SITE, else none', () => {
    expect(readSite('bern', { VIGIE_SITE: 'geneva' })).toBe('bern');
    expect(readSite(undefined, { VIGIE_SITE: 'geneva' })).toBe('geneva');
    expect(readSite(undefined, { VIGIE_SITE: '' })).toBeUndefined();
    expect(readSite(undefined, {})).toBeUndefined();
  });

  test.each([
    ['in Bern', {}, '--site in Bern: must be a name of letters, digits, dots, dashes and underscores, e.g. geneva'],
    ['', {}, '--site : must be a name of letters, digits, dots, dashes and underscores, e.g. geneva'],
    [undefined, { VIGIE_SITE: 'a/b' }, 'VIGIE_SITE=a/b: must be a name of letters, digits, dots, dashes and underscores, e.g. geneva'],
  ])('must be a name: %s', (option, environment, message) => {
    expect(() => readSite(option, environment)).toThrow(new UsageError(message));
  });
});
