// The demo exchange and its fleet as `npm start` runs them, on free ports and in a folder of their own.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isFree } from '../port.js';
import { until } from '../wait.js';

export const root = join(import.meta.dirname, '..', '..', '..');
/** How long everything may take to come up on a busy machine. */
const START_LIMIT_MS = 40_000;
const PORTS = 12;
const SFTP_OFFSET = -10;

export interface RunningDemo {
  readonly process: ChildProcess;
  readonly dataDir: string;
  /** Port of the fleet. */
  readonly base: number;
  /** URL of the fleet, ending in a slash. */
  readonly url: string;
  /** What it has printed so far. */
  output(): string;
  /** Waits until it has printed its introduction: all exporters are up then. */
  ready(): Promise<unknown>;
  /** Ctrl-C, and the folder is gone. */
  stop(): Promise<void>;
}

/** In a process group of its own, as in a terminal. */
export function startDemo(base: number, ...args: string[]): RunningDemo {
  const dataDir = mkdtempSync(join(tmpdir(), 'vigie-start-'));
  const script = join(root, 'build', 'demo', 'start.js');
  const child = spawn(process.execPath, [script, '--port-base', String(base), '--data', dataDir, ...args], {
    cwd: root,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (text += data.toString()));
  return {
    process: child,
    dataDir,
    base,
    url: `http://127.0.0.1:${base}/`,
    output: () => text,
    ready: () => until(() => text.includes('What changes is told here'), START_LIMIT_MS),
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) {
        process.kill(-(child.pid ?? 0), 'SIGINT');
        await once(child, 'exit');
      }
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** Below the ports that systems give to connections and to servers that ask for any: what starts later would find its own taken. */
const LOWEST_BASE = 10_000;
const HIGHEST_BASE = 32_000;

/** A base around which the ports of the demo and of the fleet are free. */
export async function freeBase(): Promise<number> {
  return until(async () => {
    const base = LOWEST_BASE + Math.floor(Math.random() * (HIGHEST_BASE - LOWEST_BASE));
    return (await takenPorts(base)).length === 0 ? base : undefined;
  });
}

/** Those of the ports of a demo at `base` that something listens on. */
export async function takenPorts(base: number): Promise<number[]> {
  const ports = [base + SFTP_OFFSET, base + SFTP_OFFSET + 1, ...Array.from({ length: PORTS }, (_, index) => base + index)];
  const free = await Promise.all(ports.map((port) => isFree(port)));
  return ports.filter((_port, index) => !free[index]);
}
