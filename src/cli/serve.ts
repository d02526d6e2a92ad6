// Runs one exporter until it is told to stop: signals, and the channel to the fleet that started it.

import { once } from 'node:events';
import type { Loaded } from '../config/load.js';
import type { Config } from '../config/model.js';
import { assignPorts } from '../config/ports.js';
import { DEFAULT_CONFIG_FILE, DEFAULT_HOST, DEFAULT_PORT_BASE } from '../conventions.js';
import { loadApart } from '../exporter/load-apart.js';
import type { RunningExporter } from '../exporter/runtime.js';
import type { Listen } from '../exporter/server.js';
import { StartError } from '../exporter/start-error.js';
import type { SubjectFinder } from '../exporter/subject.js';
import type { Listening, Reloaded } from '../fleet/messages.js';
import { parseListen, UsageError } from './command.js';
import { trimMemorySoon } from './trim.js';

/** The options of all commands that run an exporter. */
export const serveOptions = { config: { type: 'string' }, listen: { type: 'string' } } as const;

export const SERVE_USAGE = `  --config FILE        the YAML (default: ${DEFAULT_CONFIG_FILE})
  --listen HOST:PORT   where to listen (default: ${DEFAULT_HOST} and the port that the fleet would give it)`;

export interface Served {
  /** Under which its port is assigned. */
  readonly name: string;
  readonly find: SubjectFinder;
  /** What to say when the configuration has no such subject. */
  readonly missing: (config: Config) => string;
}

const EXIT_LIMIT_MS = 500;

/** @returns the exit code: 1 where it cannot start, 0 after a stop. @throws UsageError for an address that is none */
export async function serve({ name, find, missing }: Served, options: { config?: string; listen?: string }): Promise<number> {
  const listen = options.listen === undefined ? (config: Config) => assignedAddress(config, name) : parseListen(options.listen);
  const stopped = stopRequest();
  const alive = setInterval(() => {}, 60_000);
  const configFile = options.config ?? DEFAULT_CONFIG_FILE;
  try {
    const loadConfig = startingWith(loadApart(configFile));
    // Imported while the configuration loads: that takes as long.
    const { startExporter } = await import('../exporter/runtime.js');
    const starting = startExporter({ find, missing, configFile, listen, loadConfig });
    process.on('SIGHUP', () => void starting.then((started) => started.reload()).catch(() => {}));
    const exporter = await starting;
    if (process.send) answerFleet(exporter);
    else process.stdout.write(`${name} listens on ${exporter.url}\n`);
    trimMemorySoon();
    await stopped;
    await exporter.stop();
    return 0;
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 1;
  } finally {
    clearInterval(alive);
    endSoon();
  }
}

/** The first call gets what is loading already; later ones load anew. */
function startingWith(first: Promise<Loaded>): (file: string) => Promise<Loaded> {
  let loading: Promise<Loaded> | undefined = first;
  first.catch(() => {});
  return (file) => {
    const loaded = loading ?? loadApart(file);
    loading = undefined;
    return loaded;
  };
}

function assignedAddress(config: Config, name: string): Listen {
  const port = assignPorts(config, DEFAULT_PORT_BASE).get(name);
  if (port === undefined) throw new UsageError(`there is no port for ${name}: name one with --listen ${DEFAULT_HOST}:9999`);
  return { host: DEFAULT_HOST, port };
}

/** SIGTERM, SIGINT, or the end of the fleet that started this process. A second signal ends it at once. */
async function stopRequest(): Promise<void> {
  const requests = ['SIGTERM', 'SIGINT'].map((signal) => once(process, signal));
  if (process.send) requests.push(once(process, 'disconnect'));
  await Promise.race(requests);
}

function answerFleet(exporter: RunningExporter): void {
  process.on('message', (message) => {
    if (typeof message !== 'object' || message === null || !('type' in message) || message.type !== 'reload') return;
    void exporter.reload().then(({ ok, message: text }) => send({ type: 'reloaded', ok, message: text }));
  });
  send({ type: 'listening', url: exporter.url });
}

/** A fleet that is gone meanwhile is noticed by the end of the channel. */
function send(message: Listening | Reloaded): void {
  process.send?.(message, undefined, undefined, () => {});
}

/** Ends the process once the command is done, even where a source that hangs keeps something open. */
export function endSoon(): void {
  if (process.connected) process.disconnect();
  setTimeout(() => process.exit(), EXIT_LIMIT_MS).unref();
}
