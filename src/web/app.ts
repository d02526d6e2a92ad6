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
  /** What answers a POST of a path, from programs and from our own pages. */
  readonly actions?: Readonly<Record<string, RequestHandler>>;
  /** Why it is not ready, in one line; undefined once it is. */
  readonly notReady: () => string | undefined;
  /** Takes over a changed YAML. */
  readonly reload: () => Promise<{ readonly ok: boolean; readonly text: string }>;
  readonly logger: Logger;
}

export function createApp({ name, pages, actions = {}, notReady, reload, logger }: AppOptions): Express {
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
  const writing: Readonly<Record<string, RequestHandler>> = {
    ...actions,
    '/-/reload': async (_request, response) => {
      const { ok, text } = await reload();
      sendText(response, ok ? 200 : 500, text);
    },
  };
  for (const [path, handler] of Object.entries(readable)) app.get(path, handler);
  for (const [path, handler] of Object.entries(writing)) app.post(path, fromOwnPage(name), handler);
  for (const path of new Set([...Object.keys(readable), ...Object.keys(writing)])) {
    app.all(path, refuse([...(path in readable ? ['GET', 'HEAD'] : []), ...(path in writing ? ['POST'] : [])].join(', ')));
  }
  app.use((request: Request, response: Response) => sendPage(response, notFoundPage(request.path, name), 404));
  // Express knows an error handler by its four parameters.
  app.use((error: unknown, request: Request, response: Response, _next: NextFunction) => {
    if (error instanceof URIError) sendText(response, 400, 'the address cannot be read: a % that is none is written as %25');
    else answerFailure(response, request.path, error, logger);
  });
  return app;
}

export function sendPage(response: Response, { headers, body }: RenderedPage, status = 200): void {
  response.status(status).set(headers).send(body);
}

export function sendText(response: Response, status: number, text: string): void {
  response.status(status).type('text/plain').send(`${text}\n`);
}

/** 405, with the methods that the path takes (RFC 9110, section 15.5.6). */
function refuse(methods: string): RequestHandler {
  return ({ path, method }, response) => {
    response.set('Allow', methods);
    sendText(response, 405, `${path} does not take ${method}, but ${methods}`);
  };
}

function fromOwnPage(name: string): RequestHandler {
  return (request, response, next) => {
    if (isOwnPage(request)) next();
    else sendText(response, 403, `another site may not ${request.path === '/-/reload' ? 'reload' : 'do that with'} ${name}`);
  };
}

/** Browsers say where a request comes from (Fetch Metadata); a page of another site must not be able to send this one. */
function isOwnPage(request: Request): boolean {
  return ['same-origin', 'none'].includes(request.get('Sec-Fetch-Site') ?? 'none');
}

export function notFoundPage(path: string, name: string): RenderedPage {
  return renderPage({ title: 'Not found', body: html`<p>There is nothing at ${path}. <a href="/">Back to ${name}</a></p>` });
}
