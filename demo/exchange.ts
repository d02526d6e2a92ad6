// The demo exchange: a simulation, and the real things it fills (database, log, inboxes behind SFTP, endpoints over HTTPS).

import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Clock } from '../src/domain/clock.js';
import { ensureCertificate } from './certificates.js';
import { ExchangeDatabase } from './database.js';
import type { ExchangeEvent, Sink } from './events.js';
import { HttpsServer } from './https-server.js';
import { Inboxes } from './inboxes.js';
import { HOST } from './listen.js';
import { RotatingLog } from './rotating-log.js';
import { CONDITIONS, type Scenario } from './scenario.js';
import { ScenarioFile } from './scenario-file.js';
import { SftpServer } from './sftp-server.js';
import { Simulation } from './simulation.js';
import { ensureSshKeys } from './ssh-keys.js';
import { Switches, type PartName } from './switches.js';
import { Ticker } from './ticker.js';

export interface ExchangeOptions {
  readonly seed: number;
  readonly scenario: Scenario;
  /** Folder of its own: what an earlier run left there is removed, keys and certificates excepted. */
  readonly dataDir: string;
  readonly sftpPort: number;
  readonly httpsPort: number;
  /** Parts that are off at the start. */
  readonly without?: readonly PartName[];
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface Exchange {
  /** Lets happen what is due, in the scenario that the file `scenario` names, and switches parts as the folder `without` says; four times a second. */
  tick(): Promise<void>;
  stopSftp(): Promise<void>;
  startSftp(): Promise<void>;
  stop(): Promise<void>;
}

export class ExchangeError extends Error {
  override readonly name = 'ExchangeError';
}

/** How much of the past is simulated before the start, so that there is something to see at once. */
export const WARM_UP_MS = 5 * 60_000;
/** The partners whose endpoints `exporters.yaml` probes. */
const ENDPOINTS = ['chuv', 'hug'];
/** Tells a folder of the demo from one that holds something of value. */
const MARKER = '.demo-of-vigie';

/** @throws ExchangeError when the folder is not the demo's own; NodeJS.ErrnoException when a port is taken */
export async function startExchange(options: ExchangeOptions): Promise<Exchange> {
  const { dataDir, seed, scenario, sftpPort, httpsPort, without = [], clock, logger } = options;
  prepareFolder(dataDir, without);
  const now = clock.now();
  const root = join(dataDir, 'sftp', 'files');
  const database = new ExchangeDatabase(join(dataDir, 'exchange.db'));
  const sinks: readonly Sink[] = [database, new RotatingLog(join(dataDir, 'log', 'exchange.log')), new Inboxes(root)];
  let events: ExchangeEvent[] = [];
  const emit = (event: ExchangeEvent) => void events.push(event);
  const simulation = new Simulation({ seed, scenario, start: now - WARM_UP_MS, scenarioFrom: now, emit });
  const advance = () => {
    simulation.advance(clock.now());
    if (events.length === 0) return;
    for (const sink of sinks) sink.apply(events);
    events = [];
  };
  advance();

  const wanted = new ScenarioFile(join(dataDir, 'scenario'), scenario, logger);
  const keys = ensureSshKeys(join(dataDir, 'sftp'), HOST, sftpPort);
  const certificate = await ensureCertificate(join(dataDir, 'https'), HOST);
  const parts = new Switches(join(dataDir, 'without'), logger, {
    sftp: new SftpServer({ port: sftpPort, keys, root }),
    https: new HttpsServer({ port: httpsPort, certificate, partners: ENDPOINTS, conditions: () => CONDITIONS[wanted.scenario], clock }),
  });
  try {
    await parts.follow();
  } catch (error) {
    await parts.stop();
    database.close();
    throw error;
  }
  logger.info({ seed, scenario, dataDir }, 'demo exchange runs');

  const tick = async () => {
    advance();
    if (wanted.read()) simulation.change(wanted.scenario, clock.now());
    await parts.follow();
  };
  const ticker = new Ticker(clock, logger, tick);
  return {
    tick,
    stopSftp: () => parts.set('sftp', false),
    startSftp: () => parts.set('sftp', true),
    stop: async () => {
      await ticker.stop();
      await parts.stop();
      database.close();
      logger.info('demo exchange stopped');
    },
  };
}

function prepareFolder(dataDir: string, without: readonly PartName[]): void {
  mkdirSync(dataDir, { recursive: true });
  const own = existsSync(join(dataDir, MARKER));
  if (!own && readdirSync(dataDir).length > 0) {
    throw new ExchangeError(`${dataDir} holds something else than the demo: name an empty or a new folder with --data`);
  }
  writeFileSync(join(dataDir, MARKER), 'Data of the demo of Vigie. It can be removed at any time while the demo does not run.\n');
  const old = ['exchange.db', 'exchange.db-wal', 'exchange.db-shm', 'log', 'scenario', 'without', join('sftp', 'files')];
  for (const name of old) rmSync(join(dataDir, name), { recursive: true, force: true });
  mkdirSync(join(dataDir, 'without'));
  for (const part of without) writeFileSync(join(dataDir, 'without', part), '');
}
