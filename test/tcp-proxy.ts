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

export async function startTcpProxy(targetPort: number): Promise<TcpProxy> {
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
    client.pipe(target).pipe(client);
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
