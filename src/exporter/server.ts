// HTTP of one exporter: metrics, health, reload, status, landing page.

import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import express, { type NextFunction, type Request, type Response } from 'express';
import type { Logger } from 'pino';
import type { RenderedPage } from '../web/page.js';
import type { Format } from './exposition.js';
import { landingPage, notFoundPage } from './landing.js';
import { acceptsGzip, chooseFormat } from './negotiate.js';
import type { Scrape } from './scrape.js';
import { StartError } from './start-error.js';
import type { ExporterStatus } from './status.js';

export interface Listen {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
}

export interface ReloadAnswer {
  readonly ok: boolean;
  /** What to tell who asked. */
  readonly message: string;
}

/** What the server shows. */
export interface Exposed {
  scrape(format: Format, gzip: boolean): Promise<Scrape>;
  readonly ready: boolean;
  status(): ExporterStatus;
  reload(): Promise<ReloadAnswer>;
  now(): number;
}

export interface RunningServer {
  readonly server: Server;
  /** Answers that are not sent yet. */
  readonly running: ReadonlySet<ServerResponse>;
}

/** @throws StartError when the address cannot be listened on */
export async function startServer(exposed: Exposed, { host, port }: Listen, logger: Logger): Promise<RunningServer> {
  try {
    return await serve(createApp(exposed, logger), { host, port });
  } catch (error) {
    throw new StartError(explainListen(error, host, port));
  }
}

/** Resolves once the application is listened for. @throws NodeJS.ErrnoException when the address cannot be listened on */
export async function serve(app: RequestListener, { host, port }: Listen): Promise<RunningServer> {
  const running = new Set<ServerResponse>();
  const server = createServer({ headersTimeout: 10_000, requestTimeout: 10_000, keepAliveTimeout: 75_000 }, app);
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

function createApp(exposed: Exposed, logger: Logger) {
  const app = express();
  app.disable('x-powered-by');
  // Nothing here is worth caching, and a digest of each answer costs more than the answer.
  app.disable('etag');
  app.get('/metrics', async (request, response) => {
    const format = chooseFormat(request.headers.accept);
    const { headers, chunks } = await exposed.scrape(format, acceptsGzip(request.get('Accept-Encoding')));
    response.writeHead(200, { ...headers });
    for (const chunk of chunks) if (request.method !== 'HEAD') response.write(chunk);
    response.end();
  });
  app.get('/-/healthy', (_request, response) => sendText(response, 200, 'healthy\n'));
  app.get('/-/ready', (_request, response) => {
    if (exposed.ready) sendText(response, 200, 'ready\n');
    else sendText(response, 503, 'not ready: not every collector has been tried yet\n');
  });
  app.post('/-/reload', async (_request, response) => {
    const { ok, message } = await exposed.reload();
    sendText(response, ok ? 200 : 500, `${message}\n`);
  });
  app.all('/-/reload', (_request, response) => {
    response.set('Allow', 'POST');
    sendText(response, 405, 'reload is a POST\n');
  });
  app.get('/status', (_request, response) => void response.set('Cache-Control', 'no-store').json(exposed.status()));
  app.get('/', (_request, response) => sendPage(response, 200, landingPage(exposed.status(), exposed.now())));
  app.use((request: Request, response: Response) => sendPage(response, 404, notFoundPage(request.path)));
  // Express knows an error handler by its four parameters.
  app.use((error: unknown, request: Request, response: Response, _next: NextFunction) => {
    logger.error({ path: request.path, error: error instanceof Error ? error.constructor.name : typeof error }, 'request failed');
    if (response.headersSent) response.destroy();
    else sendText(response, 500, 'internal error: see the log\n');
  });
  return app;
}

function sendText(response: Response, status: number, text: string): void {
  response.status(status).type('text/plain').send(text);
}

function sendPage(response: Response, status: number, { headers, body }: RenderedPage): void {
  response.status(status).set(headers).send(body);
}

function explainListen(error: unknown, host: string, port: number): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  const change = `name another address with --listen host:port, e.g. --listen 127.0.0.1:${port === 65535 ? port - 1 : port + 1}`;
  if (code === 'EADDRINUSE') return `port ${port} on ${host} is in use: ${change}`;
  if (code === 'EACCES') return `port ${port} on ${host} may not be used by this user: ${change}`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') return `${host} is no address of this machine: ${change}`;
  return `cannot listen on ${host}:${port} (${String(code ?? error)}): ${change}`;
}
