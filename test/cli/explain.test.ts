// `vigie explain` as it is run: from the YAML alone, and with a real Prometheus.

import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../port.js';
import { describeWith } from '../servers/describe.js';
import { startPrometheus, type Prometheus } from '../servers/prometheus.js';
import { until } from '../wait.js';

const main = join(import.meta.dirname, '..', '..', 'src', 'main.js');

const YAML = `
environments: { prod: { title: Production }, test: {} }
teams: { flux: { email: flux@example.org } }
partners: { chuv: { title: CHUV }, hug: { title: Hôpitaux universitaires } }
calendars:
  bureau-ch: { timezone: Europe/Zurich, open: { mon-fri: '07:00-19:00' }, holidays: [2026-12-25] }
platforms:
  exchange-db: { title: Database, depends_on: [endpoint db-ping] }
maintenance:
  release-12: { kind: release, title: Release 12, environments: [prod], from: 2026-12-01 22:00, to: 2026-12-02 04:00 }
  reset-hug: { kind: reset, partners: [hug], environments: [prod], from: 2026-11-02, to: 2026-11-20, stage: received }
  load: { kind: load_test, environments: [test], every: '20:00-22:00 on sat' }
flows:
  factures-tge:
    title: Factures TGE
    team: flux
    criticality: high
    direction: inbound
    partners: [chuv, hug]
    stages: [received, processed]
    environments: [prod, test]
    calendar: bureau-ch
    runbook: https://wiki.example.org/tge
    depends_on: [endpoint hug-api, platform exchange-db]
    expect:
      - { stage: received, by: '08:30', at_least: 100 }
    bounds:
      backlog: { critical: '> 500', over: 1m }
  attestations:
    title: Attestations
    team: flux
    direction: outbound
    partners: [hug]
    stages: [sent]
    depends_on: [flow factures-tge]
sources:
  log:
    kind: log
    files: [/var/log/exchange.log]
    format: json
    events: [{ flows: [factures-tge, attestations] }]
  endpoints:
    kind: http
    team: flux
    endpoints: { hug-api: { url: 'https://hug.example.org/', partner: hug }, db-ping: { url: 'https://db.example.org/' } }
  register:
    kind: sql
    driver: sqlite
    env: test
    connection: { file: /srv/register.db }
    queries:
      gates:
        sql: SELECT flow, gate, cut_off FROM gates
        metrics: [{ name: flow_gate_cut_off_timestamp_seconds, help: By when a gate is to be decided., value: cut_off, labels: [flow, gate] }]
`;

/** Each test starts a process, which takes long on a busy machine. */
const LIMIT_MS = 60_000;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'vigie-explain-'));
  writeFileSync(join(folder, 'exporters.yaml'), YAML);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function explain(...args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [main, 'explain', ...args], { cwd: folder }, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
    );
  });
}

/** A rule that always holds. */
function alert(name: string, labels: Record<string, string>, wait = '0s') {
  return { alert: name, expr: 'vector(1)', for: wait, labels };
}

