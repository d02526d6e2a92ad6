// A proxy on loopback that stops forwarding when it is told to, as a firewall does that forgets a connection.

import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { portOf } from '../../port.js';

export interface StallingProxy {
  readonly port: number;
  /** From now on nothing passes, in both directions; connections stay open, and new ones are accepted. */
  stall(): void;
  /** New connections pass again; those from before stay stalled. */
  recover(): void;
  stop(): Promise<void>;
}

export async function startStallingProxy(target: { readonly host: string; readonly port: number }): Promise<StallingProxy> {
  const sockets = new Set<Socket>();
  let stalled = false;
  const server = createServer((near) => {
    const far = connect(target);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from
        .on('error', () => {})
        .once('close', () => {
          sockets.delete(from);
          to.destroy();
        });
      if (!stalled) from.pipe(to);
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: portOf(server),
    stall: () => {
      stalled = true;
      for (const socket of sockets) socket.unpipe().pause();
    },
    recover: () => void (stalled = false),
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
