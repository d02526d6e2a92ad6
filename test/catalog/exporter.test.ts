// The catalogue as Prometheus meets it: a process's worth of exporter on a real YAML.

import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { catalogSubject } from '../../src/catalog/subject.js';
import { loadConfig } from '../../src/config/load.js';
import { startExporter, type RunningExporter } from '../../src/exporter/runtime.js';
import { describeWith, program } from '../servers/describe.js';
import { until } from '../wait.js';

const YAML = `
defaults: { team: flux }
environments:
  prod: { title: Production, calendar: bureau-ch }
  recette: { title: Recette, calendar: bureau-ch }
teams:
  flux: { email: flux@example.org }
partners:
  chuv: { title: CHUV }
calendars:
  bureau-ch: { timezone: Europe/Zurich, open: { mon-fri: '07:00-19:00' }, holidays: [CH-VD] }
flows:
  factures-tge:
    title: Factures "TGE"
    team: flux
    direction: inbound
    partners: [chuv]
    stages: [received, processed]
    environments: [prod, recette]
    bounds: { backlog: { warning: '> 100', over: 1m } }
`;
const MORE = `
  attestations: { title: Attestations, team: flux, direction: outbound, partners: [chuv], stages: [sent] }
`;

let folder: string;
let file: string;
let exporter: RunningExporter;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vigie-catalog-'));
  file = join(folder, 'exporters.yaml');
});
beforeEach(async () => {
  await writeFile(file, YAML);
  exporter = await startExporter({
    find: async (config) => catalogSubject(config),
    missing: () => 'every configuration has a catalogue',
    configFile: file,
    listen: { host: '127.0.0.1', port: 0 },
    logger: pino({ level: 'silent' }),
    loadConfig: (name) => loadConfig(name, { kinds: {} }),
  });
  await until(async () => (await fetch(`${exporter.url}/-/ready`)).ok);
});
afterEach(async () => {
  await exporter.stop();
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function scrape(): Promise<string> {
  return (await fetch(`${exporter.url}/metrics`)).text();
}

test('EN1, EN2: a scrape holds the intentions of every environment', async () => {
  const lines = (await scrape()).split('\n');

  const found = (start: string) => lines.filter((line) => line.startsWith(start));
  expect(found('vigie_environment_info{')).toEqual([
    'vigie_environment_info{env="prod",title="Production",production="true"} 1',
    'vigie_environment_info{env="recette",title="Recette",production="false"} 1',
  ]);
  expect(found('vigie_source_expected{')).toEqual(['vigie_source_expected{source="catalog",kind="catalog",team="flux",env="prod"} 1']);
  expect(found('flow_window_open{').map((line) => line.replace(/[01]$/, ''))).toEqual([
    'flow_window_open{flow="factures-tge",env="prod",calendar="bureau-ch"} ',
    'flow_window_open{flow="factures-tge",env="recette",calendar="bureau-ch"} ',
  ]);
  const nextChange = Number(/flow_window_next_change_timestamp_seconds\{.*"prod".*\} (?<at>\S+)/.exec(lines.join('\n'))?.groups?.['at']);
  expect(nextChange).toBeGreaterThan(Date.now() / 1000);
});

test('its status says which flows are open, and leaves all other intentions to the YAML, however many there are', async () => {
  const status = await (await fetch(`${exporter.url}/status`)).text();

  const names = [...status.matchAll(/"metric":"(?<name>[^"]+)"/g)].map((match) => match.groups?.['name']);
  expect(names).toEqual([
    'flow_window_next_change_timestamp_seconds',
    'flow_window_next_change_timestamp_seconds',
    'flow_window_open',
    'flow_window_open',
  ]);
});

test('a flow that is added is there after a reload', async () => {
  await writeFile(file, YAML + MORE);

  const { ok } = await exporter.reload();

  expect(ok).toBe(true);
  const line = await until(async () => /^flow_window_next_change_timestamp_seconds\{flow="attestations".*$/m.exec(await scrape()));
  expect(line[0]).toMatch(/calendar="bureau-ch"\} \d/);
});

describeWith(['promtool'], 'a real promtool', () => {
  test('has nothing to say about the catalogue', async () => {
    const metrics = await scrape();

    const said = execFileSync(program('promtool'), ['check', 'metrics'], { input: metrics, encoding: 'utf8' });

    expect(said).toBe('');
  });
});
