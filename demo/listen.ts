// What the two servers of the demo share: starting, and stopping with all connections.

import { once } from 'node:events';
import type { Server } from 'node:net';

export const HOST = '127.0.0.1';

/** Something of the exchange that can be stopped and started while the rest goes on. */
export interface Part {
  readonly running: boolean;
  /** @throws NodeJS.ErrnoException when the port is taken */
  start(): Promise<void>;
  /** Ends connections too. */
  stop(): Promise<void>;
}

/** @throws NodeJS.ErrnoException */
export async function listen(server: Server, port: number): Promise<void> {
  server.listen(port, HOST);
  await once(server, 'listening');
}
