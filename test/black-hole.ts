// A port on loopback that answers nothing, not even the wish to connect, as behind a firewall that drops packets.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface BlackHole {
  readonly port: number;
  close(): void;
}

/** A process that listens, is stopped before it accepts anything, and has as many connections waiting as it may: Linux drops the others. */
const LISTENER = `const server = require('net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () =>
  process.stdout.write(String(server.address().port)));`;

/** A connection over loopback takes less than a millisecond. */
const DROPPED_AFTER_MS = 250;

export async function openBlackHole(): Promise<BlackHole> {
  const child = spawn(process.execPath, ['-e', LISTENER], { stdio: ['ignore', 'pipe', 'ignore'] });
  const [text] = await once(child.stdout, 'data');
  const port = Number(String(text));
  child.kill('SIGSTOP');
  const waiting: Socket[] = [];
  while (await fits(port, waiting));
  return {
    port,
    close: () => {
      for (const socket of waiting) socket.destroy();
      child.kill('SIGKILL');
    },
  };
}

async function fits(port: number, waiting: Socket[]): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(port, '127.0.0.1', () => resolve(true));
  socket.on('error', () => resolve(false));
  waiting.push(socket);
  const timer = setTimeout(() => resolve(false), DROPPED_AFTER_MS);
  return await promise.finally(() => clearTimeout(timer));
}
