// The HTTP server of one exporter.

import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Express } from 'express';
import type { Logger } from 'pino';
import type { Journal } from '../sources/kind.js';
import { answerFailure } from '../web/failure.js';
import { serve, type Listen, type RunningServer } from '../web/server.js';
import type { Format } from './exposition.js';
import type { Scrape } from './scrape.js';
import { answerScrape } from './scrape-answer.js';
import { StartError } from './start-error.js';
import type { ExporterStatus, RunStatus } from './status.js';

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
    return await serve(answerer(exposed, logger), { host, port });
  } catch (error) {
    throw new StartError(explainListen(error, host, port));
  }
}

/** Scrapes are answered here, since they are all that most exporters are asked for: Express takes 80 ms to import, and 5 MB. */
function answerer(exposed: Exposed, logger: Logger): RequestListener {
  let importing: Promise<Express> | undefined;
  const app = async (): Promise<Express> => {
    const { exporterApp } = await import('./pages.js');
    return exporterApp(exposed, logger);
  };
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (isScrape(request)) return answerScrape(exposed, request, response);
    importing ??= app();
    (await importing)(request, response);
  };
  return (request, response) => {
    answer(request, response).catch((error: unknown) => answerFailure(response, pathOf(request), error, logger));
  };
}

/** Other ways to write the path are left to Express. */
function isScrape(request: IncomingMessage): boolean {
  return (request.method === 'GET' || request.method === 'HEAD') && pathOf(request) === '/metrics';
}

function pathOf({ url = '' }: IncomingMessage): string {
  return url.split('?', 1)[0] ?? '';
}

function explainListen(error: unknown, host: string, port: number): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  const change = `name another address with --listen host:port, e.g. --listen 127.0.0.1:${port === 65535 ? port - 1 : port + 1} (a fleet: --port-base)`;
  if (code === 'EADDRINUSE') return `port ${port} on ${host} is in use: ${change}`;
  if (code === 'EACCES') return `port ${port} on ${host} may not be used by this user: ${change}`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') return `${host} is no address of this machine: ${change}`;
  return `cannot listen on ${host}:${port} (${String(code ?? error)}): ${change}`;
}
