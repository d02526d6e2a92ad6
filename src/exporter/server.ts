// HTTP of one exporter: metrics, health, reload, status, landing page.

import type { Express, Request, RequestHandler, Response } from 'express';
import type { Logger } from 'pino';
import type { Journal } from '../sources/kind.js';
import { createApp, notFoundPage, sendPage, sendText } from '../web/app.js';
import { serve, type Listen, type RunningServer } from '../web/server.js';
import type { Format } from './exposition.js';
import { landingPage } from './landing.js';
import { acceptsGzip, chooseFormat } from './negotiate.js';
import { noProbe, probeJson, probeNow, probesJson } from './probes.js';
import { probePage, probesPage } from './probes-page.js';
import type { Scrape } from './scrape.js';
import { StartError } from './start-error.js';
import type { ExporterStatus, RunStatus } from './status.js';

const NAME = 'the exporter';

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
  /** Transcripts of the last probes; undefined for sources that keep none. */
  readonly journals: readonly Journal[] | undefined;
  /** Lets a collector look now. @returns how the look ended; undefined where it was stopped meanwhile */
  lookNow(collector: string): Promise<RunStatus | undefined>;
  now(): number;
}

/** @throws StartError when the address cannot be listened on */
export async function startServer(exposed: Exposed, { host, port }: Listen, logger: Logger): Promise<RunningServer> {
  try {
    return await serve(exporterApp(exposed, logger), { host, port });
  } catch (error) {
    throw new StartError(explainListen(error, host, port));
  }
}

function exporterApp(exposed: Exposed, logger: Logger): Express {
  return createApp({
    name: NAME,
    logger,
    notReady: () => (exposed.ready ? undefined : 'not every collector has been tried yet'),
    reload: async () => {
      const { ok, message } = await exposed.reload();
      return { ok, text: message };
    },
    pages: {
      '/': (_request, response) => sendPage(response, landingPage(exposed.status(), exposed.now())),
      '/status': (_request, response) => void response.set('Cache-Control', 'no-store').json(exposed.status()),
      '/metrics': async (request, response) => {
        const format = chooseFormat(request.headers.accept);
        const { headers, chunks } = await exposed.scrape(format, acceptsGzip(request.get('Accept-Encoding')));
        response.writeHead(200, { ...headers });
        for (const chunk of chunks) if (request.method !== 'HEAD') response.write(chunk);
        response.end();
      },
      ...probesPages(exposed),
    },
    actions: { '/probes/:name': (request, response) => probe(exposed, request, response) },
  });
}

function probesPages(exposed: Exposed): Readonly<Record<string, RequestHandler>> {
  return {
    '/probes': (request, response) => {
      const { journals } = exposed;
      if (!journals) return sendPage(response, notFoundPage(request.path, NAME), 404);
      if (wantsJson(request)) return sendJson(response, probesJson(journals));
      const query = typeof request.query['q'] === 'string' ? request.query['q'] : '';
      return sendPage(response, probesPage({ title: exposed.status().title, journals, query }));
    },
    '/probes/:name': (request, response) => {
      const name = nameIn(request);
      const { journals } = exposed;
      const journal = journals?.find(({ collector }) => collector === name);
      if (journals && !journal) return sendText(response, 404, noProbe(journals, name));
      if (!journal) return sendPage(response, notFoundPage(request.path, NAME), 404);
      if (wantsJson(request)) return sendJson(response, probeJson(journal));
      return sendPage(response, probePage(exposed.status().title, journal));
    },
  };
}

/** A program gets the transcript; a browser is led to the page of the endpoint. */
async function probe(exposed: Exposed, request: Request, response: Response): Promise<void> {
  const name = nameIn(request);
  const { status, text } = await probeNow(exposed, name);
  const isShownByPage = status === 200 || status === 502;
  if (isShownByPage && request.accepts(['text/plain', 'text/html']) === 'text/html') {
    response.redirect(303, `/probes/${encodeURIComponent(name)}`);
  } else sendText(response, status, text);
}

function nameIn({ params: { name } }: Request): string {
  return typeof name === 'string' ? name : '';
}

/** A page is what is sent to who takes both alike. */
function wantsJson(request: Request): boolean {
  return request.accepts(['html', 'json']) === 'json';
}

function sendJson(response: Response, value: object): void {
  response.set('Cache-Control', 'no-store').json(value);
}

function explainListen(error: unknown, host: string, port: number): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  const change = `name another address with --listen host:port, e.g. --listen 127.0.0.1:${port === 65535 ? port - 1 : port + 1} (a fleet: --port-base)`;
  if (code === 'EADDRINUSE') return `port ${port} on ${host} is in use: ${change}`;
  if (code === 'EACCES') return `port ${port} on ${host} may not be used by this user: ${change}`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') return `${host} is no address of this machine: ${change}`;
  return `cannot listen on ${host}:${port} (${String(code ?? error)}): ${change}`;
}
