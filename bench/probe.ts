// Side by side with Debian's newest blackbox_exporter: probes per CPU second of equal checks over loopback, and how punctually one exporter
// asks a thousand endpoints.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Agent, get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { locate } from '../test/servers/locate.js';
import { launch, launchVigie, stop, type Exporter } from './launch.js';
import { median } from './median.js';
import { startTarget, type Target } from './probe-target.js';
import { Scraper } from './scraper.js';
import { cpuSeconds, residentMB } from './usage.js';

/** What both expect of each answer. */
const BODY = '"status"\\s*:\\s*"UP"';
const CONCURRENCY = 8;
/** They take turns. */
const ROUNDS = 3;
const MEASURED_MS = 8_000;
/** Both have compiled their code by then. */
const WARM_UP_MS = 4_000;
/** Vigie asks so many each second, and is scraped each second. */
const PER_SECOND = 1_000;

const MANY = 1_000;
const MANY_INTERVAL_MS = 10_000;
const MANY_MS = 45_000;

interface Result extends Record<string, unknown> {
  /** Vigie's probes per CPU second divided by those of blackbox_exporter: more than 1 is better for Vigie. */
  readonly probes_per_cpu_second: number;
  /** Whether each of the thousand endpoints was asked in each of its intervals. */
  readonly held_1000: boolean;
  /** How late a probe comes, 99th percentile, in seconds. */
  readonly lag_p99_s: number;
}

/** Needs blackbox_exporter and Linux. */
export async function benchProbe(): Promise<Result> {
  const program = locate('blackboxExporter');
  if (program === undefined) throw new Error('blackbox_exporter is not installed: test/servers/install.sh');
  const folder = await mkdtemp(join(tmpdir(), 'vigie-bench-'));
  const target = await startTarget();
  try {
    const [own, others] = [[] as number[], [] as number[]];
    const vigie = await launchVigie(['exporter', 'endpoints', '--config', await writeConfig(folder, target, PER_SECOND, 1_000)]);
    const blackbox = await launchBlackbox(program, folder);
    try {
      for (let round = 0; round < ROUNDS; round++) {
        // Vigie never rests, so its share of the other's rounds is measured apart: each is charged with its own CPU time alone.
        own.push(await measureVigie(vigie, target));
        others.push(await measureBlackbox(blackbox, target));
      }
    } finally {
      await Promise.all([stop(vigie), stop(blackbox)]);
    }
    tell('Vigie', own);
    tell('blackbox_exporter', others);
    return { probes_per_cpu_second: rounded(median(own) / median(others)), ...(await measureMany(folder, target)) };
  } finally {
    await target.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function writeConfig(folder: string, { port }: Target, endpoints: number, intervalMs: number): Promise<string> {
  const file = join(folder, `exporters-${endpoints}.yaml`);
  const lines = Array.from(
    { length: endpoints },
    (_, index) => `      e${index}: { url: 'http://127.0.0.1:${port}/e${index}', expect: { status: 200, body: '${BODY}' } }`,
  );
  const yaml = `
teams: { exchange: { email: exchange@example.org } }
sources:
  endpoints:
    kind: http
    team: exchange
    interval: ${intervalMs / 1000}s
    timeout: ${Math.min(5, intervalMs / 1000)}s
    at_once: ${CONCURRENCY}
    at_once_per_host: ${CONCURRENCY}
    max_series: 200000
    endpoints:
${lines.join('\n')}
`;
  await writeFile(file, yaml);
  return file;
}

async function launchBlackbox(program: string, folder: string): Promise<Exporter> {
  const file = join(folder, 'blackbox.yml');
  const http = { valid_status_codes: [200], fail_if_body_not_matches_regexp: [BODY], preferred_ip_protocol: 'ip4' };
  await writeFile(file, JSON.stringify({ modules: { http_2xx: { prober: 'http', timeout: '5s', http } } }));
  return await launch({
    path: program,
    args: (port) => [`--config.file=${file}`, `--web.listen-address=127.0.0.1:${port}`, '--log.level=error'],
  });
}

/** Scraped each second, as often as it asks. @returns probes per CPU second */
async function measureVigie({ process: child, port }: Exporter, target: Target): Promise<number> {
  const scraper = new Scraper(port);
  let failure: unknown;
  const timer = setInterval(() => void scraper.scrape().catch((error: unknown) => (failure = error)), 1_000);
  try {
    await pause(WARM_UP_MS);
    const [asked, cpu] = [target.asked(), await cpuSeconds(child.pid)];
    await pause(MEASURED_MS);
    const [askedThen, cpuThen] = [target.asked(), await cpuSeconds(child.pid)];
    if (failure !== undefined) throw failure;
    const text = (await scraper.scrape()).text();
    const down = text.match(/^endpoint_up\{.*\} 0$/gm)?.length ?? 0;
    if (down > 0) throw new Error(`Vigie finds ${down} endpoints down`);
    return (askedThen - asked) / (cpuThen - cpu);
  } finally {
    clearInterval(timer);
    scraper.close();
  }
}

async function measureBlackbox({ process: child, port }: Exporter, target: Target): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONCURRENCY });
  let probes = 0;
  const over = new AbortController();
  const path = `/probe?module=http_2xx&target=${encodeURIComponent(`http://127.0.0.1:${target.port}/blackbox`)}`;
  const worker = async () => {
    while (!over.signal.aborted) {
      const text = await fetched(port, path, agent);
      if (!text.includes('\nprobe_success 1\n')) throw new Error('blackbox_exporter finds the target down');
      probes++;
    }
  };
  const workers = Promise.all(Array.from({ length: CONCURRENCY }, worker));
  try {
    await Promise.race([pause(WARM_UP_MS), workers]);
    const [before, cpu] = [probes, await cpuSeconds(child.pid)];
    await Promise.race([pause(MEASURED_MS), workers]);
    return (probes - before) / ((await cpuSeconds(child.pid)) - cpu);
  } finally {
    over.abort();
    await workers;
    agent.destroy();
  }
}

