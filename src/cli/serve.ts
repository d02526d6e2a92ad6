// Runs one exporter until it is told to stop: signals, and the channel to the fleet that started it.

import { once } from 'node:events';
import type { Loaded } from '../config/load.js';
import type { Config } from '../config/model.js';
import { assignPorts } from '../config/ports.js';
import { DEFAULT_CONFIG_FILE, DEFAULT_HOST, DEFAULT_PORT_BASE } from '../conventions.js';
import { loadApart } from '../exporter/load-apart.js';
import type { RunningExporter } from '../exporter/runtime.js';
import type { ReloadAnswer } from '../exporter/server.js';
import { StartError } from '../exporter/start-error.js';
import type { SubjectFinder } from '../exporter/subject.js';
import { readRequest, type Alive, type Listening, type Reloaded } from '../fleet/messages.js';
import type { Listen } from '../web/server.js';
import { parseListen, readSite, UsageError } from './command.js';
import { endSoon } from './ending.js';
import { trimMemorySoon } from './trim.js';

/** The options of all commands that run an exporter. */
export const serveOptions = {
  config: { type: 'string' },
  listen: { type: 'string' },
  'state-dir': { type: 'string' },
  site: { type: 'string' },
  supervised: { type: 'boolean' },
} as const;

export const SERVE_USAGE = `  --config FILE        the YAML (default: ${DEFAULT_CONFIG_FILE})
  --listen HOST:PORT   where to listen (default: ${DEFAULT_HOST} and the port that the fleet would give it)
  --state-dir DIR      where counters that must outlive the process are kept (default: $STATE_DIRECTORY, else .vigie/state beside the YAML)
  --site NAME          where this exporter stands, as the label "site" of endpoints (default: $VIGIE_SITE, else none)
  --supervised         said by the fleet alone: it hands over the configuration`;

export interface Served {
  /** Under which its port is assigned. */
  readonly name: string;
  readonly find: SubjectFinder;
  /** What to say when the configuration has no such subject. */
  readonly missing: (config: Config) => string;
  /** Imports what will be needed, as far as that can be guessed. */
  readonly preload?: (configFile: string) => Promise<void>;
}

interface ServeOptions {
  readonly config?: string;
  readonly listen?: string;
  readonly 'state-dir'?: string;
  readonly site?: string;
  readonly supervised?: boolean;
}

/** @returns the exit code: 1 where it cannot start, 0 after a stop. @throws UsageError for an address that is none */
export async function serve({ name, find, missing, preload }: Served, options: ServeOptions): Promise<number> {
  const listen = options.listen === undefined ? (config: Config) => assignedAddress(config, name) : parseListen(options.listen);
  if (options.supervised && !process.send) throw new UsageError('--supervised is for the fleet: leave it out');
  const site = readSite(options.site);
  const stopped = stopRequest();
  const alive = setInterval(() => {}, 60_000);
  const configFile = options.config ?? DEFAULT_CONFIG_FILE;
  const started = Promise.withResolvers<RunningExporter>();
  // A start that fails is told by its own exception.
  const reload = (config?: Config) => started.promise.then((exporter) => exporter.reload(config));
  // Before the configuration is read, so that no signal is lost.
  process.on('SIGHUP', () => void reload());
  try {
    const loadConfig = startingWith(options.supervised ? obeyFleet(reload) : loadApart(configFile));
    // Imported while the configuration loads: that takes as long.
    const { startExporter } = await import('../exporter/runtime.js');
    if (!options.supervised) await preload?.(configFile);
    const starting = startExporter({ find, missing, configFile, listen, loadConfig, stateFolder: options['state-dir'], site });
    const exporter = await Promise.race([starting, stopped]);
    if (!exporter) return 0;
    started.resolve(exporter);
    if (options.supervised) send({ type: 'listening', url: exporter.url });
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

/** Answers the fleet from now on. @returns the first configuration that it hands over; further ones are reloads */
function obeyFleet(reload: (config: Config) => Promise<ReloadAnswer>): Promise<Loaded> {
  const first = Promise.withResolvers<Loaded>();
  let configured = false;
  process.on('message', (message) => {
    const request = readRequest(message);
    if (request?.type === 'alive?') send({ type: 'alive' });
    if (request?.type !== 'configuration') return;
    if (configured) void reload(request.config).then(({ ok, message: text }) => send({ type: 'reloaded', ok, message: text }));
    else first.resolve({ config: request.config, diagnostics: [] });
    configured = true;
  });
  return first.promise;
}

/** A fleet that is gone meanwhile is noticed by the end of the channel. */
function send(message: Listening | Reloaded | Alive): void {
  process.send?.(message, undefined, undefined, () => {});
}
