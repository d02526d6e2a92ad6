// What every HTTP server of Vigie does alike: health, readiness, reload, refusals, errors.

import express, { type Express, type NextFunction, type Request, type RequestHandler, type Response } from 'express';
import type { Logger } from 'pino';
import { answerFailure } from './failure.js';
import { html } from './html.js';
import { renderPage, type RenderedPage } from './page.js';

export interface AppOptions {
  /** What is served, for people: `the fleet`. */
  readonly name: string;
  /** What answers a GET (and so a HEAD) of each path. */
  readonly pages: Readonly<Record<string, RequestHandler>>;
  /** Why it is not ready, in one line; undefined once it is. */
  readonly notReady: () => string | undefined;
  /** Takes over a changed YAML. */
  readonly reload: () => Promise<{ readonly ok: boolean; readonly text: string }>;
  readonly logger: Logger;
}

export function createApp({ name, pages, notReady, reload, logger }: AppOptions): Express {
  const app = express();
  app.disable('x-powered-by');
  // Nothing here is worth caching, and a digest of each answer costs more than the answer.
  app.disable('etag');
  const readable: Readonly<Record<string, RequestHandler>> = {
    ...pages,
    '/-/healthy': (_request, response) => sendText(response, 200, 'healthy'),
    '/-/ready': (_request, response) => {
      const reason = notReady();
      if (reason === undefined) sendText(response, 200, 'ready');
      else sendText(response, 503, `not ready: ${reason}`);
    },
  };
  for (const [path, handler] of Object.entries(readable)) app.get(path, handler).all(path, refuse('GET, HEAD'));
  app.post('/-/reload', async (request, response) => {
    if (!isOwnPage(request)) return sendText(response, 403, `another site may not reload ${name}`);
    const { ok, text } = await reload();
    return sendText(response, ok ? 200 : 500, text);
  });
  app.all('/-/reload', refuse('POST'));
  app.use((request: Request, response: Response) => sendPage(response, notFoundPage(request.path, name), 404));
  // Express knows an error handler by its four parameters.
  app.use((error: unknown, request: Request, response: Response, _next: NextFunction) => {
    answerFailure(response, request.path, error, logger);
  });
  return app;
}

export function sendPage(response: Response, { headers, body }: RenderedPage, status = 200): void {
  response.status(status).set(headers).send(body);
}

function sendText(response: Response, status: number, text: string): void {
  response.status(status).type('text/plain').send(`${text}\n`);
}

/** 405, with the methods that the path takes (RFC 9110, section 15.5.6). */
function refuse(methods: string): RequestHandler {
  return ({ path, method }, response) => {
    response.set('Allow', methods);
    sendText(response, 405, `${path} does not take ${method}, but ${methods}`);
  };
}

/** Browsers say where a request comes from (Fetch Metadata); a page of another site must not be able to send this one. */
function isOwnPage(request: Request): boolean {
  return ['same-origin', 'none'].includes(request.get('Sec-Fetch-Site') ?? 'none');
}

function notFoundPage(path: string, name: string): RenderedPage {
  return renderPage({ title: 'Not found', body: html`<p>There is nothing at ${path}. <a href="/">Back to ${name}</a></p>` });
}
