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
}

export async function startMariadb({ tls }: MariadbOptions = {}): Promise<Mariadb> {
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
    const settings = [`--pid-file=${folder}/pid`, '--skip-log-bin', '--innodb-flush-log-at-trx-commit=0', '--innodb-buffer-pool-size=16M'];
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
