// HTTP of /probes: pages for people, JSON and text for programs, and a POST that runs a probe now.

import type { Request, RequestHandler, Response } from 'express';
import { notFoundPage, sendPage, sendText } from '../web/app.js';
import { noProbe, probeJson, probeNow, probesJson } from './probes.js';
import { probePage, probesPage } from './probes-page.js';
import type { Exposed } from './server.js';

/** What answers a GET of each path. */
export function probesPages(exposed: Exposed, exporter: string): Readonly<Record<string, RequestHandler>> {
  return {
    '/probes': (request, response) => {
      const { journals } = exposed;
      if (!journals) return sendPage(response, notFoundPage(request.path, exporter), 404);
      if (wantsJson(request)) return sendJson(response, probesJson(journals));
      const query = typeof request.query['q'] === 'string' ? request.query['q'] : '';
      return sendPage(response, probesPage({ title: exposed.status().title, journals, query }));
    },
    '/probes/:name': (request, response) => {
      const name = nameIn(request);
      const { journals } = exposed;
      const journal = journals?.find(({ collector }) => collector === name);
      if (journals && !journal) return sendText(response, 404, noProbe(journals, name));
      if (!journal) return sendPage(response, notFoundPage(request.path, exporter), 404);
      if (wantsJson(request)) return sendJson(response, probeJson(journal));
      return sendPage(response, probePage(exposed.status().title, journal));
    },
  };
}

/** A program gets the transcript; a browser is led to the page of the endpoint. */
export async function answerProbe(exposed: Exposed, request: Request, response: Response): Promise<void> {
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
