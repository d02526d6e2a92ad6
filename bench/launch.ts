// An exporter as a process of its own, started the way a user starts it.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { NODE_OPTIONS } from '../src/conventions.js';
import { freePort } from '../test/port.js';

const VIGIE = join(import.meta.dirname, '..', 'src', 'main.js');
const START_LIMIT_MS = 120_000;

export interface Exporter {
  readonly process: ChildProcess;
  readonly port: number;
  /** From the start of the process to its first answered scrape. */
  readonly startedMs: number;
}

interface Program {
  readonly path: string;
  /** Its arguments, given the port that it is to listen on. */
  readonly args: (port: number) => readonly string[];
  /** Beside the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
}

/** `vigie` with the arguments, on a free port of loopback, as the fleet and the command start it. */
export function launchVigie(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Exporter> {
  return launch({ path: process.execPath, args: (port) => [...NODE_OPTIONS, VIGIE, ...args, '--listen', `127.0.0.1:${port}`], env });
}

/** Resolves once it answers a scrape. @throws Error with what it said when it ends or does not answer in time */
export async function launch({ path, args, env = {} }: Program): Promise<Exporter> {
  const port = await freePort();
  const began = performance.now();
  const child = spawn(path, args(port), { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, ...env } });
  let complaint = '';
  child.stderr.on('data', (data: Buffer) => (complaint += data.toString()));
  const command = [path, ...args(port)].join(' ');
  while (!(await answers(port))) {
    if (child.exitCode !== null) throw new Error(`${command} ended by itself: ${complaint}`);
    if (performance.now() - began > START_LIMIT_MS) throw new Error(`${command} gave no answer within ${START_LIMIT_MS} ms: ${complaint}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  return { process: child, port, startedMs: performance.now() - began };
}

export async function stop({ process: child }: Exporter): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}

async function answers(port: number): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/metrics`);
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}
