// What somebody is told when the demo goes wrong: its scenarios, its fleet, a real Prometheus with the rendered rules, a real Alertmanager.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import type { Scenario } from '../../demo/scenario.js';
import { freeBase, root, startDemo, type RunningDemo } from '../demo/running-demo.js';
import { startAlertmanager, type Alertmanager, type AlertmanagerAlert } from '../servers/alertmanager.js';
import { describeWith } from '../servers/describe.js';
import { startPrometheus, type Prometheus } from '../servers/prometheus.js';
import { until } from '../wait.js';

const MINUTE = 60_000;

interface World {
  readonly demo: RunningDemo;
  readonly alertmanager: Alertmanager;
  readonly prometheus: Prometheus;
  stop(): Promise<void>;
}

/** As rendered, but that it tells nobody. */
function silentRoutes(folder: string): string {
  const config: { receivers: { name: string }[] } = parse(readFileSync(join(root, 'alertmanager', 'alertmanager.yml'), 'utf8'));
  const file = join(folder, 'alertmanager.yml');
  writeFileSync(file, stringify({ ...config, templates: [], receivers: config.receivers.map(({ name }) => ({ name })) }));
  return file;
}

/** deploy/prometheus.yml as shipped, but for ports, absolute rule files and a quicker scrape. */
function configuration(base: number, alertmanager: string): string {
  return readFileSync(join(root, 'deploy', 'prometheus.yml'), 'utf8')
    .replaceAll('127.0.0.1:9700', `127.0.0.1:${base}`)
    .replaceAll('../alertmanager/rules', join(root, 'alertmanager', 'rules'))
    .replaceAll('127.0.0.1:9093', new URL(alertmanager).host)
    .replace('scrape_interval: 15s', 'scrape_interval: 5s')
    .replace('scrape_timeout: 10s', 'scrape_timeout: 4s')
    .replace('refresh_interval: 15s', 'refresh_interval: 5s');
}

async function startWorld(scenario: Scenario): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'vigie-scenario-'));
  const base = await freeBase();
  const demo = startDemo(base, '--seed', '7', '--scenario', scenario);
  await demo.ready();
  const alertmanager = await startAlertmanager(silentRoutes(folder));
  const prometheus = await startPrometheus(configuration(base, alertmanager.url));
  return {
    demo,
    alertmanager,
    prometheus,
    stop: async () => {
      await prometheus.stop();
      await alertmanager.stop();
      await demo.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** As long as Alertmanager waits before it tells anybody, for a cause to arrive that hides what it has. */
const GROUP_WAIT_MS = 20_000;

/** Listens from its start on to all that somebody is told, apart from what always fires: alert, where and on whose side. */
class Listener {
  readonly #world: World;
  /** Since when each is told without a break, in milliseconds of the monotonic clock. */
  readonly #since = new Map<string, number>();
  readonly #heard = new Set<string>();

  constructor(world: World) {
    this.#world = world;
  }

  /** All that was ever told. */
  get heard(): string[] {
    return [...this.#heard].toSorted();
  }

  /** Listens until the condition holds for what is told now. @throws Error after the limit */
  async until(condition: (now: readonly string[]) => boolean, limitMs: number): Promise<void> {
    await until(async () => condition(await this.#now()), limitMs, 1_000);
  }

  async #now(): Promise<string[]> {
    const alerts = await this.#world.alertmanager.alerts();
    const told = alerts.filter(({ labels, status }) => status.state === 'active' && labels['alertname'] !== 'VigieWatchdog').map(described);
    for (const each of this.#since.keys()) if (!told.includes(each)) this.#since.delete(each);
    for (const each of told) {
      const since = this.#since.get(each) ?? performance.now();
      this.#since.set(each, since);
      if (performance.now() - since >= GROUP_WAIT_MS) this.#heard.add(each);
    }
    return told;
  }
}

function described({ labels }: AlertmanagerAlert): string {
  const words = ['severity', 'alertname', 'flow', 'stage', 'partner', 'endpoint', 'origin'].map((name) => labels[name] ?? '');
  return words.filter((word) => word !== '').join(' ');
}

const SCENARIO_NAMES = ['partner-down', 'backlog', 'late', 'rejects'] as const;

const SCENARIOS: Readonly<Record<(typeof SCENARIO_NAMES)[number], readonly string[]>> = {
  'partner-down': ['critical VigieEndpointDown hug hug-api partner'],
  backlog: ['warning FlowBacklogOutOfBounds factures-tge processed chuv internal'],
  late: [
    'critical FlowSilent factures-tge received hirslanden partner',
    'warning FlowSlow factures-tge processed chuv internal',
    'warning FlowSlow factures-tge processed hug internal',
  ],
  rejects: [
    'critical FlowFailures factures-tge validated chuv internal',
    'critical FlowFailures factures-tge validated hirslanden internal',
    'critical FlowFailures factures-tge validated hug internal',
  ],
};

describeWith(['prometheus', 'alertmanager'], 'the scenarios of the demo', () => {
  const worlds = new Map<(typeof SCENARIO_NAMES)[number], World>();

  // All at once, since each takes minutes in which next to nothing happens.
  beforeAll(async () => {
    for (const scenario of SCENARIO_NAMES) worlds.set(scenario, await startWorld(scenario));
  }, 4 * MINUTE);

  afterAll(async () => {
    for (const world of worlds.values()) await world.stop();
  }, 2 * MINUTE);

  test(
    'GM3, IR7: each is told of, once, on the right side, with nothing that follows from it; and its end is told',
    async () => {
      const stories = await Promise.all(
        [...worlds].map(async ([scenario, world]) => {
          const listener = new Listener(world);
          const wanted = SCENARIOS[scenario];
          await listener.until(() => wanted.every((alert) => listener.heard.includes(alert)), 12 * MINUTE);
          const { heard } = listener;
          writeFileSync(join(world.demo.dataDir, 'scenario'), 'normal');
          // What is measured over minutes takes as long to recover; the first one stands for all.
          await listener.until((now) => !now.includes(wanted[0] ?? ''), 12 * MINUTE);
          return [scenario, heard];
        }),
      );

      expect(Object.fromEntries(stories)).toEqual(SCENARIOS);
    },
    25 * MINUTE,
  );
});
