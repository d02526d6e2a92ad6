// What one exporter costs: the memory of an idle one with six of its kind running, and the time from start to first answer.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, portOf } from '../test/port.js';

const RUNNING = 6;
const STARTS = 11;
/** Long enough for V8 to give back what starting took. */
const IDLE_MS = 8000;
const START_LIMIT_MS = 20_000;
const VIGIE = join(import.meta.dirname, '..', 'src', 'main.js');

interface Exporter {
  readonly process: ChildProcess;
  readonly startedMs: number;
}

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
    for (let index = 0; index < RUNNING; index++) exporters.push(await start(command(config, kind, index)));
    await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
    const sizes = await Promise.all(exporters.map(async (exporter) => proportionalSetSize(exporter.process.pid)));
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
    const exporter = await start(command(config, 'log', 0));
    times.push(exporter.startedMs);
    await stop(exporter);
  }
  process.stderr.write(`start to first answered scrape: ${times.map((ms) => Math.round(ms)).join(', ')} ms\n`);
  return Math.round(median(times));
}

async function start(args: readonly string[]): Promise<Exporter> {
  const port = await freePort();
  const began = performance.now();
  const child = spawn(process.execPath, [VIGIE, ...args, '--listen', `127.0.0.1:${port}`], { stdio: ['ignore', 'ignore', 'pipe'] });
  let complaint = '';
  child.stderr.on('data', (data: Buffer) => (complaint += data.toString()));
  while (!(await answers(port))) {
    if (child.exitCode !== null) throw new Error(`vigie ${args.join(' ')} ended by itself: ${complaint}`);
    if (performance.now() - began > START_LIMIT_MS)
      throw new Error(`vigie ${args.join(' ')} gave no answer within ${START_LIMIT_MS} ms: ${complaint}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  return { process: child, startedMs: performance.now() - began };
}

async function answers(port: number): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/metrics`);
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}

async function stop({ process: child }: Exporter): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}

async function proportionalSetSize(pid: number | undefined): Promise<number> {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8');
  const kilobytes = /^Pss:\s+(\d+) kB$/m.exec(rollup)?.[1];
  if (kilobytes === undefined) throw new Error('no Pss in smaps_rollup');
  return Number(kilobytes) / 1024;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}
