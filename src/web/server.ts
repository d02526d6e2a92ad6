// Listening for an application, and stopping without cutting off the answers that run.

import { once } from 'node:events';
import type { RequestListener, Server, ServerResponse } from 'node:http';

export interface Listen {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
}

export interface RunningServer {
  readonly server: Server;
  /** Answers that are not sent yet. */
  readonly running: ReadonlySet<ServerResponse>;
}

/**
 * Not imported: for an import, Node.js reads all that the module has to offer, and among it is what loads its HTTP client (undici), which
 * takes an exporter 40 ms and 5 MB.
 */
const { createServer } = process.getBuiltinModule('node:http');

/** A request that has not come whole by then is cut off, up to a check later; Prometheus scrapes every minute or more often. */
const TIMEOUTS = { headersTimeout: 10_000, requestTimeout: 10_000, connectionsCheckingInterval: 5_000, keepAliveTimeout: 75_000 } as const;

/** Resolves once the application is listened for. @throws NodeJS.ErrnoException when the address cannot be listened on */
export async function serve(app: RequestListener, { host, port }: Listen): Promise<RunningServer> {
  const running = new Set<ServerResponse>();
  const server = createServer(TIMEOUTS, app);
  server.prependListener('request', (_request, response) => {
    running.add(response);
    response.once('close', () => running.delete(response));
  });
  server.listen(port, host);
  await once(server, 'listening');
  return { server, running };
}

/**
 * Takes no new connections, lets running answers finish, and cuts off what still runs after the limit.
 * Node's own `close` would cut off answers that are written but not yet sent: it takes their connections for idle.
 */
export async function stopServer({ server, running }: RunningServer, limitMs: number): Promise<void> {
  server.on('connection', (socket) => socket.destroy());
  const limit = setTimeout(() => server.closeAllConnections(), limitMs);
  while (running.size > 0) await Promise.all([...running].map((response) => once(response, 'close')));
  clearTimeout(limit);
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}

/** The port that the server really has. */
export function portOf({ server }: RunningServer): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server does not listen on a port');
  return address.port;
}
