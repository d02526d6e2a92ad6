// Driver postgres: PostgreSQL and what speaks like it, by pg.

import { Socket } from 'node:net';
import { checkServerIdentity, type ConnectionOptions, type PeerCertificate } from 'node:tls';
import type { Client, ClientConfig } from 'pg';
import { SourceError } from '../../kind.js';
import {
  CANCEL_LIMIT_MS,
  Instant,
  type Cell,
  type Connection,
  type ConnectContext,
  type Driver,
  type ExcessRight,
  type QueryLimits,
  type QueryResult,
  type ServerState,
  type Statement,
} from '../driver.js';
import type { ConnectionSettings } from '../schema.js';
import { encryptionOf } from './encryption.js';
import { postgresError } from './postgres-errors.js';

const DEFAULT_PORT = 5432;
/** How much of its time a query may wait for a table that somebody has locked. */
const LOCK_SHARE = 0.9;
/** Object identifiers of the types that are not taken as the text that the server sends. */
const TYPE = { bool: 16, bpchar: 1042, timestamptz: 1184 } as const;

export const postgres: Driver = {
  title: 'PostgreSQL',
  required: ['server', 'database', 'user', 'password'],
  optional: ['port', 'tls'],
  replicates: true,
  commitsInOrder: false,
  timeHint: "column AT TIME ZONE 'Europe/Zurich' with the zone it was written in, or EXTRACT(EPOCH FROM …)",
  async connect(settings, context, signal) {
    const reach = await reachOf(settings, context);
    const session = await open(reach, context.application, signal);
    return new PostgresConnection(session, async (pid, cancelSignal) => {
      const other = await open(reach, `${context.application} cancel`, cancelSignal);
      await other.client.query('SELECT pg_cancel_backend($1)', [pid]).finally(() => other.socket.destroy());
    });
  },
};

interface Reach {
  readonly config: ClientConfig;
  /** Read anew for each connection. */
  readonly password: () => Promise<string>;
}

interface OpenSession {
  readonly client: Client;
  readonly socket: Socket;
  readonly pid: unknown;
}

