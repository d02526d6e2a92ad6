// All that an exporter answers, with Express: metrics, health, reload, status, landing page.

import type { Express } from 'express';
import type { Logger } from 'pino';
import { createApp, sendPage } from '../web/app.js';
import { landingPage } from './landing.js';
import { answerScrape } from './scrape-answer.js';
import type { Exposed } from './server.js';

export function exporterApp(exposed: Exposed, logger: Logger): Express {
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
      '/metrics': (request, response) => answerScrape(exposed, request, response),
    },
  });
}