function fetched(port: number, path: string, agent: Agent): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  get({ host: '127.0.0.1', port, path, agent }, (response) => {
    let text = '';
    response.setEncoding('utf8').on('data', (piece: string) => (text += piece));
    response.on('end', () => resolve(text)).on('error', reject);
  }).on('error', reject);
  return promise;
}

async function measureMany(folder: string, target: Target): Promise<Pick<Result, 'held_1000' | 'lag_p99_s'>> {
  const vigie = await launchVigie(['exporter', 'endpoints', '--config', await writeConfig(folder, target, MANY, MANY_INTERVAL_MS)]);
  const scraper = new Scraper(vigie.port);
  try {
    // Each endpoint begins within its first interval.
    await pause(MANY_INTERVAL_MS);
    target.record();
    const begin = performance.now();
    const cpu = await cpuSeconds(vigie.process.pid);
    const timer = setInterval(() => void scraper.scrape().catch(() => undefined), MANY_INTERVAL_MS);
    await pause(MANY_MS);
    clearInterval(timer);
    const arrivals = target.recorded();
    const share = ((await cpuSeconds(vigie.process.pid)) - cpu) / ((performance.now() - begin) / 1000);
    const { now } = await residentMB(vigie.process.pid);
    const lags = [...arrivals.values()].flatMap((times) => lagsOf(times));
    const slots = Math.floor(MANY_MS / MANY_INTERVAL_MS);
    const held = arrivals.size === MANY && [...arrivals.values()].every((times) => isHeld(times, slots));
    const p99 = lags.toSorted((a, b) => a - b)[Math.floor(lags.length * 0.99)] ?? Number.NaN;
    process.stderr.write(
      `${MANY} endpoints every ${MANY_INTERVAL_MS / 1000} s: ${lags.length} probes, lag p99 ${Math.round(p99)} ms, ` +
        `${(100 * share).toFixed(1)} % of a core, ${now.toFixed(0)} MB\n`,
    );
    return { held_1000: held, lag_p99_s: rounded(p99 / 1000) };
  } finally {
    scraper.close();
    await stop(vigie);
  }
}

/** By how much each came later than it would on the grid of the earliest one, in milliseconds. */
function lagsOf(times: readonly number[]): number[] {
  const first = times[0] ?? 0;
  const offsets = times.map((time) => {
    const slot = Math.round((time - first) / MANY_INTERVAL_MS);
    return time - slot * MANY_INTERVAL_MS;
  });
  const earliest = Math.min(...offsets);
  return offsets.map((offset) => offset - earliest);
}

function isHeld(times: readonly number[], slots: number): boolean {
  return times.length >= slots && times.every((time, index) => index === 0 || time - (times[index - 1] ?? 0) < 2 * MANY_INTERVAL_MS);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function tell(name: string, rates: readonly number[]): void {
  const all = rates.map((rate) => rate.toFixed(0)).join(', ');
  process.stderr.write(`${name.padEnd(20)} ${median(rates).toFixed(0).padStart(6)} probes per CPU second (${all})\n`);
}

function rounded(value: number): number {
  return Number(value.toPrecision(3));
}
