// HTTP of the fleet: landing page, service discovery, state as JSON, metrics, health, reload.

import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import express, { type NextFunction, type Request, type Response } from 'express';
import type { Logger } from 'pino';
import { FLEET } from '../conventions.js';
import { CONTENT_TYPES } from '../exporter/exposition.js';
import { acceptsGzip, chooseFormat } from '../exporter/negotiate.js';
import { processStats } from '../exporter/process-stats.js';
import { serve, type RunningServer } from '../exporter/server.js';
import { html } from '../web/html.js';
import { renderPage, type RenderedPage } from '../web/page.js';
import { advertisedHost } from './address.js';
import { fleetTarget, targetGroups } from './discovery.js';
import { FleetError, type Fleet } from './fleet.js';
import { statusJson } from './json.js';
import { renderMetrics } from './metrics.js';
import { renderFleetPage } from './page/index.js';
import { portProblems } from './ports.js';

export interface ServerOptions {
  readonly host: string;
  readonly port: number;
  /** The host to name to others, whatever they asked for. */
  readonly advertise: string | undefined;
  readonly logger: Logger;
}

const compress = promisify(gzip);

/** Resolves once it listens. @throws FleetError when somebody took the port since it was found free */
export async function startServer(fleet: Fleet, options: ServerOptions): Promise<RunningServer> {
  try {
    return await serve(createApp(fleet, options), options);
  } catch {
    throw new FleetError((await portProblems(options.host, [{ source: FLEET, port: options.port }])).join('\n'));
  }
}

function createApp(fleet: Fleet, { host, port, advertise, logger }: ServerOptions) {
  const stats = processStats();
  const hostFor = (request: Request): string => advertisedHost(host, advertise, request.headers.host);
  const app = express();
  app.disable('x-powered-by');
  app.get('/', (request, response) => {
    const query = typeof request.query['q'] === 'string' ? request.query['q'] : '';
    const { headers, body } = renderFleetPage(fleet.view(), { host: hostFor(request), query });
    return sendCompressed(request, response, headers, body);
  });
  app.get(
    '/sd',
    (request, response) => void response.json(targetGroups([fleetTarget(port, fleet.env), ...fleet.exporters], hostFor(request))),
  );
  app.get('/status.json', (request, response) => {
    const headers = { 'Content-Type': 'application/json; charset=utf-8', 'Cache-Control': 'no-store' };
    return sendCompressed(request, response, headers, JSON.stringify(statusJson(fleet.view(), hostFor(request))));
  });
  app.get('/metrics', (request, response) => {
    const format = chooseFormat(request.headers.accept);
    const text = renderMetrics(fleet.view(), fleet.loadedAt, stats(), format);
    return sendCompressed(request, response, { 'Content-Type': CONTENT_TYPES[format], Vary: 'Accept, Accept-Encoding' }, text);
  });
  app.get('/-/healthy', (_request, response) => sendText(response, 200, 'healthy\n'));
  app.get('/-/ready', (_request, response) => {
    const { unready } = fleet;
    if (unready.length === 0) sendText(response, 200, 'ready\n');
    else sendText(response, 503, `not ready: ${unready.join(', ')}\n`);
  });
  app.post('/-/reload', async (request, response) => {
    if (!isOwnPage(request)) return sendText(response, 403, 'another site may not reload the fleet\n');
    const { successful, messages } = await fleet.reload();
    return sendText(response, successful ? 200 : 500, [successful ? 'reloaded' : 'not reloaded', ...messages, ''].join('\n'));
  });
  app.all('/-/reload', (_request, response) => {
    response.set('Allow', 'POST');
    sendText(response, 405, 'reload is a POST\n');
  });
  app.use((request: Request, response: Response) => sendPage(response, 404, notFoundPage(request.path)));
  // Express knows an error handler by its four parameters.
  app.use((error: unknown, request: Request, response: Response, _next: NextFunction) => {
    logger.error({ path: request.path, error: error instanceof Error ? error.constructor.name : typeof error }, 'request failed');
    if (response.headersSent) response.destroy();
    else sendText(response, 500, 'internal error: see the log\n');
  });
  return app;
}

/** Browsers say where a request comes from (Fetch Metadata); a page of another site must not be able to send this one. */
function isOwnPage(request: Request): boolean {
  return ['same-origin', 'none'].includes(request.get('Sec-Fetch-Site') ?? 'none');
}

function notFoundPage(path: string): RenderedPage {
  return renderPage({ title: 'Not found', body: html`<p>There is nothing at ${path}. <a href="/">Back to the fleet</a></p>` });
}

/** What is asked for again and again, and long. */
async function sendCompressed(request: Request, response: Response, headers: RenderedPage['headers'], body: string): Promise<void> {
  response.set({ Vary: 'Accept-Encoding', ...headers });
  if (!acceptsGzip(request.get('Accept-Encoding'))) {
    response.end(body);
    return;
  }
  response.set('Content-Encoding', 'gzip').end(await compress(body));
}

function sendText(response: Response, status: number, text: string): void {
  response.status(status).type('text/plain').send(text);
}

function sendPage(response: Response, status: number, { headers, body }: RenderedPage): void {
  response.status(status).set(headers).send(body);
}
