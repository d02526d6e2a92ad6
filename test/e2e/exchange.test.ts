// The whole at work: the demo exchange, its fleet, and a real Prometheus that finds the exporters through /sd and judges by the rendered rules.

import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { intended, observed, own } from '../../src/conventions.js';
import { freeBase, root, startDemo, type RunningDemo } from '../demo/running-demo.js';
import { describeWith, program } from '../servers/describe.js';
import { startPrometheus, type Prometheus } from '../servers/prometheus.js';
import { until } from '../wait.js';

const SOURCES = ['catalog', 'exchange-db', 'exchange-log', 'fleet', 'partner-endpoints', 'partner-inbox'];
const STAGES = ['received', 'validated', 'routed', 'processed', 'answered'];
const DOWN = 'VigieSourceDown';

interface ExporterOnPage {
  readonly source: string;
  readonly pid: number;
  readonly state: string;
  readonly url: string;
  readonly lastError?: string;
}

/** The process of each exporter, but for one. */
function pids(exporters: readonly ExporterOnPage[], except?: string): Record<string, number> {
  return Object.fromEntries(exporters.filter(({ source }) => source !== except).map(({ source, pid }) => [source, pid]));
}

/** deploy/prometheus.yml as shipped, but for the port of the fleet, absolute rule files and a quicker scrape; no Alertmanager is asked. */
function configuration(base: number): string {
  return readFileSync(join(root, 'deploy', 'prometheus.yml'), 'utf8')
    .replaceAll('127.0.0.1:9700', `127.0.0.1:${base}`)
    .replaceAll('../alertmanager/rules', join(root, 'alertmanager', 'rules'))
    .replace('scrape_interval: 15s', 'scrape_interval: 1s')
    .replace('scrape_timeout: 10s', 'scrape_timeout: 1s')
    .replace('evaluation_interval: 15s', 'evaluation_interval: 1s')
    .replace('refresh_interval: 15s', 'refresh_interval: 1s')
    .replace(/ {2}alertmanagers:[^]*?\n\n/, '\n');
}

