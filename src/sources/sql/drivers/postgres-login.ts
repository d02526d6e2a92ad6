// Reaching a PostgreSQL server: encryption, login, and how long each step took.

import { Socket } from 'node:net';
import { checkServerIdentity, type ConnectionOptions, type PeerCertificate } from 'node:tls';
import type { Client, ClientConfig } from 'pg';
import { SourceError } from '../../kind.js';
import type { ConnectContext, Connection, ConnectPhase } from '../driver.js';
import type { ConnectionSettings } from '../schema.js';
import { encryptionOf } from './encryption.js';
import { postgresError } from './postgres-errors.js';
import { parserOf } from './postgres-values.js';

const DEFAULT_PORT = 5432;
/** After that much silence the system asks whether the other side is still there, so that a dead connection is known before a query needs it. */
const KEEP_ALIVE_MS = 30_000;

export interface Reach {
  readonly config: ClientConfig;
  /** As messages name it. */
  readonly address: string;
  /** Read anew for each connection. */
  readonly password: () => Promise<string>;
}

/** Logged in, with nothing set up yet. */
export interface Login {
  readonly client: Client;
  readonly socket: Socket;
}

export interface OpenSession extends Login, Pick<Connection, 'product' | 'address' | 'phases'> {
  /** Number of the process that serves it. */
  readonly pid: number;
}

/** @throws SourceError where the authorities of TLS cannot be read */
export async function reachOf(
  { server, port, database, user, password, tls }: ConnectionSettings,
  context: ConnectContext,
): Promise<Reach> {
  if (server === undefined || database === undefined || user === undefined || password === undefined) {
    throw new SourceError('connect', 'config', 'connection lacks server, database, user or password');
  }
  const ssl = await tlsOptions(server, tls, context);
  const config = { host: server, port: port ?? DEFAULT_PORT, database, user, ssl };
  return { config, address: addressOf(config), password: () => context.readSecret(password) };
}

async function tlsOptions(server: string, tls: ConnectionSettings['tls'], context: ConnectContext): Promise<false | ConnectionOptions> {
  const encryption = await encryptionOf(server, tls, context);
  if (!encryption) return false;
  const { ca, name } = encryption;
  return {
    ...(ca !== undefined && { ca }),
    // pg sets the name it asks for itself; the one that is checked can be another.
    ...(name !== undefined && {
      checkServerIdentity: (_host: string, certificate: PeerCertificate) => checkServerIdentity(name, certificate),
    }),
  };
}

/** A Unix socket is named by its folder. */
function addressOf({ host, port }: { readonly host: string; readonly port: number }): string {
  if (host.startsWith('/')) return host;
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Logs in for reading, with times written the same way everywhere. @throws SourceError of phase `connect` or `login` */
export async function open(reach: Reach, application: string, signal: AbortSignal): Promise<OpenSession> {
  return await connected(reach, application, signal, async ({ client, socket }, phases) => {
    const { rows } = await client.query<{ pid: number; version: string }>(
      `SELECT pg_backend_pid() AS pid, version() AS version,
         set_config('default_transaction_read_only', 'on', false), set_config('DateStyle', 'ISO', false)`,
    );
    const [{ pid, version } = { pid: 0, version: '' }] = rows;
    return { client, socket, pid, product: productOf(version), address: reach.address, phases: phases() };
  });
}

/** For one statement outside of a session. The caller destroys the socket. @throws SourceError */
export async function logIn(reach: Reach, application: string, signal: AbortSignal): Promise<Login> {
  return await connected(reach, application, signal, async (login) => login);
}

/** `PostgreSQL 15.18` of `PostgreSQL 15.18 (Debian 15.18-0+deb12u1) on x86_64-pc-linux-gnu, compiled by …`. */
function productOf(version: string): string {
  return /^.*?\d[\w.]*/.exec(version)?.[0] ?? 'PostgreSQL';
}

type Phases = Connection['phases'];

/** @param use what belongs to logging in; where it fails, the connection is closed */
async function connected<T>(
  { config, address, password }: Reach,
  application: string,
  signal: AbortSignal,
  use: (login: Login, phases: () => Phases) => Promise<T>,
): Promise<T> {
  const secret = await password();
  const { default: pg } = await import('pg');
  if (signal.aborted) throw new SourceError('connect', 'timeout', 'no time was left to connect');
  const socket = new Socket();
  const client = new pg.Client({
    ...config,
    password: secret,
    application_name: application,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    // Statements are sent without waiting for the answers to those before them.
    pipeline: true,
    stream: () => socket,
    types: { getTypeParser: parserOf },
  });
  // What is lost between two queries shows in `usable`; without a listener it would end the process.
  client.on('error', () => socket.destroy());
  const abort = () => socket.destroy();
  signal.addEventListener('abort', abort, { once: true });
  try {
    const phases = timePhases(client, socket);
    await client.connect();
    return await use({ client, socket }, phases);
  } catch (error) {
    socket.destroy();
    const { phase, errorClass, message } = postgresError(error, 'connect');
    throw new SourceError(phase, errorClass, `${address}: ${message}`);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/** @returns what ends the last of the phases, and tells all of them */
function timePhases(client: Client, socket: Socket): () => Phases {
  const phases: Partial<Record<ConnectPhase, number>> = {};
  let from = performance.now();
  const ended = (phase: ConnectPhase) => {
    const now = performance.now();
    phases[phase] = now - from;
    from = now;
  };
  // Told only where there is a name to look up.
  socket.once('lookup', () => ended('dns'));
  socket.once('connect', () => ended('connect'));
  // pg has wrapped the socket when it tells of it; the two sides have yet to agree.
  client.connection.once('sslconnect', () => client.connection.stream.once('secureConnect', () => ended('tls')));
  return () => {
    ended('login');
    return phases;
  };
}