async function reachOf({ server, port, database, user, password, tls }: ConnectionSettings, context: ConnectContext): Promise<Reach> {
  if (server === undefined || database === undefined || user === undefined || password === undefined) {
    throw new SourceError('connect', 'config', 'connection lacks server, database, user or password');
  }
  const ssl = await tlsOptions(server, tls, context);
  return { config: { host: server, port: port ?? DEFAULT_PORT, database, user, ssl }, password: () => context.readSecret(password) };
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

async function open({ config, password }: Reach, application: string, signal: AbortSignal): Promise<OpenSession> {
  const secret = await password();
  const { default: pg } = await import('pg');
  if (signal.aborted) throw new SourceError('connect', 'timeout', 'no time was left to connect');
  const socket = new Socket();
  const client = new pg.Client({
    ...config,
    password: secret,
    application_name: application,
    keepAlive: true,
    stream: () => socket,
    types: { getTypeParser: parserOf },
  });
  // What is lost between two queries shows in `usable`; without a listener it would end the process.
  client.on('error', () => socket.destroy());
  const abort = () => socket.destroy();
  signal.addEventListener('abort', abort, { once: true });
  try {
    await client.connect();
    const { rows } = await client.query<{ pid: unknown }>(
      `SELECT pg_backend_pid() AS pid, set_config('default_transaction_read_only', 'on', false), set_config('DateStyle', 'ISO', false)`,
    );
    return { client, socket, pid: rows[0]?.pid };
  } catch (error) {
    socket.destroy();
    const { phase, errorClass, message } = postgresError(error, 'connect');
    throw new SourceError(phase, errorClass, `${addressOf(config)}: ${message}`);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/** As messages name the server; a Unix socket is named by its folder. */
function addressOf({ host = '', port }: ClientConfig): string {
  if (host.startsWith('/')) return host;
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Numbers stay the text they come as, so that nothing is lost on the way; a time is one only with its zone. */
function parserOf(type: number): (text: string) => Cell {
  if (type === TYPE.bool) return (text) => text === 't';
  if (type === TYPE.bpchar) return (text) => text.trimEnd();
  if (type === TYPE.timestamptz) return toDate;
  return (text) => text;
}

/** `2026-03-02 08:00:00.123456+01`, `… BC` and `infinity` are left as text. */
function toDate(text: string): Cell {
  const match = /^(?<day>\d{4,6}-\d\d-\d\d) (?<time>[\d:.]+)(?<sign>[+-])(?<hours>\d\d)(?::?(?<minutes>\d\d))?(?::\d\d)?$/.exec(text);
  const { day = '', time = '', sign = '', hours = '', minutes = '00' } = match?.groups ?? {};
  const date = new Date(`${day}T${time}${sign}${hours}:${minutes}`);
  return Number.isNaN(date.getTime()) ? text : new Instant(date.getTime() / 1000, text);
}

class PostgresConnection implements Connection {
  readonly #client: Client;
  readonly #socket: Socket;
  readonly #pid: unknown;
  readonly #cancelBackend: (pid: unknown, signal: AbortSignal) => Promise<void>;

  constructor({ client, socket, pid }: OpenSession, cancelBackend: (pid: unknown, signal: AbortSignal) => Promise<void>) {
    this.#client = client;
    this.#socket = socket;
    this.#pid = pid;
    this.#cancelBackend = cancelBackend;
  }

  get usable(): boolean {
    return !this.#socket.destroyed;
  }

  async query({ sql }: Statement, { signal, timeoutMs, maxRows }: QueryLimits): Promise<QueryResult> {
    signal.throwIfAborted();
    let cancelled: Promise<void> | undefined;
    let cutOff: NodeJS.Timeout | undefined;
    const hangUp = () => void this.#socket.destroy();
    const cancel = () => {
      cutOff = setTimeout(hangUp, CANCEL_LIMIT_MS);
      cancelled = this.#cancelBackend(this.#pid, AbortSignal.timeout(CANCEL_LIMIT_MS)).catch(hangUp);
    };
    signal.addEventListener('abort', cancel, { once: true });
    try {
      return await this.#read(sql, timeoutMs, maxRows);
    } catch (error) {
      throw postgresError(error, 'query');
    } finally {
      if (this.usable) await this.#client.query('ROLLBACK').catch(hangUp);
      signal.removeEventListener('abort', cancel);
      // A cancel on its way would hit the next query.
      await cancelled;
      clearTimeout(cutOff);
    }
  }

  readonly product = 'PostgreSQL';
  readonly address = '';
  readonly phases = {};

  async state(): Promise<ServerState> {
    return { role: 'primary' };
  }

  async excessRights(): Promise<readonly ExcessRight[]> {
    return [];
  }

  async close(): Promise<void> {
    this.#socket.destroy();
  }

  /** By a cursor: the server refuses everything but one SELECT, and no more rows than asked for leave it. */
  async #read(sql: string, timeoutMs: number, maxRows: number): Promise<QueryResult> {
    // The server's own limit comes a little before ours, so that it ends the query and the connection stays.
    const limit = Math.max(1, Math.floor(timeoutMs - Math.min(timeoutMs * 0.05, 200)));
    // A lock that is waited for ends the query a little earlier still, since it says more than a time-out.
    const lockLimit = Math.max(1, Math.floor(limit * LOCK_SHARE));
    const limits = `SET LOCAL statement_timeout = ${limit}; SET LOCAL lock_timeout = ${lockLimit}`;
    await this.#client.query(`BEGIN READ ONLY; ${limits}; SET LOCAL cursor_tuple_fraction = 1`);
    // The extended protocol takes a single statement, whatever the text holds.
    const declare = { text: `DECLARE vigie NO SCROLL CURSOR FOR ${sql}`, queryMode: 'extended' };
    await this.#client.query(declare);
    const { fields, rows } = await this.#client.query<Cell[]>({ text: `FETCH ${maxRows + 1} FROM vigie`, rowMode: 'array' });
    return {
      columns: fields.map(({ name }) => name),
      rows: rows.slice(0, maxRows),
      dropped: Math.max(0, rows.length - maxRows),
      phases: { execute: 0, fetch: 0 },
    };
  }
}
