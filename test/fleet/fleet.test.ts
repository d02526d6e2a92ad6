// The fleet end to end: real processes, real sources.

import { once } from 'node:events';
import { appendFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { portOf } from '../port.js';
import { until } from '../wait.js';
import { isAlive } from './children.js';
import { TestFleet, WITH_ATTESTATIONS, YAML } from './running.js';

const ENDPOINTS = (port: number) => `  endpoints:
    kind: http
    endpoints:
      chuv-api: { url: 'http://127.0.0.1:${port}/health', partner: chuv }
`;

const journal = (port: number) => `  journal:
    kind: log
    files: [journal.log]
    format: json
    exporter_port: ${port}
    events: [{ when: { event: x }, flow: attestations, stage: processed }]
`;

describe('a fleet that runs', () => {
  const partner = createServer((_request, response) => void response.end('ok'));
  let fleet: TestFleet;

  beforeAll(async () => {
    partner.listen(0, '127.0.0.1');
    await once(partner, 'listening');
    fleet = await TestFleet.in(YAML + ENDPOINTS(portOf(partner)));
    fleet.sql(`INSERT INTO pending VALUES ('factures', 'chuv', 'processed', 1700000000)`);
    await fleet.start();
  }, 30_000);

  afterAll(async () => {
    await fleet.end();
    partner.closeAllConnections();
    partner.close();
  });

  test('runs one process for the catalogue and for each source, on the ports after its own', async () => {
    const { exporters } = await fleet.status();

    expect(exporters.map(({ source, state, url }) => [source, state, Number(new URL(url).port) - fleet.portBase])).toEqual([
      ['catalog', 'up', 1],
      ['exchange-log', 'up', 2],
      ['exchange-db', 'up', 3],
      ['endpoints', 'up', 4],
    ]);
    expect(new Set(exporters.map(({ pid }) => pid)).size).toBe(4);
  });

  test('GM1: shows what all sources see of a flow together, and the endpoints', async () => {
    await appendFile(join(fleet.folder, 'exchange.log'), '{"event":"received","partner":"hug"}\n');

    const { flows, endpoints } = await until(async () => {
      const status = await fleet.status();
      return status.flows[0]?.stages[0]?.total.messages === 1 ? status : undefined;
    });

    expect(flows[0]?.stages[1]?.total).toMatchObject({ backlog: 1, oldestAt: 1_700_000_000_000 });
    expect(endpoints).toMatchObject([{ endpoint: 'chuv-api', partner: 'chuv', up: true, code: 200 }]);
  });

  test('lists all exporters and itself for Prometheus', async () => {
    const answer = await fetch(`${fleet.url}/sd`);
    const groups: unknown = await answer.json();

    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
    expect(groups).toHaveLength(5);
    expect(groups).toContainEqual({
      targets: [`127.0.0.1:${fleet.portBase + 3}`],
      labels: { __meta_vigie_source: 'exchange-db', __meta_vigie_kind: 'sql', __meta_vigie_team: 'flux', __meta_vigie_env: 'prod' },
    });
  });

  test('has an exporter that was killed back within five seconds, the others untouched', async () => {
    const before = await fleet.pids();
    const killedAt = performance.now();

    process.kill(before['exchange-db'] ?? 0, 'SIGKILL');
    await until(async () => (await fleet.exporter('exchange-db')).state === 'down');
    await until(async () => (await fleet.exporter('exchange-db')).state === 'up');
    const tookMs = performance.now() - killedAt;

    const after = await fleet.pids();
    expect(tookMs).toBeLessThan(5_000);
    expect(after['exchange-db']).not.toBe(before['exchange-db']);
    expect({ ...after, 'exchange-db': 0 }).toEqual({ ...before, 'exchange-db': 0 });
    expect(await fleet.metrics()).toContain('vigie_fleet_exporter_restarts_total{source="exchange-db",kind="sql"} 1');
  }, 15_000);

  test('shows no value of an exporter that does not answer', async () => {
    const { 'exchange-db': pid = 0 } = await fleet.pids();

    process.kill(pid, 'SIGSTOP');
    const { flows } = await until(async () => {
      const status = await fleet.status();
      return status.exporters.some(({ state }) => state === 'unresponsive') ? status : undefined;
    });
    const metrics = await fleet.metrics();
    process.kill(pid, 'SIGCONT');

    expect(flows[0]?.stages[1]?.total.backlog).toBeUndefined();
    expect(flows[0]?.stages[1]?.gaps).toEqual([
      { source: 'exchange-db', missing: [], because: 'its process does not answer: no answer within 1 s', starting: false },
    ]);
    expect(metrics).toContain('vigie_fleet_exporter_up{source="exchange-db",kind="sql"} 0');
    await until(async () => (await fleet.exporter('exchange-db')).state === 'up');
  }, 15_000);

  test('refuses a reload that another site asks for', async () => {
    const answer = await fetch(`${fleet.url}/-/reload`, { method: 'POST', headers: { 'Sec-Fetch-Site': 'cross-site' } });

    expect(answer.status).toBe(403);
  });
});

describe('a reload', () => {
  let fleet: TestFleet;

  beforeAll(async () => {
    fleet = await TestFleet.in(YAML);
    await fleet.start();
  }, 30_000);

  afterAll(async () => {
    await fleet.end();
  });

  test('NE14: of a YAML with one flow more shows its series, and restarts nothing', async () => {
    const before = await fleet.pids();
    await fleet.write(WITH_ATTESTATIONS);

    const answer = await fleet.reload();

    expect([answer.status, await answer.text()]).toEqual([200, 'reloaded\n']);
    expect(await fleet.metrics('catalog')).toContain('flow_info{flow="attestations"');
    await until(async () =>
      (await fleet.metrics('exchange-db')).includes(
        'flow_backlog_messages{flow="attestations",partner="chuv",env="prod",stage="processed"} 0',
      ),
    );
    expect((await fleet.status()).flows.map(({ name }) => name)).toEqual(['attestations', 'factures']);
    expect(await fleet.pids()).toEqual(before);
  }, 15_000);

  test('NE14: of a YAML with errors changes nothing and says why', async () => {
    const before = { pids: await fleet.pids(), sha: (await fleet.status()).configSha };
    await fleet.write(WITH_ATTESTATIONS.replace('partners: [chuv]', 'partners: [chuf]'));

    const answer = await fleet.reload();

    const text = await answer.text();
    const { reload, configSha } = await fleet.status();
    expect(answer.status).toBe(500);
    expect(text).toContain('no partner "chuf" (is it "chuv"?)');
    expect(reload).toMatchObject({
      successful: false,
      messages: [expect.stringMatching(/exporters\.yaml:6:\d+ error flows\.attestations/)],
    });
    expect({ pids: await fleet.pids(), sha: configSha }).toEqual(before);
    expect(await fleet.metrics()).toContain('vigie_config_last_reload_successful 0');
    expect(await (await fetch(`${fleet.url}/`)).text()).toContain('The last reload failed');
  });

  test('NE14: of a YAML with errors does not keep an exporter that dies from coming back as it was', async () => {
    const { 'exchange-log': pid = 0, ...others } = await fleet.pids();

    process.kill(pid, 'SIGKILL');
    await until(async () => (await fleet.exporter('exchange-log')).state === 'down');
    const { restarts } = await until(async () => {
      const exporter = await fleet.exporter('exchange-log');
      return exporter.state === 'up' ? exporter : undefined;
    });

    expect(restarts).toBe(1);
    expect(await fleet.pids()).toMatchObject(others);
  }, 15_000);

  test('by SIGHUP starts a new source and stops one that is gone; the ports of the others stay', async () => {
    const before = await fleet.pids();
    const renamed = WITH_ATTESTATIONS.replace('  exchange-log:', '  exchange-journal:');
    await fleet.write(renamed);

    process.kill(fleet.pid, 'SIGHUP');
    await until(async () => (await fleet.exporter('exchange-journal')).state === 'up');

    const { exporters } = await fleet.status();
    const after = await fleet.pids();
    expect(exporters.map(({ source }) => source)).toEqual(['catalog', 'exchange-journal', 'exchange-db']);
    expect([after['catalog'], after['exchange-db']]).toEqual([before['catalog'], before['exchange-db']]);
    expect((await fleet.exporter('exchange-db')).url).toBe(`http://127.0.0.1:${fleet.portBase + 3}/`);
    expect(isAlive(before['exchange-log'] ?? 0)).toBe(false);
  }, 15_000);

  test('restarts the exporter whose port is another one, and only that one', async () => {
    const before = await fleet.pids();
    const port = fleet.portBase + 9;
    await fleet.write(
      WITH_ATTESTATIONS.replace('  exchange-log:', '  exchange-journal:').replace(
        'driver: sqlite',
        `driver: sqlite\n    exporter_port: ${port}`,
      ),
    );

    const answer = await fleet.reload();

    const after = await fleet.pids();
    expect(await answer.text()).toBe('reloaded\n');
    expect((await fleet.exporter('exchange-db')).url).toBe(`http://127.0.0.1:${port}/`);
    expect(after['exchange-db']).not.toBe(before['exchange-db']);
    expect({ ...after, 'exchange-db': 0 }).toEqual({ ...before, 'exchange-db': 0 });
  }, 15_000);

  test('is refused when a new exporter would find its port taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const port = portOf(other);
    const before = await fleet.pids();
    await fleet.write(`${WITH_ATTESTATIONS}${journal(port)}`);

    const answer = await fleet.reload();
    other.close();

    expect(answer.status).toBe(500);
    expect(await answer.text()).toContain(`port ${port}, wanted by journal, is in use on 127.0.0.1`);
    expect(await fleet.pids()).toEqual(before);
  });
});

