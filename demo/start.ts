// `npm start`: the demo exchange, and the fleet of exporters that watches it. It stays until Ctrl-C, and then nothing is left.

import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { formatDiagnostic } from '../src/config/diagnostics.js';
import { loadConfig } from '../src/config/load.js';
import { assignPorts } from '../src/config/ports.js';
import { DEFAULT_CONFIG_FILE, FLEET } from '../src/conventions.js';
import { portProblems } from '../src/fleet/ports.js';
import { Child } from './child.js';
import { isMoved, writeCopy } from './config-copy.js';
import { formatChanges, isSettled, readStatus } from './fleet-status.js';
import { introduction } from './introduction.js';
import { HOST } from './listen.js';
import { DemoError, readDemoOptions, USAGE, writeDemoOptions, type DemoOptions } from './options.js';

const BUILD = join(import.meta.dirname, '..');
const ROOT = join(BUILD, '..');
const CONFIG = join(ROOT, DEFAULT_CONFIG_FILE);

/** After this the table is shown as it is. */
const SETTLE_LIMIT_MS = 30_000;
const SETTLE_POLL_MS = 200;
const WATCH_POLL_MS = 1_000;

async function main(args: readonly string[]): Promise<number> {
  const stopped = stopRequest();
  const children: Child[] = [];
  const end = new AbortController();
  try {
    const options = readDemoOptions(args);
    if (!options) {
      process.stdout.write(USAGE);
      return 0;
    }
    await Promise.race([stopped, runDemo(options, children, end.signal)]);
    process.stdout.write('\nStopping …\n');
    return 0;
  } catch (error) {
    if (!(error instanceof DemoError)) throw error;
    process.stderr.write(`vigie: ${error.message}\n`);
    return 1;
  } finally {
    end.abort();
    // The fleet first: it need not see the exchange go.
    for (const child of children.toReversed()) await child.stop();
  }
}

/** Resolves at the first Ctrl-C; further ones change nothing, since stopping is bounded anyway. */
function stopRequest(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve());
  });
}

/** Runs until a child ends. @throws DemoError when something cannot start, or ends by itself */
async function runDemo(options: DemoOptions, children: Child[], signal: AbortSignal): Promise<void> {
  await checkBefore(options);
  const launch = (name: string, script: string, args: readonly string[]) => {
    signal.throwIfAborted();
    const child = new Child(name, join(BUILD, script), args);
    children.push(child);
    return { child, failed: failure(child) };
  };
  say('Starting the demo exchange …');
  const exchange = launch('the demo exchange', 'demo/exchange-main.js', writeDemoOptions(options));
  await Promise.race([exchange.child.ready(), exchange.failed]);
  say('Starting the fleet …');
  const config = isMoved(options, ROOT) ? writeCopy(options, ROOT) : CONFIG;
  const logFile = join(options.dataDir, 'fleet.log');
  const args = ['fleet', '--config', config, '--port-base', String(options.portBase), '--log-file', logFile];
  const fleet = launch('the fleet', 'src/main.js', args);
  await Promise.race([show(options, config, fleet.child, signal), exchange.failed, fleet.failed]);
}

/** What can be known to be wrong before anything is started. @throws DemoError */
async function checkBefore({ portBase, sftpPort, httpsPort }: DemoOptions): Promise<void> {
  const { config, diagnostics } = await loadConfig(CONFIG);
  if (!config) throw new DemoError(['the configuration has errors:', ...diagnostics.map(formatDiagnostic)].join('\n'));
  const exporters = [...assignPorts(config, portBase)].map(([source, port]) => ({ source, port }));
  const own = [
    { source: 'the SFTP server of the demo', port: sftpPort },
    { source: 'the HTTPS server of the demo', port: httpsPort },
  ];
  const problems = await portProblems(HOST, [...own, { source: FLEET, port: portBase }, ...exporters]);
  if (problems.length > 0) throw new DemoError(problems.join('\n'));
}

async function failure(child: Child): Promise<never> {
  throw new DemoError(await child.ended);
}

/** The table once all exporters have looked once, then a line for each change. Ends with the signal. */
async function show(options: DemoOptions, config: string, fleet: Child, signal: AbortSignal): Promise<void> {
  const url = `http://${HOST}:${options.portBase}/`;
  const limit = performance.now() + SETTLE_LIMIT_MS;
  let exporters = await readStatus(url);
  while (!isSettled(exporters) && performance.now() < limit && !signal.aborted) {
    await pause(SETTLE_POLL_MS);
    exporters = await readStatus(url);
  }
  if (signal.aborted) return;
  let before = exporters ?? [];
  say(introduction(options, { url, config, original: CONFIG, pid: fleet.pid, exporters: before }));
  while (!signal.aborted) {
    await pause(WATCH_POLL_MS);
    const after = await readStatus(url);
    if (!after || signal.aborted) continue;
    for (const change of formatChanges(before, after)) say(`${new Date().toTimeString().slice(0, 8)} ${change}`);
    before = after;
  }
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

process.exitCode = await main(process.argv.slice(2));
