// A real OpenSSH server on a free loopback port, with keys and files of its own in a temporary folder.

import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { appendFile, chmod, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../port.js';
import { until } from '../wait.js';
import { program } from './describe.js';
import { childrenOf, signalTree } from './process-tree.js';

const run = promisify(execFile);

/** sshd lets root's files be read by root alone whatever their mode, so as root somebody else logs in. */
const UNPRIVILEGED = 'nobody';

export interface Sshd {
  readonly port: number;
  readonly user: string;
  /** Everything below is readable by the user unless a test changes it. */
  readonly files: string;
  /** Private key that may log in. */
  readonly userKey: string;
  /** Private key that may not. */
  readonly strangerKey: string;
  /** Public host key, as a line of known_hosts without the name: `ssh-ed25519 AAAA…`. */
  readonly hostKey: string;
  readonly fingerprint: string;
  /** File and fingerprint of the key that `otherHostKey` is about. */
  readonly otherHostKey: { readonly file: string; readonly fingerprint: string };
  /** Lets one more public key log in. */
  allow(publicKey: string): Promise<void>;
  /** Process ids of the connections there are. */
  connections(): Promise<number[]>;
  /** Ends all connections, and goes on listening. */
  dropConnections(): Promise<void>;
  /** Lets all connections hang: they stay open, and nothing is answered any more. */
  freezeConnections(): Promise<void>;
  /** Stops listening and ends all connections. */
  stop(): Promise<void>;
  /** Starts again on the same port, with the same host key unless another is wanted, and with more lines of configuration. */
  start(options?: { readonly otherHostKey?: boolean; readonly lines?: readonly string[] }): Promise<void>;
  /** Stops it and removes its files. */
  remove(): Promise<void>;
}

export async function startSshd(): Promise<Sshd> {
  const folder = await mkdtemp(join(tmpdir(), 'vigie-sshd-'));
  await chmod(folder, 0o755);
  const files = join(folder, 'files');
  await mkdir(files);
  for (const name of ['host', 'other-host', 'user', 'stranger']) await generateKey(join(folder, name));
  await copyFile(join(folder, 'user.pub'), join(folder, 'authorized_keys'));
  const root = userInfo().uid === 0;
  if (root) await mkdir('/run/sshd', { recursive: true, mode: 0o755 });
  const port = await freePort();
  const penalties = await knowsPenalties();
  let child: ChildProcess | undefined;

  const stop = async () => {
    if (child?.pid !== undefined && child.exitCode === null) await signalTree(child.pid, 'SIGKILL');
    child = undefined;
    await until(async () => !(await reachable(port)));
  };
  const start: Sshd['start'] = async ({ otherHostKey = false, lines = [] } = {}) => {
    const config = join(folder, 'sshd_config');
    await writeFile(config, [...lines, configuration(folder, port, otherHostKey ? 'other-host' : 'host', penalties)].join('\n'));
    let output = '';
    const started = spawn(program('sshd'), ['-D', '-e', '-f', config], { stdio: ['ignore', 'ignore', 'pipe'] });
    started.stderr.on('data', (data: Buffer) => (output += data.toString()));
    child = started;
    await until(async () => {
      if (started.exitCode !== null) throw new Error(`sshd ended: ${output}`);
      return reachable(port);
    });
  };

  await start();
  return {
    port,
    user: root ? UNPRIVILEGED : userInfo().username,
    files,
    userKey: join(folder, 'user'),
    strangerKey: join(folder, 'stranger'),
    hostKey: (await readFile(join(folder, 'host.pub'), 'utf8')).split(' ').slice(0, 2).join(' '),
    fingerprint: await fingerprint(join(folder, 'host.pub')),
    otherHostKey: { file: join(folder, 'other-host'), fingerprint: await fingerprint(join(folder, 'other-host.pub')) },
    allow: async (publicKey) => appendFile(join(folder, 'authorized_keys'), await readFile(publicKey)),
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

/** The fingerprint as OpenSSH itself prints it. */
async function fingerprint(publicKey: string): Promise<string> {
  const { stdout } = await run('ssh-keygen', ['-lf', publicKey]);
  return stdout.split(' ')[1] ?? '';
}

export async function generateKey(path: string, passphrase = ''): Promise<void> {
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', passphrase, '-C', 'vigie test', '-f', path]);
}

function configuration(folder: string, port: number, hostKey: string, penalties: boolean): string {
  return [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${join(folder, hostKey)}`,
    `AuthorizedKeysFile ${join(folder, 'authorized_keys')}`,
    'PidFile none',
    'StrictModes no',
    'UsePAM no',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'Subsystem sftp internal-sftp',
    'ForceCommand internal-sftp',
    ...(penalties ? ['PerSourcePenalties no'] : []),
    '',
  ].join('\n');
}

/** Whether a server greets there as SSH servers do. */
function reachable(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect({ host: '127.0.0.1', port });
  socket.once('error', () => resolve(false));
  socket.once('close', () => resolve(false));
  socket.once('data', (greeting) => resolve(greeting.toString('latin1').startsWith('SSH-2.0-')));
  return promise.finally(() => socket.destroy());
}

/** From 9.8 on, sshd keeps off addresses that fail to log in; tests fail on purpose. */
async function knowsPenalties(): Promise<boolean> {
  const text = await run(program('sshd'), ['-V']).then(
    ({ stderr }) => stderr,
    (error: unknown) => (error instanceof Error && 'stderr' in error ? String(error.stderr) : ''),
  );
  const [, major, minor] = /OpenSSH_(\d+)\.(\d+)/.exec(text) ?? [];
  return Number(major) > 9 || (Number(major) === 9 && Number(minor) >= 8);
}
