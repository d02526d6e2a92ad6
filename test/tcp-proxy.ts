// A TCP proxy that counts what goes through, and can stop forwarding without closing anything, as a firewall does that forgets a
// connection.

import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { portOf } from './port.js';

export interface TcpProxy {
  readonly port: number;
  /** What the target has sent so far. */
  answeredBytes(): number;
  /** From now on nothing goes through; connections stay open and new ones are accepted. */
  freeze(): void;
  /** Forwards connections that are opened from now on. */
  thaw(): void;
  close(): Promise<void>;
}

export interface ProxyOptions {
  /** What the target sends goes through one byte at a time, with so many milliseconds in between. */
  readonly byteEveryMs?: number;
  /** What the target sends goes through so many milliseconds later. */
  readonly delayMs?: number;
}

export async function startTcpProxy(targetPort: number, { byteEveryMs, delayMs }: ProxyOptions = {}): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let frozen = false;
  let answered = 0;
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket));
  };
  const server = createServer((client) => {
    keep(client);
    if (frozen) return;
    const target = connect(targetPort, '127.0.0.1');
    keep(target);
    target.on('data', (bytes) => (answered += bytes.length));
    if (byteEveryMs !== undefined) drip(target, client, byteEveryMs);
    else if (delayMs !== undefined) delay(target, client, delayMs);
    else target.pipe(client);
    client.pipe(target);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: portOf(server),
    answeredBytes: () => answered,
    freeze: () => {
      frozen = true;
      for (const socket of sockets) socket.unpipe().pause();
    },
    thaw: () => void (frozen = false),
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function drip(from: Socket, to: Socket, everyMs: number): void {
  const waiting: Buffer[] = [];
  from.on('data', (bytes) => waiting.push(...Array.from(bytes, (byte) => Buffer.from([byte]))));
  const timer = setInterval(() => {
    const byte = waiting.shift();
    if (byte) to.write(byte);
  }, everyMs);
  to.on('close', () => clearInterval(timer));
}

function delay(from: Socket, to: Socket, ms: number): void {
  from.on('data', (bytes) => setTimeout(() => to.write(bytes), ms));
}