describeWith(['prometheus', 'promtool'], 'the demo exchange under a real Prometheus', () => {
  let demo: RunningDemo;
  let prometheus: Prometheus;

  beforeAll(async () => {
    const base = await freeBase();
    demo = startDemo(base, '--seed', '7');
    await demo.ready();
    prometheus = await startPrometheus(configuration(base));
  }, 90_000);

  afterAll(async () => {
    await prometheus?.stop();
    await demo?.stop();
  }, 30_000);

  async function exporters(): Promise<ExporterOnPage[]> {
    const status: { exporters: ExporterOnPage[] } = JSON.parse(await (await fetch(`${demo.url}status.json`)).text());
    return status.exporters;
  }

  async function up(): Promise<string[]> {
    return (await prometheus.query('up == 1')).map(({ metric }) => metric['source'] ?? '').toSorted();
  }

  test('GM1, NE13: every exporter that /sd names is scraped and up', async () => {
    await until(async () => (await up()).length === SOURCES.length, 20_000);

    expect(await up()).toEqual(SOURCES);
    expect(await prometheus.query('up == 0')).toEqual([]);
  }, 30_000);

  test('GM2: the counters of factures-tge rise in every stage', async () => {
    const rising = `sum by (stage) (increase(${observed.messages.name}{flow="factures-tge"}[1m])) > 0`;

    await until(async () => (await prometheus.query(rising)).length === STAGES.length, 60_000);

    expect((await prometheus.query(rising)).map(({ metric }) => metric['stage'] ?? '').toSorted()).toEqual(STAGES.toSorted());
  }, 70_000);

  test('promtool has nothing to say about any exporter, in either format Prometheus asks for', async () => {
    for (const { url } of await exporters()) {
      const text = await (await fetch(new URL('/metrics', url))).text();
      expect(execFileSync(program('promtool'), ['check', 'metrics'], { input: text, encoding: 'utf8', stdio: 'pipe' })).toBe('');

      const open = await fetch(new URL('/metrics', url), { headers: { accept: 'application/openmetrics-text;version=1.0.0' } });
      expect(open.headers.get('content-type')).toContain('application/openmetrics-text; version=1.0.0');
      expect((await open.text()).endsWith('# EOF\n')).toBe(true);
    }
  });

  test('an exporter that is killed is back within 5 s, and no other is touched', async () => {
    const before = await exporters();
    const victim = before.find(({ source }) => source === 'exchange-db');

    process.kill(victim?.pid ?? 0, 'SIGKILL');
    await until(async () => {
      const now = (await exporters()).find(({ source }) => source === 'exchange-db');
      return now?.state === 'up' && now.pid !== victim?.pid;
    }, 5000);

    expect(pids(await exporters(), 'exchange-db')).toEqual(pids(before, 'exchange-db'));
  }, 15_000);

  test('GM8, NE14: a flow added to an included file is there after a reload, at 0, with every process the same', async () => {
    const before = await exporters();
    const file = join(demo.dataDir, 'exporters.yaml');
    const text = readFileSync(file, 'utf8');
    const flow = `
  remboursements:
    title: Remboursements
    team: flux-de-donnees
    direction: outbound
    partners: [chuv]
    stages: [sent]
`;
    writeFileSync(
      file,
      text
        .replace(/^flows:\n/m, `flows:${flow}`)
        .replaceAll('flows: [attestations, cotisations]', 'flows: [attestations, cotisations, remboursements]'),
    );

    const answer = await fetch(`${demo.url}-/reload`, { method: 'POST' });

    expect(answer.status).toBe(200);
    const info = `${intended.flow.name}{flow="remboursements"}`;
    const zero = `${observed.messages.name}{flow="remboursements", partner="chuv", stage="sent", outcome="ok"} == 0`;
    await until(async () => (await prometheus.query(info)).length === 1 && (await prometheus.query(zero)).length === 1, 20_000);
    expect(pids(await exporters())).toEqual(pids(before));
  }, 30_000);

  test('NE14: a broken YAML changes nothing but the metric that says so', async () => {
    const file = join(demo.dataDir, 'exporters.yaml');
    const good = readFileSync(file, 'utf8');
    writeFileSync(file, good.replace('calendar: bureau-ch', 'calendar: bureau'));

    const answer = await fetch(`${demo.url}-/reload`, { method: 'POST' });
    const said = await answer.text();
    await until(async () => (await prometheus.query(`${own.reloadSuccessful.name}{source="fleet"} == 0`)).length === 1);
    writeFileSync(file, good);
    const mended = await fetch(`${demo.url}-/reload`, { method: 'POST' });

    expect(answer.status).toBe(500);
    expect(said).toMatch(/exporters\.yaml:\d+:\d+ error flows\.[a-z-]+\.calendar: no calendar "bureau" \(is it "bureau-ch"\?\)/);
    expect(mended.status).toBe(200);
    expect(await up()).toEqual(SOURCES);
  }, 30_000);

  test('the SFTP server stops: only its source goes down, says why, its files disappear, and the alert fires for it alone', async () => {
    writeFileSync(join(demo.dataDir, 'without', 'sftp'), '');

    await until(async () => (await prometheus.query(`${own.sourceUp.name} == 0`)).length > 0, 20_000);
    expect((await prometheus.query(`${own.sourceUp.name} == 0`)).map(({ metric }) => metric['source'])).toEqual(['partner-inbox']);
    const refused = `${own.errors.name}{source="partner-inbox", phase="connect", class="refused"} > 0`;
    expect(await prometheus.query(refused)).toHaveLength(1);

    const files = `${observed.backlog.name}{flow="factures-tge", stage="received"}`;
    await until(async () => (await prometheus.query(files)).length === 0, 30_000);
    expect(await prometheus.query(`${observed.backlog.name}{flow="factures-tge", stage="validated"}`)).not.toEqual([]);

    await until(async () => (await firing()).length > 0, 150_000);
    const alerts = await firing();
    expect(alerts.map(({ labels }) => labels['source'])).toEqual(['partner-inbox']);
    expect(alerts[0]?.labels).toMatchObject({ alertname: DOWN, severity: 'critical', team: 'flux-de-donnees', env: 'prod' });

    rmSync(join(demo.dataDir, 'without', 'sftp'));
    await until(async () => (await prometheus.query(files)).length > 0, 40_000);
  }, 280_000);

  async function firing() {
    return (await prometheus.alerts()).filter(({ labels, state }) => labels['alertname'] === DOWN && state === 'firing');
  }
});
