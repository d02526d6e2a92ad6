// What one exporter costs: the memory of an idle one with six of its kind running, and the time from start to first answer.

import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { portOf } from '../test/port.js';
import { launchVigie, stop, type Exporter } from './launch.js';
import { median } from './median.js';
import { proportionalMB } from './usage.js';

const RUNNING = 6;
const STARTS = 11;
/** Long enough for V8 to give back what starting took. */
const IDLE_MS = 8000;

/** @returns PSS in MB by kind, and the median start in ms. Needs /proc/<pid>/smaps_rollup: Linux. */
export async function benchProcess(): Promise<{ pss_mb: Record<string, number>; start_ms: number }> {
  const folder = await mkdtemp(join(tmpdir(), 'vigie-bench-'));
  const partner = createServer((_request, response) => response.end('ok'));
  partner.listen(0, '127.0.0.1');
  await once(partner, 'listening');
  try {
    const config = await writeConfig(folder, portOf(partner));
    const pss: Record<string, number> = {};
    for (const kind of ['log', 'http', 'catalog']) pss[kind] = await measureMemory(config, kind);
    return { pss_mb: pss, start_ms: await measureStart(config) };
  } finally {
    partner.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function writeConfig(folder: string, port: number): Promise<string> {
  const sources = Array.from({ length: RUNNING }, (_, index) => [
    `  log-${index}: { kind: log, interval: 1s, files: [exchange.log], format: json, events: [{ flow: invoices, stage: received, partner: chuv }], path: log-${index} }`,
    `  http-${index}: { kind: http, interval: 5s, timeout: 4s, endpoints: { api: { url: 'http://127.0.0.1:${port}/', partner: chuv } } }`,
  ]).flat();
  const yaml = `
calendars: { office: { timezone: Europe/Zurich, open: { mon-fri: "07:00-19:00" }, holidays: [CH-VD] } }
teams: { exchange: { email: exchange@example.org } }
partners: { chuv: {} }
flows:
  invoices: { title: Invoices, team: exchange, direction: inbound, partners: [chuv], stages: [received, answered], calendar: office }
sources:
${sources.join('\n')}
`;
  await writeFile(join(folder, 'exchange.log'), '');
  const file = join(folder, 'exporters.yaml');
  await writeFile(file, yaml);
  return file;
}

function command(config: string, kind: string, index: number): string[] {
  return kind === 'catalog' ? ['catalog', '--config', config] : ['exporter', `${kind}-${index}`, '--config', config];
}

async function measureMemory(config: string, kind: string): Promise<number> {
  const exporters: Exporter[] = [];
  try {
    for (let index = 0; index < RUNNING; index++) exporters.push(await launchVigie(command(config, kind, index)));
    await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
    const sizes = await Promise.all(exporters.map(async (exporter) => proportionalMB(exporter.process.pid)));
    const size = Math.round(median(sizes) * 10) / 10;
    process.stderr.write(
      `${kind.padEnd(8)} ${size} MB PSS (median of ${RUNNING} running; ${sizes.map((mb) => mb.toFixed(1)).join(', ')})\n`,
    );
    return size;
  } finally {
    await Promise.all(exporters.map(stop));
  }
}

async function measureStart(config: string): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < STARTS; round++) {
    const exporter = await launchVigie(command(config, 'log', 0));
    times.push(exporter.startedMs);
    await stop(exporter);
  }
  process.stderr.write(`start to first answered scrape: ${times.map((ms) => Math.round(ms)).join(', ')} ms\n`);
  return Math.round(median(times));
}
