// HTTP of one exporter: metrics, health, reload, status, landing page.

import type { Express } from 'express';
import type { Logger } from 'pino';
import { createApp, sendPage } from '../web/app.js';
import { serve, type Listen, type RunningServer } from '../web/server.js';
import type { Format } from './exposition.js';
import { landingPage } from './landing.js';
import { acceptsGzip, chooseFormat } from './negotiate.js';
import type { Scrape } from './scrape.js';
import { StartError } from './start-error.js';
import type { ExporterStatus } from './status.js';

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
    name: 'the exporter',
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
    },
  });
}

function explainListen(error: unknown, host: string, port: number): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  const change = `name another address with --listen host:port, e.g. --listen 127.0.0.1:${port === 65535 ? port - 1 : port + 1} (a fleet: --port-base)`;
  if (code === 'EADDRINUSE') return `port ${port} on ${host} is in use: ${change}`;
  if (code === 'EACCES') return `port ${port} on ${host} may not be used by this user: ${change}`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') return `${host} is no address of this machine: ${change}`;
  return `cannot listen on ${host}:${port} (${String(code ?? error)}): ${change}`;
}
