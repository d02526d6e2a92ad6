// What both exporters ask: a small server on loopback that notes when it was asked for what.

import { once } from 'node:events';
import { createServer } from 'node:http';
import { portOf } from '../test/port.js';

export interface Target {
  readonly port: number;
  /** Requests of Vigie so far. */
  asked(): number;
  /** From now on arrivals are noted. */
  record(): void;
  /** Monotonic milliseconds by path. */
  recorded(): ReadonlyMap<string, readonly number[]>;
  close(): Promise<void>;
}

export async function startTarget(): Promise<Target> {
  let asked = 0;
  let arrivals: Map<string, number[]> | undefined;
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    if (path.startsWith('/e')) {
      asked++;
      if (arrivals) {
        const times = arrivals.get(path) ?? [];
        times.push(performance.now());
        arrivals.set(path, times);
      }
    }
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"status": "UP", "version": "1.2.3"}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: portOf(server),
    asked: () => asked,
    record: () => void (arrivals = new Map()),
    recorded: () => arrivals ?? new Map<string, number[]>(),
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
