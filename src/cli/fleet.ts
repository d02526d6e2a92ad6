// `vigie fleet`: all exporters of the YAML on one machine, under one supervisor.

import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import { CATALOG, DEFAULT_CONFIG_FILE, DEFAULT_HOST, DEFAULT_PORT_BASE, FLEET, NODE_OPTIONS } from '../conventions.js';
import { systemClock } from '../domain/clock.js';
import type { ChildCommand } from '../fleet/child.js';
import { Fleet, FleetError } from '../fleet/fleet.js';
import type { PlannedExporter } from '../fleet/plan.js';
import { startServer } from '../fleet/server.js';
import { createLogger, logDestination, type LogDestination } from '../log.js';
import { hostPort } from '../web/address.js';
import { stopServer } from '../web/server.js';
import { readOptions, readSite, UsageError, type Command } from './command.js';

const MAIN = fileURLToPath(new URL('../main.js', import.meta.url));
/** Answers that still run when the fleet stops are cut off after this. */
const ANSWERS_END_MS = 1_000;

export const command: Command = {
  summary: 'Run all exporters of the YAML on this machine.',
  usage: `usage: vigie fleet [--config FILE] [--listen HOST] [--port-base PORT] [--advertise HOST] [--log-file FILE] [--state-dir DIR] [--site NAME]

  --config FILE      the YAML (default ${DEFAULT_CONFIG_FILE})
  --listen HOST      address that the fleet and its exporters listen on (default ${DEFAULT_HOST}; 0.0.0.0 for all)
  --port-base PORT   port of the fleet; its exporters follow (default ${DEFAULT_PORT_BASE})
  --advertise HOST   host to name in service discovery and links (default: the address listened on)
  --state-dir DIR    where exporters keep counters that must outlive them (default: $STATE_DIRECTORY, else .vigie/state beside the YAML)
  --site NAME        where this fleet stands, as the label "site" of endpoints (default: $VIGIE_SITE, else none)
  --log-file FILE    where the log goes, that of the exporters too (default: standard error)

It serves its page at /, targets for Prometheus at /sd, its own metrics at /metrics. SIGHUP or POST /-/reload takes over a
changed YAML; SIGTERM or Ctrl-C stops everything.`,
  run,
};

const OPTIONS = {
  config: { type: 'string', default: DEFAULT_CONFIG_FILE },
  listen: { type: 'string', default: DEFAULT_HOST },
  'port-base': { type: 'string', default: String(DEFAULT_PORT_BASE) },
  advertise: { type: 'string' },
  'log-file': { type: 'string' },
  'state-dir': { type: 'string' },
  site: { type: 'string' },
} as const;

async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = readOptions(args, OPTIONS);
  if (positionals.length > 0) throw new UsageError(`"${positionals.join(' ')}" is too much: the sources come from the YAML`);
  const portBase = readPort(values['port-base']);
  try {
    const advertise = values.advertise === undefined ? undefined : readHost('advertise', values.advertise);
    const listen = readHost('listen', values.listen);
    const stateDir = values['state-dir'] === undefined ? undefined : resolve(values['state-dir']);
    const site = readSite(values.site);
    return await runFleet({ config: resolve(values.config), listen, portBase, advertise, logFile: values['log-file'], stateDir, site });
  } catch (error) {
    if (!(error instanceof FleetError)) throw error;
    process.stderr.write(`vigie fleet: ${error.message}\n`);
    return 1;
  }
}

interface Settings {
  readonly config: string;
  readonly listen: string;
  readonly portBase: number;
  readonly advertise: string | undefined;
  readonly logFile: string | undefined;
  readonly stateDir: string | undefined;
  readonly site: string | undefined;
}

async function runFleet({ config, listen, portBase, advertise, logFile, stateDir, site }: Settings): Promise<number> {
  const destination = openLog(logFile);
  const logger = createLogger({ source: FLEET }, undefined, destination);
  const started = Promise.withResolvers<Fleet>();
  // Before the configuration is read, so that no signal is lost.
  process.on('SIGHUP', () => {
    if (logFile !== undefined) reopenLog(destination, logger);
    void started.promise.then((fleet) => fleet.reload()).catch((error: unknown) => logger.error({ error: String(error) }, 'reload failed'));
  });
  const fleet = await Fleet.prepare({
    configFile: config,
    host: listen,
    portBase,
    clock: systemClock,
    logger,
    forward: (line) => void destination.write(`${line}\n`),
    commandFor: (exporter) => commandFor(exporter, { config, listen, stateDir, site }),
  });
  const server = await startServer(fleet, { host: listen, port: portBase, advertise, logger });
  logger.info({ url: `http://${hostPort(listen, portBase)}/`, exporters: fleet.exporters.length }, 'fleet listens');
  void fleet.start();
  started.resolve(fleet);
  await askedToStop();
  logger.info('fleet stops');
  await Promise.all([fleet.stop(), stopServer(server, ANSWERS_END_MS)]);
  return 0;
}

function openLog(file: string | undefined): LogDestination {
  try {
    return logDestination(file);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
    throw new FleetError(`--log-file ${file}: the file cannot be written${code}`);
  }
}

/** A folder that is gone must not end the fleet: it goes on with the file that it has. */
function reopenLog(destination: LogDestination, logger: Logger): void {
  try {
    destination.reopen();
  } catch (error) {
    logger.error({ error: String(error) }, 'log file cannot be opened anew, the old one goes on');
  }
}

function commandFor(
  { source, port }: PlannedExporter,
  { config, listen, stateDir, site }: Pick<Settings, 'config' | 'listen' | 'stateDir' | 'site'>,
): ChildCommand {
  const what = source === CATALOG ? ['catalog'] : ['exporter', source];
  const state = stateDir === undefined ? [] : ['--state-dir', stateDir];
  const place = site === undefined ? [] : ['--site', site];
  return {
    program: process.execPath,
    args: [...NODE_OPTIONS, MAIN, ...what, '--config', config, '--listen', hostPort(listen, port), ...state, ...place, '--supervised'],
  };
}

/**
 * The end of a process that started the fleet with a channel asks as well.
 * Listens for good: a second Ctrl-C must not end the fleet before its exporters have stopped.
 */
function askedToStop(): Promise<void> {
  return new Promise((asked) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => asked());
    if (!process.send) return;
    process.once('disconnect', () => asked());
    // The channel is there to notice its end; it must not keep the process.
    process.channel?.unref();
  });
}

/** A name or an address; IPv6 as it is or in brackets. */
function readHost(option: string, text: string): string {
  const host = text.replace(/^\[(?<v6>.*)\]$/, '$<v6>');
  if (isIP(host) > 0 || /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(host)) return host;
  throw new UsageError(`--${option} ${text}: must be a host without a port, e.g. 0.0.0.0 (--port-base is for the port)`);
}

function readPort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port >= 1 && port <= 65535) return port;
  throw new UsageError(`--port-base ${text}: must be a port from 1 to 65535, e.g. ${DEFAULT_PORT_BASE}`);
}