describe('the end of a fleet', () => {
  let fleet: TestFleet;

  beforeEach(async () => {
    fleet = await TestFleet.in(YAML);
  });

  afterEach(async () => {
    await fleet.end();
  });

  test.each([
    ['SIGTERM to it alone', 'SIGTERM', 1],
    ['SIGINT to its whole group, as Ctrl-C in a terminal does', 'SIGINT', -1],
  ] as const)(
    'by %s comes within five seconds, with exit code 0 and nothing left',
    async (_title, signal, sign) => {
      const started = await fleet.start();
      const pids = Object.values(await fleet.pids());
      const exited = once(started, 'exit');
      const from = performance.now();

      process.kill(sign * fleet.pid, signal);
      const [code] = await exited;

      expect(code).toBe(0);
      expect(performance.now() - from).toBeLessThan(5_000);
      expect(pids.filter(isAlive)).toEqual([]);
      expect(fleet.log).not.toContain('exporter ended');
    },
    30_000,
  );

  test('by SIGKILL leaves no orphan after five seconds', async () => {
    await fleet.start();
    const pids = Object.values(await fleet.pids());

    process.kill(fleet.pid, 'SIGKILL');

    await until(() => !pids.some(isAlive), 5_000);
    expect(pids).toHaveLength(3);
  }, 30_000);

  test('comes at once when a port is in use: it names the port, who wanted it and the option, and leaves nothing', async () => {
    const other = createServer().listen(fleet.portBase + 2, '127.0.0.1');
    await once(other, 'listening');

    const [code] = await once(fleet.spawn(), 'close');
    other.close();

    expect(code).toBe(1);
    expect(fleet.log).toContain(`port ${fleet.portBase + 2}, wanted by exchange-log, is in use on 127.0.0.1`);
    expect(fleet.log).toContain('--port-base');
    expect(fleet.log).not.toContain('exporter listens');
  }, 15_000);

  test('comes at once when the YAML has errors, with all of them', async () => {
    await fleet.write(YAML.replace('direction: inbound', 'direction: sideways'));

    const [code] = await once(fleet.spawn(), 'close');

    expect(code).toBe(1);
    expect(fleet.log).toMatch(/exporters\.yaml:\d+:\d+ error flows\.factures\.direction: /);
  }, 15_000);
});
