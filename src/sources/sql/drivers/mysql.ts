// Driver mysql: MySQL and MariaDB, by mysql2.

import { isIP, Socket } from 'node:net';
import type { Connection as Client, ConnectionOptions, FieldPacket } from 'mysql2';
import { SourceError } from '../../kind.js';
import {
  CANCEL_LIMIT_MS,
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
import { mysqlError } from './mysql-errors.js';
import { refusal } from './mysql-statement.js';
import { cellReader } from './mysql-values.js';

const DEFAULT_PORT = 3306;
/** Of what mysql2 turns on by itself: sending files to the server, and a dialect in which `count` is no column name. */
const WITHOUT_FLAGS = ['-LOCAL_FILES', '-IGNORE_SPACE'];

export const mysql: Driver = {
  title: 'MySQL and MariaDB',
  required: ['server', 'database', 'user', 'password'],
  optional: ['port', 'tls'],
  replicates: true,
  commitsInOrder: false,
  timeHint:
    "UNIX_TIMESTAMP(column), or UNIX_TIMESTAMP(CONVERT_TZ(column, 'Europe/Zurich', @@time_zone)) where it was written in another zone than the server's",
  refusal,
  async connect(settings, context, signal) {
    const reach = await reachOf(settings, context);
    const session = await open(reach, context.application, signal);
    return new MysqlConnection(session, async (id, cancelSignal) => {
      const other = await open(reach, `${context.application} cancel`, cancelSignal);
      await run(other, `KILL QUERY ${id}`).finally(() => other.socket.destroy());
    });
  },
};

interface Reach {
  /** A Unix socket, or host and port. */
  readonly target: { readonly path: string } | { readonly host: string; readonly port: number };
  readonly options: ConnectionOptions;
  /** Read anew for each connection. */
  readonly password: () => Promise<string>;
}

interface Wire {
  readonly client: Client;
  readonly socket: Socket;
}

interface OpenSession extends Wire {
  /** Number of the session on the server, in digits. */
  readonly id: string;
  readonly limit: LimitStatement;
}

/** The statement that bounds the query after it, in milliseconds and rows. */
type LimitStatement = (timeoutMs: number, rows: number) => string;

async function reachOf({ server, port, database, user, password, tls }: ConnectionSettings, context: ConnectContext): Promise<Reach> {
  if (server === undefined || database === undefined || user === undefined || password === undefined) {
    throw new SourceError('connect', 'config', 'connection lacks server, database, user or password');
  }
  const encryption = await encryptionOf(server, tls, context);
  const options: ConnectionOptions = { database, user };
  if (server.startsWith('/')) options.socketPath = server;
  if (encryption) {
    const { ca, name = server } = encryption;
    options.ssl = { ...(ca !== undefined && { ca }), minVersion: 'TLSv1.2', rejectUnauthorized: true, verifyIdentity: true };
    // The library connects by our socket, so its `host` is only the name that the certificate must bear. Of an address it would
    // make `localhost`; with a dot at its end it does not see an address, and Node.js ignores the dot when it compares.
    options.host = isIP(name) === 0 ? name : `${name}.`;
  }
  const target = server.startsWith('/') ? { path: server } : { host: server, port: port ?? DEFAULT_PORT };
  return { target, options, password: () => context.readSecret(password) };
}

async function open({ target, options, password }: Reach, application: string, signal: AbortSignal): Promise<OpenSession> {
  const secret = await password();
  const { createConnection } = await import('mysql2');
  if (signal.aborted) throw new SourceError('connect', 'timeout', 'no time was left to connect');
  const socket = new Socket();
  socket.setNoDelay(true).setKeepAlive(true).connect(target);
  const abort = () => socket.destroy();
  signal.addEventListener('abort', abort, { once: true });
  try {
    const client = createConnection({
      ...options,
      password: secret,
      stream: () => socket,
      charset: 'UTF8MB4_GENERAL_CI',
      connectAttributes: { program_name: application },
      connectTimeout: 0,
      // No code is made of the names of columns, and values arrive as they are.
      disableEval: true,
      rowsAsArray: true,
      typeCast: false,
      multipleStatements: false,
      flags: WITHOUT_FLAGS,
    });
    // What is lost between two queries shows in `usable`; without a listener it would end the process.
    client.on('error', () => socket.destroy());
    const wire = { client, socket };
    await unlessLost(wire, (resolve, reject) => client.connect((error) => (error ? reject(error) : resolve())));
    return { ...wire, ...(await prepare(wire)) };
  } catch (error) {
    socket.destroy();
    const { phase, errorClass, message } = mysqlError(error, 'connect');
    throw new SourceError(phase, errorClass, `${addressOf(target)}: ${message}`);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/** Waits for what is started until the connection is lost, which queries are not told of in all cases. */
async function unlessLost({ client, socket }: Wire, begin: (resolve: () => void, reject: (error: unknown) => void) => void): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const onClose = () => reject(new Error('closed'));
  client.on('error', reject);
  socket.once('close', onClose);
  try {
    if (socket.destroyed) onClose();
    else begin(resolve, reject);
    await promise;
  } finally {
    client.off('error', reject);
    socket.off('close', onClose);
  }
}

/** The zone of the session stays the server's: statements mean what they mean in the administrator's own client. */
async function prepare(wire: Wire): Promise<Pick<OpenSession, 'id' | 'limit'>> {
  await run(wire, 'SET NAMES utf8mb4');
  await run(wire, 'SET SESSION TRANSACTION READ ONLY');
  const { rows } = await run(wire, 'SELECT CONNECTION_ID(), VERSION()');
  const [id, version] = rows[0] ?? [];
  const limit = /mariadb/i.test(String(version)) ? limitMariadb : limitMysql;
  // So that a server too old for it is told from one that fails later.
  await run(wire, limit(CANCEL_LIMIT_MS, 1));
  return { id: String(id), limit };
}

function limitMariadb(timeoutMs: number, rows: number): string {
  return `SET SESSION max_statement_time = ${timeoutMs / 1000}, ${commonLimits(timeoutMs, rows)}`;
}

function limitMysql(timeoutMs: number, rows: number): string {
  return `SET SESSION max_execution_time = ${timeoutMs}, ${commonLimits(timeoutMs, rows)}`;
}

/** A table that somebody changes or locks is waited for in whole seconds. A LIMIT of the statement wins over sql_select_limit. */
function commonLimits(timeoutMs: number, rows: number): string {
  return `SESSION lock_wait_timeout = ${Math.max(1, Math.floor(timeoutMs / 1000))}, SESSION sql_select_limit = ${rows}`;
}

/** As messages name the server. */
function addressOf(target: Reach['target']): string {
  if ('path' in target) return target.path;
  return target.host.includes(':') ? `[${target.host}]:${target.port}` : `${target.host}:${target.port}`;
}

/** @param most more rows than this are read past, after one call of `tooMany` */
async function run(wire: Wire, sql: string, most = Infinity, tooMany?: () => void): Promise<Pick<QueryResult, 'columns' | 'rows'>> {
  const columns: string[] = [];
  const rows: Cell[][] = [];
  let readers: ((bytes: Buffer) => Cell)[] = [];
  let enough = false;
  const onFields = (fields: FieldPacket[] | undefined) => {
    readers = (fields ?? []).map(cellReader);
    columns.push(...(fields ?? []).map(({ name }) => name));
  };
  const onResult = (row: unknown) => {
    // Statements without rows give an object.
    if (!Array.isArray(row)) return;
    if (rows.length < most) {
      rows.push(readers.map((read, place) => cellOf(row[place], read)));
    } else if (!enough) {
      enough = true;
      tooMany?.();
    }
  };
  try {
    await unlessLost(wire, (resolve, reject) => {
      wire.client.query({ sql }).on('fields', onFields).on('result', onResult).on('error', reject).on('end', resolve);
    });
  } catch (error) {
    // The rows that are there are too many already: why there are no more does not matter.
    if (!enough) throw error;
  }
  return { columns, rows };
}

function cellOf(value: unknown, read: (bytes: Buffer) => Cell): Cell {
  return Buffer.isBuffer(value) ? read(value) : null;
}

class MysqlConnection implements Connection {
  readonly #session: OpenSession;
  readonly #killQuery: (id: string, signal: AbortSignal) => Promise<void>;

  constructor(session: OpenSession, killQuery: (id: string, signal: AbortSignal) => Promise<void>) {
    this.#session = session;
    this.#killQuery = killQuery;
  }

  get usable(): boolean {
    return !this.#session.socket.destroyed;
  }

  async query({ sql }: Statement, { signal, timeoutMs, maxRows }: QueryLimits): Promise<QueryResult> {
    signal.throwIfAborted();
    const problem = refusal(sql);
    if (problem !== undefined) throw new SourceError('query', 'permission', `the statement ${problem}`);
    let cancelled: Promise<void> | undefined;
    let cutOff: NodeJS.Timeout | undefined;
    const hangUp = () => void this.#session.socket.destroy();
    const cancel = () => {
      cutOff ??= setTimeout(hangUp, CANCEL_LIMIT_MS);
      cancelled ??= this.#killQuery(this.#session.id, AbortSignal.timeout(CANCEL_LIMIT_MS)).catch(hangUp);
      return cancelled;
    };
    // Rows that nobody wants would keep the process from the cancel, so they are left to wait meanwhile.
    const stopReading = () => {
      this.#session.client.pause();
      void cancel().finally(() => this.#session.client.resume());
    };
    const abort = () => void cancel();
    signal.addEventListener('abort', abort, { once: true });
    try {
      // The server's own limit comes a little before ours, so that it ends the query and the connection stays.
      const limitMs = Math.max(1, Math.floor(timeoutMs - Math.min(timeoutMs * 0.05, 200)));
      await run(this.#session, this.#session.limit(limitMs, maxRows + 1));
      await run(this.#session, 'START TRANSACTION READ ONLY');
      signal.throwIfAborted();
      const { columns, rows } = await run(this.#session, sql, maxRows + 1, stopReading);
      const dropped = Math.max(0, rows.length - maxRows);
      return { columns, rows: rows.slice(0, maxRows), dropped, phases: { execute: 0, fetch: 0 } };
    } catch (error) {
      throw mysqlError(error, 'query');
    } finally {
      // A cancel on its way would hit the next statement.
      await cancelled;
      if (this.usable) await run(this.#session, 'ROLLBACK').catch(hangUp);
      signal.removeEventListener('abort', abort);
      await cancelled;
      clearTimeout(cutOff);
    }
  }

  readonly product = 'MariaDB';
  readonly address = '';
  readonly phases = {};

  async state(): Promise<ServerState> {
    return { role: 'primary' };
  }

  async excessRights(): Promise<readonly ExcessRight[]> {
    return [];
  }

  async close(): Promise<void> {
    this.#session.socket.destroy();
  }
}
