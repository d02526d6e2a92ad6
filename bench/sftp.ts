// Side by side with OpenSSH's own client on a real OpenSSH server: one directory with 100,000 files, looked at by both, taking turns.

import { fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NODE_OPTIONS } from '../src/conventions.js';
import type { SftpOptions } from '../src/sources/sftp/schema.js';
import { startSshd, type Sshd } from '../test/servers/sshd.js';
import { block, inbox } from '../test/sources/sftp/fixtures.js';
import { median } from './median.js';
import type { Look } from './sftp-look.js';

const FILES = 100_000;
const ROUNDS = 7;
const PARTNERS = ['chuv', 'hug'] as const;

interface Result extends Record<string, unknown> {
  /** Vigie's time for connecting, logging in and looking, divided by that of `sftp`: less than 1 is better for Vigie. Median of pairs. */
  readonly time: number;
  /** From before the first look to the most that was ever resident. */
  readonly rss_growth_mb: number;
}

/** Needs sshd, sftp and Linux. */
export async function benchSftp(): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'vigie-bench-'));
  const sshd = await startSshd();
  try {
    await fill(sshd.files);
    const theirs = await openSshClient(folder, sshd);
    const listed = await theirs.count();
    if (listed < FILES) throw new Error(`sftp lists ${listed} files, not ${FILES}`);
    return await compare(folder, sshd, theirs);
  } finally {
    await sshd.remove();
    await rm(folder, { recursive: true, force: true });
  }
}

async function compare(folder: string, sshd: Sshd, theirs: OpenSshClient): Promise<Result> {
  const ours = await startLooks(folder, sshd);
  const times = { theirs: [] as number[], connecting: [] as number[], connected: [] as number[] };
  const first = await ours.look(true);
  for (let round = 0; round < ROUNDS; round++) {
    const turns = [
      async () => void times.theirs.push(await theirs.list()),
      async () => void times.connecting.push((await ours.look(true)).ms),
    ];
    for (const turn of round % 2 === 0 ? turns : turns.toReversed()) await turn();
    times.connected.push((await ours.look(false)).ms);
  }
  const last = await ours.look(false);
  ours.stop();
  const growth = last.residentMB.peak - ours.residentMB;
  tell('sftp, ls -lnf', times.theirs);
  tell('Vigie, first look of a process', [first.ms]);
  tell('Vigie, connecting', times.connecting);
  tell('Vigie, over the connection it has', times.connected);
  process.stderr.write(`resident: ${ours.residentMB.toFixed(0)} MB before the first look, at most ${last.residentMB.peak.toFixed(0)} MB\n`);
  const pairs = times.connecting.map((ms, index) => ms / (times.theirs[index] ?? Number.NaN));
  return { time: Number(median(pairs).toPrecision(3)), rss_growth_mb: Math.round(growth * 10) / 10 };
}

async function fill(folder: string): Promise<void> {
  for (let index = 0; index < FILES; index += 100) {
    const names = Array.from({ length: 100 }, (_, offset) => `${PARTNERS[offset % 2]}_20261123_${index + offset}.xml`);
    await Promise.all(names.map((name) => writeFile(join(folder, name), 'content\n')));
  }
}

interface OpenSshClient {
  /** Connects, logs in and lists with sizes and times, as fast as it can: unsorted, nobody reading. @returns milliseconds */
  list(): Promise<number>;
  /** How many lines it lists. */
  count(): Promise<number>;
}

async function openSshClient(folder: string, { port, user, userKey, hostKey, files }: Sshd): Promise<OpenSshClient> {
  const batch = join(folder, 'batch');
  const knownHosts = join(folder, 'known_hosts');
  await writeFile(batch, `ls -lnf ${files}\n`);
  await writeFile(knownHosts, `[127.0.0.1]:${port} ${hostKey}\n`);
  const options = [`UserKnownHostsFile=${knownHosts}`, 'GlobalKnownHostsFile=none', 'StrictHostKeyChecking=yes', 'IdentitiesOnly=yes'];
  const args = ['-q', '-b', batch, '-P', `${port}`, '-i', userKey, ...options.flatMap((option) => ['-o', option]), `${user}@127.0.0.1`];
  return {
    list: async () => {
      const began = performance.now();
      await succeeded(spawn('sftp', args, { stdio: ['ignore', 'ignore', 'inherit'] }));
      return performance.now() - began;
    },
    count: async () => {
      const child = spawn('sftp', args, { stdio: ['ignore', 'pipe', 'inherit'] });
      let lines = 0;
      child.stdout.on('data', (bytes: Buffer) => {
        for (const byte of bytes) if (byte === 0x0a) lines++;
      });
      await succeeded(child);
      return lines;
    },
  };
}

async function succeeded(child: ChildProcess): Promise<void> {
  const [code]: unknown[] = await once(child, 'close');
  if (code !== 0) throw new Error(`sftp ended with ${String(code)}`);
}

interface Looks {
  /** Before the first look. */
  readonly residentMB: number;
  /** @throws Error unless it saw all files */
  look(connects: boolean): Promise<Look>;
  stop(): void;
}

async function startLooks(folder: string, sshd: Sshd): Promise<Looks> {
  const options: SftpOptions = {
    ...block,
    port: sshd.port,
    user: sshd.user,
    key: { file: sshd.userKey },
    host_key: sshd.fingerprint,
    directories: [{ ...inbox, path: sshd.files }],
  };
  const file = join(folder, 'options.json');
  await writeFile(file, JSON.stringify(options));
  const child = fork(join(import.meta.dirname, 'sftp-look.js'), [file], { execArgv: [...NODE_OPTIONS] });
  const { now } = await answer<{ now: number }>(child);
  return {
    residentMB: now,
    look: async (connects) => {
      const answered = answer<Look>(child);
      child.send(connects);
      const look = await answered;
      if (look.files !== FILES) throw new Error(`Vigie counts ${look.files} files, not ${FILES}`);
      return look;
    },
    stop: () => child.disconnect(),
  };
}

/** @throws Error when the process ends instead */
function answer<T>(child: ChildProcess): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const onExit = () => reject(new Error('the process that looks has ended'));
  child.once('exit', onExit);
  child.once('message', (message: T) => resolve(message));
  return promise.finally(() => child.off('exit', onExit));
}

function tell(what: string, times: readonly number[]): void {
  const all = times.map((ms) => Math.round(ms)).join(', ');
  process.stderr.write(`${what.padEnd(36)} ${median(times).toFixed(0).padStart(6)} ms (${all})\n`);
}
