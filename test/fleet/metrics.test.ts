// The fleet's own metrics, as promtool and a scraper see them.

import { execFileSync } from 'node:child_process';
import { gunzipSync } from 'node:zlib';
import { get } from 'node:http';
import { processStats } from '../../src/exporter/process-stats.js';
import { renderMetrics } from '../../src/fleet/metrics.js';
import { describeWith, program } from '../servers/describe.js';
import { dead, fleetView, NOW, speaking } from './fixtures.js';
import { TestFleet, YAML } from './running.js';

const stats = processStats();

test('the metrics of the fleet tell of each exporter whether it answers, restarts and loops', () => {
  const loop = { ...dead('log'), restarts: 5, crashLoop: true };

  const text = renderMetrics(fleetView({ exporters: [speaking('db', []), loop] }), NOW, stats(), 'text');

  expect(text).toContain('vigie_fleet_exporter_up{source="db",kind="sql"} 1\nvigie_fleet_exporter_up{source="log",kind="sql"} 0\n');
  expect(text).toContain('vigie_fleet_exporter_restarts_total{source="log",kind="sql"} 5\n');
  expect(text).toContain('vigie_fleet_exporter_crash_loop{source="log",kind="sql"} 1\n');
});

test('the metrics of the fleet tell which configuration runs, and whether the last reload succeeded', () => {
  const view = fleetView({ reload: { successful: false, at: NOW, messages: ['no'] } });

  const text = renderMetrics(view, NOW - 1_000, stats(), 'text');

  expect(text).toContain('vigie_config_info{sha="0123456789ab"} 1\n');
  expect(text).toContain('vigie_config_last_reload_successful 0\n');
  expect(text).toContain(`vigie_config_last_reload_success_timestamp_seconds ${NOW / 1000 - 1}\n`);
  expect(text).toMatch(/^process_resident_memory_bytes [1-9]\d+$/m);
});

describeWith(['promtool'], 'promtool', () => {
  test('has nothing to say about the metrics of the fleet', () => {
    const text = renderMetrics(fleetView({ exporters: [speaking('db', [])] }), NOW, stats(), 'text');

    const said = execFileSync(program('promtool'), ['check', 'metrics'], { input: text, encoding: 'utf8' });

    expect(said).toBe('');
  });
});

describe('a scrape of the fleet', () => {
  let fleet: TestFleet;

  beforeAll(async () => {
    fleet = await TestFleet.in(YAML);
    await fleet.start();
  }, 30_000);

  afterAll(async () => {
    await fleet.end();
  });

  test('gets OpenMetrics and gzip when it asks for them', async () => {
    const headers = { Accept: 'application/openmetrics-text; version=1.0.0', 'Accept-Encoding': 'gzip' };

    const { encoding, type, body } = await raw(`${fleet.url}/metrics`, headers);

    expect([encoding, type]).toEqual(['gzip', 'application/openmetrics-text; version=1.0.0; charset=utf-8']);
    expect(gunzipSync(body).toString()).toMatch(/^vigie_fleet_exporter_restarts_total\{.*[^]*# EOF\n$/m);
  });

  test('gets plain text otherwise', async () => {
    const { encoding, type, body } = await raw(`${fleet.url}/metrics`, {});

    expect([encoding, type]).toEqual([undefined, 'text/plain; version=0.0.4; charset=utf-8']);
    expect(body.toString()).toContain('# TYPE vigie_fleet_exporter_restarts_total counter\n');
  });
});

/** As it comes over the wire: fetch would unpack it. */
async function raw(url: string, headers: Record<string, string>) {
  return new Promise<{ encoding: string | undefined; type: string | undefined; body: Buffer }>((resolve, reject) => {
    const request = get(url, { headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => void chunks.push(chunk));
      response.on('end', () => {
        const { 'content-encoding': encoding, 'content-type': type } = response.headers;
        resolve({ encoding, type, body: Buffer.concat(chunks) });
      });
    });
    request.on('error', reject);
  });
}
