// Real PostgreSQL servers on free loopback ports, with their data in temporary folders.

import { execFile, execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { realpathSync } from 'node:fs';
import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { freePort } from '../port.js';
import { until } from '../wait.js';
import { program } from './describe.js';

const run = promisify(execFile);

/** PostgreSQL refuses to run as root; the distribution's package brings this user. */
const UNPRIVILEGED = 'postgres';
const ADMIN = 'admin';
const ADMIN_PASSWORD = 'admin-of-the-tests';

export interface Postgres {
  readonly host: string;
  readonly port: number;
  /** The database that `admin` works in. */
  readonly database: string;
  /** Folder of the Unix socket. */
  readonly socketFolder: string;
  /** Runs SQL as superuser, over a connection of its own. */
  admin(sql: string, values?: readonly unknown[]): Promise<Record<string, unknown>[]>;
  /** Ends all connections and stops listening. */
  stop(): Promise<void>;
  /** Starts again on the same port, with the same data. */
  start(): Promise<void>;
  /** Stops it and removes its files. */
  remove(): Promise<void>;
}

export interface PostgresOptions {
  /** With them it offers TLS; PEM. */
  readonly tls?: { readonly certificate: string; readonly key: string };
}

export async function startPostgres({ tls }: PostgresOptions = {}): Promise<Postgres> {
  const owner = ownerIds();
  const folder = await ownFolder(owner);
  await writeOwned(join(folder, 'password'), ADMIN_PASSWORD, owner);
  if (tls) {
    await writeOwned(join(folder, 'server.crt'), tls.certificate, owner);
    await writeOwned(join(folder, 'server.key'), tls.key, owner);
  }
  const options = ['-A', 'scram-sha-256', '-U', ADMIN, `--pwfile=${join(folder, 'password')}`, '--no-sync', '-E', 'UTF8', '--locale=C'];
  await run(tool('initdb'), ['-D', dataOf(folder), ...options], { ...owner, cwd: folder });
  const tlsSettings = tls ? ['ssl=on', `ssl_cert_file=${folder}/server.crt`, `ssl_key_file=${folder}/server.key`] : [];
  return await serve(folder, owner, tlsSettings);
}

/** A hot standby that follows the server by streaming replication. */
export async function startPostgresReplica(primary: Postgres): Promise<Postgres> {
  const owner = ownerIds();
  const folder = await ownFolder(owner);
  const options = ['-h', primary.host, '-p', String(primary.port), '-U', ADMIN, '-R', '-X', 'stream', '-c', 'fast', '--no-sync'];
  const env = { ...process.env, PGPASSWORD: ADMIN_PASSWORD };
  await run(tool('pg_basebackup'), ['-D', dataOf(folder), ...options], { ...owner, cwd: folder, env });
  // A lost primary is looked for often.
  return await serve(folder, owner, ['wal_retrieve_retry_interval=100ms']);
}

/** Starts a server on the data in the folder. */
async function serve(folder: string, owner: Owner | undefined, ownSettings: readonly string[]): Promise<Postgres> {
  const port = await freePort();
  const admin = async (sql: string, values: readonly unknown[] = []) => {
    const client = new Client({ host: '127.0.0.1', port, database: 'postgres', user: ADMIN, password: ADMIN_PASSWORD });
    // The server may go away below it: that shows in the query.
    client.on('error', () => {});
    await client.connect();
    try {
      const { rows } = await client.query<Record<string, unknown>>(sql, [...values]);
      return rows;
    } finally {
      await client.end();
    }
  };

  let child: ChildProcess | undefined;
  const start = async () => {
    const settings = ['listen_addresses=127.0.0.1', 'fsync=off', 'log_min_messages=panic', ...ownSettings];
    const options = ['-D', dataOf(folder), '-p', String(port), '-k', folder, ...settings.flatMap((setting) => ['-c', setting])];
    child = spawn(program('postgres'), options, { ...owner, cwd: folder, stdio: 'ignore' });
    await until(() => admin('SELECT 1'), 20_000);
  };
  const stop = async () => {
    if (!child || child.exitCode !== null) return;
    const exit = once(child, 'exit');
    // Fast shutdown: connections are ended, not waited for.
    child.kill('SIGINT');
    await exit;
    child = undefined;
  };
  await start();
  const remove = async () => {
    await stop();
    await rm(folder, { recursive: true, force: true });
  };
  return { host: '127.0.0.1', port, database: 'postgres', socketFolder: folder, admin, start, stop, remove };
}

/** Programs that come with the server lie beside it, also where its own is found by a link. */
function tool(name: 'initdb' | 'pg_basebackup'): string {
  return join(dirname(realpathSync(program('postgres'))), name);
}

async function ownFolder(owner: Owner | undefined): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'vigie-pg-'));
  if (owner) await chown(folder, owner.uid, owner.gid);
  return folder;
}

function dataOf(folder: string): string {
  return join(folder, 'data');
}

interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** Whom the server runs as; undefined where that is who runs the tests. */
function ownerIds(): Owner | undefined {
  if (userInfo().uid !== 0) return undefined;
  return { uid: idOf('-u'), gid: idOf('-g') };
}

function idOf(flag: '-u' | '-g'): number {
  return Number(execFileSync('id', [flag, UNPRIVILEGED], { encoding: 'utf8' }));
}

async function writeOwned(path: string, text: string, owner: Owner | undefined): Promise<void> {
  await writeFile(path, text, { mode: 0o600 });
  if (owner) await chown(path, owner.uid, owner.gid);
}
