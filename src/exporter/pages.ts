// All that an exporter answers, with Express: metrics, health, reload, status, landing page, probes.

import type { Express } from 'express';
import type { Logger } from 'pino';
import { createApp, sendPage } from '../web/app.js';
import { landingPage } from './landing.js';
import { answerProbe, probesPages } from './probes-answers.js';
import { answerScrape } from './scrape-answer.js';
import type { Exposed } from './server.js';

const NAME = 'the exporter';

export function exporterApp(exposed: Exposed, logger: Logger): Express {
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
      '/metrics': (request, response) => answerScrape(exposed, request, response),
      ...probesPages(exposed, NAME),
    },
    actions: { '/probes/:name': (request, response) => answerProbe(exposed, request, response) },
  });
}