describe('vigie explain', () => {
  test(
    'tells what is declared, in words, with the next deadline and opening in the zone of the flow',
    async () => {
      const { stdout, code } = await explain('factures-tge', '--env', 'prod', '--at', '2026-11-27 16:45');

      expect(code).toBe(0);
      expect(stdout).toBe(`factures-tge: Factures TGE
  inbound, with chuv and hug (Hôpitaux universitaires), by received → processed
  team flux, criticality high, runbook https://wiki.example.org/tge

In prod (Production), on Fri 2026-11-27 16:45 Europe/Zurich
  Opening hours
    calendar bureau-ch: open since Fri 2026-11-27 07:00 (9 h 45 min ago); closes Fri 2026-11-27 19:00 (in 2 h 15 min)
  Expected
    received by 08:30: at received, by 08:30 on each day on which it opens, at least 100
      next due Mon 2026-11-30 08:30 (in 2 d 15 h); what comes from Mon 2026-11-30 00:00 on counts
  Bounds
    backlog: critical above 500 for 1m
  Also declared
    unusual at received: below 50 % of what is usual
  Seen by
    log
  Depends on
    endpoint hug-api, with hug
    platform exchange-db
    endpoint db-ping, through another one
  Needed by
    flow attestations
  Planned work
    release-12 (Release 12): release, from Tue 2026-12-01 22:00 (in 4 d 5 h) to Wed 2026-12-02 04:00
      mutes freshness, volume, bounds, acknowledgements, conservation, forecast, anomaly and objectives
    reset-hug: reset with hug, over since Sat 2026-11-21 00:00 (6 d 16 h ago), done once a message has passed received
      mutes volume and anomaly
${stdout.slice(stdout.indexOf('  Alerts that may tell of it'))}`);
      expect(stdout).toContain(`    FlowMissed (critical, warning): received by 08:30
      muted by release; held back while something it depends on is down
`);
    },
    LIMIT_MS,
  );

  test(
    'tells of each environment what concerns it there',
    async () => {
      const { stdout } = await explain('factures-tge', '--at', '2026-11-28T19:30:00Z');

      expect(stdout).toContain('In test, on Sat 2026-11-28 20:30 Europe/Zurich\n');
      expect(stdout.slice(stdout.indexOf('In test'))).toContain(
        '    load: load_test, now, until Sat 2026-11-28 22:00 (in 1 h 30 min)\n      mutes anomaly, forecast and objectives and relaxes bounds, volume, acknowledgements and conservation\n',
      );
      expect(stdout.slice(stdout.indexOf('In test'))).not.toContain('release-12');
      expect(stdout.slice(stdout.indexOf('In test'))).toContain('no source: nothing is known of it here');
      const gate = '    FlowGateUndecided (warning): gates that register tells of\n      muted by release\n';
      expect(stdout.slice(stdout.indexOf('In test'))).toContain(gate);
      expect(stdout.slice(0, stdout.indexOf('In test'))).not.toContain('FlowGateUndecided');
    },
    LIMIT_MS,
  );

  test.each([
    [['facture'], 1, 'no flow "facture" (is it "factures-tge"?)'],
    [['attestations', '--env', 'tset'], 1, 'flow "attestations" does not run in "tset" (there is: prod)'],
    [['attestations', '--config', 'none.yaml'], 1, 'none.yaml:1:1 error'],
    [[], 2, 'name one flow'],
    [['attestations', '--at', 'soon'], 2, '--at soon: must be a date, with a time if you like'],
    [['attestations', '--at', '9999-12-31'], 2, '--at 9999-12-31: must be a date, with a time if you like, from 1970 to 2999'],
    [['attestations', '--at', '0001-01-01'], 2, '--at 0001-01-01: must be a date, with a time if you like, from 1970 to 2999'],
    [['attestations', '--at', '9999-12-31T23:59Z'], 2, '--at 9999-12-31T23:59Z: must be a date'],
    [['attestations', '--days', '3'], 2, '--days: asks Prometheus for the past, so --prometheus is missing'],
    [['attestations', '--prometheus', 'http://a', '--days', '0'], 2, '--days 0: must be a whole number from 1 to 366, e.g. 7'],
  ])(
    'says what is wrong with %j',
    async (args, code, message) => {
      const result = await explain(...args);

      expect(result.code).toBe(code);
      expect(result.stderr).toContain(message);
    },
    LIMIT_MS,
  );

  test(
    'tells what the YAML says also where Prometheus does not answer, and that it does not',
    async () => {
      const url = `http://127.0.0.1:${await freePort()}`;

      const { stdout, stderr, code } = await explain('attestations', '--prometheus', url);

      expect(code).toBe(1);
      expect(stdout).toContain('always open: it has no calendar');
      expect(stderr).toBe(`Prometheus at ${url}: connection refused\n`);
    },
    LIMIT_MS,
  );
});

describeWith(['prometheus'], 'vigie explain with a Prometheus', () => {
  let prometheus: Prometheus;
  beforeAll(async () => {
    const place = { flow: 'factures-tge', env: 'prod', stage: 'received' };
    const rules = [
      alert('FlowMissed', { ...place, partner: 'chuv', severity: 'critical' }),
      alert('FlowSilent', { ...place, partner: 'hug', severity: 'warning' }, '1h'),
      alert('FlowMissed', { ...place, env: 'test', partner: 'chuv', severity: 'warning' }),
      alert('FlowMissed', { ...place, flow: 'attestations', severity: 'critical' }),
      alert('VigieEndpointDown', { endpoint: 'hug-api', partner: 'hug', env: 'prod', severity: 'critical' }),
      alert('VigieEndpointDown', { endpoint: 'other', env: 'prod', severity: 'critical' }),
    ];
    const file = join(folder, 'rules.yml');
    writeFileSync(file, JSON.stringify({ groups: [{ name: 'g', rules }] }));
    prometheus = await startPrometheus(JSON.stringify({ global: { evaluation_interval: '100ms' }, rule_files: [file] }));
    await until(async () => (await prometheus.query('ALERTS{alertstate="firing"}')).length === 5);
  }, LIMIT_MS);
  afterAll(() => prometheus.stop());

  test(
    'tells which alerts fire or are pending now, on it and on what it depends on, and how often they fired',
    async () => {
      const { stdout, code } = await explain('factures-tge', '--env', 'prod', '--prometheus', prometheus.url, '--days', '2');

      expect(code).toBe(0);
      const time = String.raw`\w{3} \d{4}-\d\d-\d\d \d\d:\d\d`;
      expect(stdout.slice(stdout.indexOf('  Now, says'))).toMatch(
        new RegExp(
          [
            String.raw`^  Now, says ${prometheus.url}`,
            String.raw`    FlowMissed critical \(received, chuv\): firing since ${time} \(.*\)`,
            String.raw`    VigieEndpointDown critical \(hug-api, hug\): firing since ${time} \(.*\)`,
            String.raw`    FlowSilent warning \(received, hug\): pending since ${time} \(.*\)`,
            String.raw`  In the 2 days before, as recorded, looked at every 1 min`,
            String.raw`    FlowMissed critical \(received, chuv\): 1 time, \d min in all, last on ${time}`,
            String.raw`    VigieEndpointDown critical \(hug-api, hug\): 1 time, \d min in all, last on ${time}`,
            '$',
          ].join('\n'),
        ),
      );
    },
    LIMIT_MS,
  );

  test(
    'tells that nothing fires, as of a time at which nothing did',
    async () => {
      const { stdout } = await explain('attestations', '--prometheus', prometheus.url, '--at', '2020-01-01');

      expect(stdout).toContain('    nothing: no alert on it is firing or pending\n');
      expect(stdout).toContain('    nothing fired\n');
    },
    LIMIT_MS,
  );
});
