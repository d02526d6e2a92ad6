// Servers on loopback that misbehave, each in one way.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';

/** What is running, and how it ends. */
export interface Running {
  readonly port: number;
  close(): Promise<void>;
}

/** @param behave what is done with each connection; errors of sockets are nobody's concern here */
export async function serve(behave: (socket: Socket) => void, tls?: TlsOptions): Promise<Running> {
  const sockets = new Set<Socket>();
  const onSocket = (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    behave(socket);
  };
  const server: Server = tls === undefined ? createServer(onSocket) : createTlsServer(tls, onSocket);
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A port on which nothing listens: it has just been given back. */
export async function closedPort(): Promise<Running> {
  const given = await serve(() => {});
  await given.close();
  return { port: given.port, close: async () => {} };
}

/** Says the same to everybody, at once, and then nothing more. */
export function saying(text: string | Buffer): (socket: Socket) => void {
  return (socket) => void socket.write(text);
}

/** Answers once something was sent. */
export function answering(text: string | Buffer, then: (socket: Socket) => void = () => {}): (socket: Socket) => void {
  return (socket) => {
    socket.once('data', () => {
      socket.write(text);
      then(socket);
    });
  };
}

/** Sends the same piece again and again, as fast as it is taken, or one every so many milliseconds. */
export function endlessly(begin: string, piece: string, everyMs = 0): (socket: Socket) => void {
  return (socket) => {
    socket.once('data', () => {
      socket.write(begin);
      if (everyMs > 0) {
        const timer = setInterval(() => socket.write(piece), everyMs);
        socket.on('close', () => clearInterval(timer));
        return;
      }
      const pour = () => {
        while (!socket.destroyed && socket.write(piece));
      };
      socket.on('drain', pour);
      pour();
    });
  };
}

/**
 * Listens, and lets no connection be made: the process behind it is stopped and its queue is full, so that the kernel answers no SYN.
 * That is what a firewall that drops looks like.
 */
export async function blackHole(): Promise<Running> {
  const program =
    "const s = require('node:net').createServer(); s.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => console.log(s.address().port))";
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'ignore'] });
  const [line]: unknown[] = await once(child.stdout, 'data');
  const port = Number(String(line));
  child.kill('SIGSTOP');
  const fillers: Socket[] = [];
  // Those that are answered fill the queue; the first one that is not shows that it is full.
  for (let full = false; !full;) {
    const filler = connect({ port, host: '127.0.0.1' }).on('error', () => {});
    fillers.push(filler);
    const limit = AbortSignal.timeout(300);
    full = await once(filler, 'connect', { signal: limit }).then(
      () => false,
      () => true,
    );
  }
  return {
    port,
    close: async () => {
      for (const filler of fillers) filler.destroy();
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    },
  };
}
