// A real Prometheus finds the exporters through the fleet.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { freePort } from '../port.js';
import { describeWith, program } from '../servers/describe.js';
import { until } from '../wait.js';
import { TestFleet, WITH_ATTESTATIONS, YAML } from './running.js';

const SCRAPE = (fleet: string) => `
global: { scrape_interval: 1s, scrape_timeout: 1s }
scrape_configs:
  - job_name: vigie
    http_sd_configs: [{ url: '${fleet}/sd', refresh_interval: 1s }]
    relabel_configs:
      - { source_labels: [__meta_vigie_source], target_label: exporter }
`;

describeWith(['prometheus'], 'a Prometheus that scrapes through /sd', () => {
  let fleet: TestFleet;
  let prometheus: ChildProcess;
  let url: string;

  beforeAll(async () => {
    fleet = await TestFleet.in(YAML);
    await fleet.start();
    const file = join(fleet.folder, 'prometheus.yml');
    await writeFile(file, SCRAPE(fleet.url));
    url = `http://127.0.0.1:${await freePort()}`;
    const data = join(fleet.folder, 'data');
    prometheus = spawn(
      program('prometheus'),
      [`--config.file=${file}`, `--storage.tsdb.path=${data}`, `--web.listen-address=${url.slice('http://'.length)}`],
      { stdio: 'ignore' },
    );
    await until(async () => (await fetch(`${url}/-/ready`)).ok, 20_000);
  }, 60_000);

  afterAll(async () => {
    const ended = once(prometheus, 'exit');
    prometheus.kill('SIGKILL');
    await ended;
    await fleet.end();
  });

  /** The value of `up` by exporter. */
  async function up(): Promise<Record<string, string>> {
    const answer = await fetch(`${url}/api/v1/query?query=up`);
    const { data }: { data: { result: { metric: { exporter: string }; value: [number, string] }[] } } = JSON.parse(await answer.text());
    return Object.fromEntries(data.result.map(({ metric, value }) => [metric.exporter, value[1]]));
  }

  test('NE13: has every exporter and the fleet up', async () => {
    const all = { fleet: '1', catalog: '1', 'exchange-log': '1', 'exchange-db': '1' };

    await until(async () => isDeepStrictEqual(await up(), all), 20_000);

    expect(await up()).toEqual(all);
  }, 30_000);

  test('keeps an exporter that does not answer as a target that is down', async () => {
    const { 'exchange-db': pid = 0 } = await fleet.pids();

    process.kill(pid, 'SIGSTOP');
    await until(async () => (await up())['exchange-db'] === '0', 15_000);
    process.kill(pid, 'SIGCONT');

    await until(async () => (await up())['exchange-db'] === '1', 15_000);
    expect(await up()).toMatchObject({ fleet: '1', 'exchange-log': '1' });
  }, 40_000);

  test('NE14: finds the exporter of a source that a reload brought, and loses the one that is gone', async () => {
    await fleet.write(WITH_ATTESTATIONS.replace('  exchange-log:', '  exchange-journal:'));

    await fleet.reload();
    await until(async () => (await up())['exchange-journal'] === '1', 15_000);

    await until(async () => !('exchange-log' in (await up())), 15_000);
    expect(Object.keys(await up()).toSorted()).toEqual(['catalog', 'exchange-db', 'exchange-journal', 'fleet']);
  }, 40_000);
});
