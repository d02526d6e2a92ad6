// Opens a session on MySQL or MariaDB: reaches the server, encrypts, logs in, and makes the session read-only.

import { isIP, Socket } from 'node:net';
import type { ConnectionOptions } from 'mysql2';
import { SourceError } from '../../kind.js';
import { CANCEL_LIMIT_MS, type ConnectContext, type ConnectPhase } from '../driver.js';
import type { ConnectionSettings } from '../schema.js';
import { encryptionOf } from './encryption.js';
import { engineOf, limitStatement, textOfCell, type Engine } from './mysql-engine.js';
import { mysqlError } from './mysql-errors.js';
import { startPhaseClock } from './mysql-phases.js';
import { run, unlessLost, type Wire } from './mysql-wire.js';

const DEFAULT_PORT = 3306;
/** Of what mysql2 turns on by itself: sending files to the server, and a dialect in which `count` is no column name. */
const WITHOUT_FLAGS = ['-LOCAL_FILES', '-IGNORE_SPACE'];

export interface Reach {
  /** A Unix socket, or host and port. */
  readonly target: { readonly path: string } | { readonly host: string; readonly port: number };
  readonly options: ConnectionOptions;
  /** Read anew for each connection. */
  readonly password: () => Promise<string>;
}

export interface OpenSession extends Wire {
  /** Number of the session on the server, in digits. */
  readonly id: string;
  readonly engine: Engine;
  /** Milliseconds. */
  readonly phases: Readonly<Partial<Record<ConnectPhase, number>>>;
}

export async function reachOf(
  { server, port, database, user, password, tls }: ConnectionSettings,
  context: ConnectContext,
): Promise<Reach> {
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

/** As messages name the server. */
export function addressOf({ target }: Reach): string {
  if ('path' in target) return target.path;
  return target.host.includes(':') ? `[${target.host}]:${target.port}` : `${target.host}:${target.port}`;
}

/** @throws SourceError of phase `connect` or `login` */
export async function open(reach: Reach, application: string, signal: AbortSignal): Promise<OpenSession> {
  const secret = await reach.password();
  const { createConnection } = await import('mysql2');
  if (signal.aborted) throw new SourceError('connect', 'timeout', 'no time was left to connect');
  const socket = new Socket();
  const clock = startPhaseClock(socket);
  socket.setNoDelay(true).setKeepAlive(true).connect(reach.target);
  const abort = () => socket.destroy();
  signal.addEventListener('abort', abort, { once: true });
  try {
    const client = createConnection({
      ...reach.options,
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
    clock.watchTls(client);
    // What is lost between two queries shows in `usable`; without a listener it would end the process.
    client.on('error', () => socket.destroy());
    const wire = { client, socket };
    await unlessLost(wire, (resolve, reject) => client.connect((error) => (error ? reject(error) : resolve())));
    return { ...wire, ...(await prepare(wire)), phases: clock.stop() };
  } catch (error) {
    socket.destroy();
    const { phase, errorClass, message } = mysqlError(error, 'connect');
    throw new SourceError(phase, errorClass, `${addressOf(reach)}: ${message}`);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/** The zone of the session stays the server's: statements mean what they mean in the administrator's own client. */
async function prepare(wire: Wire): Promise<Pick<OpenSession, 'id' | 'engine'>> {
  await run(wire, 'SET NAMES utf8mb4');
  await run(wire, 'SET SESSION TRANSACTION READ ONLY');
  const { rows } = await run(wire, 'SELECT CONNECTION_ID(), VERSION()');
  const [id = '', version = ''] = (rows[0] ?? []).map(textOfCell);
  // It is put into the statement that cancels a query.
  if (!/^\d+$/.test(id)) throw new SourceError('connect', 'protocol', 'the server does not tell the number of the session');
  const engine = engineOf(version);
  // So that a server too old for it is told from one that fails later.
  await run(wire, limitStatement(engine, CANCEL_LIMIT_MS, 1));
  return { id, engine };
}
