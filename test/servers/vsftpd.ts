// A real vsftpd on a free loopback port, with files, certificate and password of its own in a temporary folder. It logs in through no
// account of the machine: "anonymous" is the only user, and one password is accepted of it.

import { spawn, type ChildProcess } from 'node:child_process';
import { chmod, chown, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { freePort } from '../port.js';
import { until } from '../wait.js';
import { program } from './describe.js';
import { childrenOf, signalTree } from './process-tree.js';

/** As root, files are read and written as this user: one whose home exists, since vsftpd goes there first. */
const UNPRIVILEGED = 'daemon';

export interface VsftpdOptions {
  /** Default: none. Over TLS, clear text is refused, and data channels must go on with the session of the control channel. */
  readonly tls?: 'none' | 'explicit' | 'implicit';
  /** In PEM format; the chain of the certificate included. Needed for TLS. */
  readonly certificate?: { readonly key: string; readonly cert: string };
  /** The authority that certificates of clients must come from, where they are demanded. */
  readonly clientAuthority?: string;
  /** More lines of vsftpd.conf: they win. */
  readonly settings?: Readonly<Record<string, string | number>>;
}

export interface Vsftpd {
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** What the user sees as `/` and may not write to. */
  readonly files: string;
  /** Makes a directory below `files` that the user may write to. */
  directory(name: string): Promise<string>;
  /** Process ids of the connections there are. */
  connections(): Promise<number[]>;
  /** Ends all connections, and goes on listening. */
  dropConnections(): Promise<void>;
  /** Lets all connections hang: they stay open, and nothing is answered any more. */
  freezeConnections(): Promise<void>;
  /** Stops listening and ends all connections. */
  stop(): Promise<void>;
  /** Starts again on the same port. @param options in place of the former ones */
  start(options?: VsftpdOptions): Promise<void>;
  /** Stops it and removes its files. */
  remove(): Promise<void>;
}

export async function startVsftpd(options: VsftpdOptions = {}): Promise<Vsftpd> {
  const folder = await mkdtemp(join(tmpdir(), 'vigie-vsftpd-'));
  await chmod(folder, 0o755);
  const files = join(folder, 'files');
  const owner = userInfo().uid === 0 ? await identity(UNPRIVILEGED) : undefined;
  const own = async (path: string) => {
    await mkdir(path);
    if (owner) await chown(path, owner.uid, owner.gid);
    return path;
  };
  // vsftpd takes no root that the user may write to.
  await mkdir(files);
  await mkdir(join(folder, 'empty'));
  const password = randomBytes(9).toString('hex');
  await writeFile(join(folder, 'passwords'), `${password}\n`);
  const port = await freePort();
  let current = options;
  let child: ChildProcess | undefined;

  const stop = async () => {
    if (child?.pid !== undefined && child.exitCode === null) await signalTree(child.pid, 'SIGKILL');
    child = undefined;
    await until(async () => !(await listens(port)));
  };
  const start = async (changed: VsftpdOptions = current) => {
    current = changed;
    const config = join(folder, 'vsftpd.conf');
    await writeFile(config, await configuration(folder, port, current));
    let output = '';
    const started = spawn(program('vsftpd'), [config], { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [started.stdout, started.stderr]) stream.on('data', (data: Buffer) => (output += data.toString()));
    child = started;
    await until(async () => {
      if (started.exitCode !== null) throw new Error(`vsftpd ended: ${output}`);
      return listens(port);
    });
    // The connection that saw it listen shall not be counted among those of a test.
    await until(async () => (await childrenOf(started.pid)).length === 0);
  };

  await start();
  return {
    port,
    user: 'anonymous',
    password,
    files,
    directory: (name) => own(join(files, name)),
    connections: () => childrenOf(child?.pid),
    dropConnections: async () => {
      for (const connection of await childrenOf(child?.pid)) await signalTree(connection, 'SIGKILL');
    },
    freezeConnections: async () => {
      for (const connection of await childrenOf(child?.pid)) await signalTree(connection, 'SIGSTOP');
    },
    stop,
    start,
    remove: async () => {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function configuration(folder: string, port: number, options: VsftpdOptions): Promise<string> {
  const { tls = 'none', settings = {} } = options;
  const lines: Record<string, string | number> = {
    listen: 'YES',
    listen_address: '127.0.0.1',
    listen_port: port,
    background: 'NO',
    local_enable: 'NO',
    anonymous_enable: 'YES',
    anon_root: join(folder, 'files'),
    secure_email_list_enable: 'YES',
    email_password_file: join(folder, 'passwords'),
    write_enable: 'YES',
    anon_upload_enable: 'YES',
    anon_mkdir_write_enable: 'YES',
    anon_other_write_enable: 'YES',
    anon_world_readable_only: 'NO',
    secure_chroot_dir: join(folder, 'empty'),
    // Containers allow no sandbox within the sandbox that they are.
    seccomp_sandbox: 'NO',
    isolate: 'NO',
    isolate_network: 'NO',
    ...(userInfo().uid === 0 ? { ftp_username: UNPRIVILEGED } : { run_as_launching_user: 'YES' }),
    ...(tls === 'none' ? {} : await tlsSettings(folder, options)),
    ...settings,
  };
  return `${Object.entries(lines)
    .map(([name, value]) => `${name}=${value}`)
    .join('\n')}\n`;
}

async function tlsSettings(folder: string, options: VsftpdOptions): Promise<Record<string, string>> {
  const { tls, certificate, clientAuthority } = options;
  if (!certificate) throw new Error('TLS needs a certificate');
  const [cert, key, authority] = ['certificate.pem', 'key.pem', 'authority.pem'].map((name) => join(folder, name));
  if (cert === undefined || key === undefined || authority === undefined) throw new Error('three files');
  await writeFile(cert, certificate.cert);
  await writeFile(key, certificate.key);
  if (clientAuthority !== undefined) await writeFile(authority, clientAuthority);
  return {
    ssl_enable: 'YES',
    implicit_ssl: tls === 'implicit' ? 'YES' : 'NO',
    allow_anon_ssl: 'YES',
    force_anon_logins_ssl: 'YES',
    force_anon_data_ssl: 'YES',
    require_ssl_reuse: 'YES',
    ssl_ciphers: 'HIGH',
    rsa_cert_file: cert,
    rsa_private_key_file: key,
    ...(clientAuthority === undefined ? {} : { require_cert: 'YES', validate_cert: 'YES', ca_certs_file: authority }),
  };
}

/** Whether something listens there. */
function listens(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect({ host: '127.0.0.1', port });
  socket.once('error', () => resolve(false));
  socket.once('connect', () => resolve(true));
  return promise.finally(() => socket.destroy());
}

async function identity(name: string): Promise<{ readonly uid: number; readonly gid: number }> {
  const line = (await readFile('/etc/passwd', 'utf8')).split('\n').find((entry) => entry.startsWith(`${name}:`));
  const [, , uid, gid] = line?.split(':') ?? [];
  if (uid === undefined || gid === undefined) throw new Error(`no user ${name} on this machine`);
  return { uid: Number(uid), gid: Number(gid) };
}
