// A real MariaDB server on a free loopback port, with its data in a temporary folder.

import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { freePort } from '../port.js';
import { until } from '../wait.js';
import { program } from './describe.js';

const run = promisify(execFile);

/** MariaDB started as root wants to know whom to be instead; with `root`, its files need no other owner. */
const OWNER = userInfo().username;

export interface Mariadb {
  readonly host: string;
  readonly port: number;
  /** The Unix socket. */
  readonly socket: string;
  /** Runs SQL, several statements too, with all rights and over a connection of its own. */
  admin(sql: string, values?: readonly string[]): Promise<RowDataPacket[]>;
  /** Ends all connections and stops listening. */
  stop(): Promise<void>;
  /** Starts again on the same port, with the same data. */
  start(): Promise<void>;
  /** Stops it and removes its files. */
  remove(): Promise<void>;
}

export interface MariadbOptions {
  /** With them it offers TLS; PEM. */
  readonly tls?: { readonly certificate: string; readonly key: string };
  /** With it, it keeps a log that others can follow; unique among those that follow each other. */
  readonly serverId?: number;
}

export async function startMariadb({ tls, serverId }: MariadbOptions = {}): Promise<Mariadb> {
  const folder = await mkdtemp(join(tmpdir(), 'vigie-mariadb-'));
  const port = await freePort();
  const data = join(folder, 'data');
  const socket = join(folder, 'server.sock');
  const tlsSettings: string[] = [];
  if (tls) {
    await writeFile(join(folder, 'server.crt'), tls.certificate);
    await writeFile(join(folder, 'server.key'), tls.key, { mode: 0o600 });
    tlsSettings.push(`--ssl-cert=${folder}/server.crt`, `--ssl-key=${folder}/server.key`);
  }
  const install = ['--no-defaults', `--datadir=${data}`, `--user=${OWNER}`, '--skip-test-db', '--auth-root-authentication-method=normal'];
  await run('mariadb-install-db', install, { cwd: folder });

  const admin = async (sql: string, values: readonly string[] = []) => {
    const client = await createConnection({ socketPath: socket, user: 'root', multipleStatements: true });
    // The server may go away below it: that shows in the query.
    client.on('error', () => {});
    try {
      const [rows] = await client.query<RowDataPacket[]>(sql, [...values]);
      return rows;
    } finally {
      client.destroy();
    }
  };

  let child: ChildProcess | undefined;
  const start = async () => {
    const place = [`--datadir=${data}`, `--user=${OWNER}`, `--port=${port}`, '--bind-address=127.0.0.1', `--socket=${socket}`];
    const log = serverId === undefined ? ['--skip-log-bin'] : [`--log-bin=${folder}/log`, `--server-id=${serverId}`];
    const settings = [`--pid-file=${folder}/pid`, ...log, '--innodb-flush-log-at-trx-commit=0', '--innodb-buffer-pool-size=16M'];
    // It knows what clients call themselves.
    const names = ['--performance-schema=ON', '--performance-schema-max-digest-length=0'];
    child = spawn(program('mariadbd'), ['--no-defaults', ...place, ...settings, ...names, ...tlsSettings], {
      cwd: folder,
      stdio: 'ignore',
    });
    await until(() => admin('SELECT 1'), 20_000);
  };
  const stop = async () => {
    if (!child || child.exitCode !== null) return;
    const exit = once(child, 'exit');
    child.kill('SIGTERM');
    await exit;
    child = undefined;
  };
  const remove = async () => {
    await stop();
    await rm(folder, { recursive: true, force: true });
  };
  await start();
  return { host: '127.0.0.1', port, socket, admin, start, stop, remove };
}

const REPLICATOR_PASSWORD = 'replicator';

/**
 * A server that takes no writes and follows the primary, with all that was ever written there.
 * @param primary one with a `serverId`
 */
export async function startMariadbReplica(primary: Mariadb, serverId = 2): Promise<Mariadb> {
  await primary.admin("CREATE USER IF NOT EXISTS replicator@'%' IDENTIFIED BY ?; GRANT REPLICATION SLAVE ON *.* TO replicator@'%'", [
    REPLICATOR_PASSWORD,
  ]);
  const replica = await startMariadb({ serverId });
  await replica.admin(
    `CHANGE MASTER TO MASTER_HOST = ?, MASTER_PORT = ${primary.port}, MASTER_USER = 'replicator', MASTER_PASSWORD = ?,
       MASTER_CONNECT_RETRY = 1, MASTER_USE_GTID = slave_pos;
     START SLAVE;
     SET GLOBAL read_only = 1`,
    [primary.host, REPLICATOR_PASSWORD],
  );
  return replica;
}
