// Measures the steps of connecting: the name, the connection, encryption, the login.

import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Connection as Client } from 'mysql2';
import type { ConnectPhase } from '../driver.js';

export interface PhaseClock {
  /** The library changes over to TLS by itself, at a word of the server: from here on that is seen. */
  watchTls(client: Client): void;
  /** @returns milliseconds of each step that there was, the last of them up to now */
  stop(): Partial<Record<ConnectPhase, number>>;
}

/** @param socket one that begins to connect now */
export function startPhaseClock(socket: Socket): PhaseClock {
  const startedAt = performance.now();
  let lookedUpAt: number | undefined;
  let connectedAt = startedAt;
  let tls: number | undefined;
  let look: (() => void) | undefined;
  // Not emitted for addresses and Unix sockets; for a name once for each of its addresses.
  socket.once('lookup', () => void (lookedUpAt = performance.now()));
  socket.once('connect', () => void (connectedAt = performance.now()));
  return {
    watchTls(client) {
      // The library's own listener is called first, and may put a socket of TLS in the place of this one.
      look = () => {
        const stream: unknown = 'stream' in client ? client.stream : undefined;
        if (!(stream instanceof TLSSocket)) return;
        const beganAt = performance.now();
        stream.once('secureConnect', () => void (tls = performance.now() - beganAt));
      };
      socket.on('data', look);
    },
    stop() {
      if (look) socket.off('data', look);
      const connect = connectedAt - (lookedUpAt ?? startedAt);
      const login = performance.now() - connectedAt - (tls ?? 0);
      return { ...(lookedUpAt !== undefined && { dns: lookedUpAt - startedAt }), connect, ...(tls !== undefined && { tls }), login };
    },
  };
}
