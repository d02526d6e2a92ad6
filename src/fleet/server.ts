// HTTP of the fleet: landing page, service discovery, state as JSON, metrics, health, reload.

import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Express, Request, Response } from 'express';
import type { Logger } from 'pino';
import { FLEET } from '../conventions.js';
import { CONTENT_TYPES } from '../exporter/exposition.js';
import { acceptsGzip, chooseFormat } from '../exporter/negotiate.js';
import { processStats } from '../exporter/process-stats.js';
import { advertisedHost } from '../web/address.js';
import { createApp } from '../web/app.js';
import type { RenderedPage } from '../web/page.js';
import { serve, type RunningServer } from '../web/server.js';
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
    return await serve(fleetApp(fleet, options), options);
  } catch (error) {
    const problems = await portProblems(options.host, [{ source: FLEET, port: options.port }]);
    // None: who took the port has left it meanwhile.
    throw problems.length > 0 ? new FleetError(problems.join('\n')) : error;
  }
}

function fleetApp(fleet: Fleet, { host, port, advertise, logger }: ServerOptions): Express {
  const stats = processStats();
  const hostFor = (request: Request): string => advertisedHost(host, advertise, request.headers.host);
  return createApp({
    name: 'the fleet',
    logger,
    notReady: () => (fleet.unready.length === 0 ? undefined : fleet.unready.join(', ')),
    reload: async () => {
      const { successful, messages } = await fleet.reload();
      return { ok: successful, text: [successful ? 'reloaded' : 'not reloaded', ...messages].join('\n') };
    },
    pages: {
      '/': (request, response) => {
        const query = typeof request.query['q'] === 'string' ? request.query['q'] : '';
        const { headers, body } = renderFleetPage(fleet.view(), { host: hostFor(request), query });
        return sendCompressed(request, response, headers, body);
      },
      '/sd': (request, response) => void response.json(targetGroups([fleetTarget(port, fleet.env), ...fleet.exporters], hostFor(request))),
      '/status.json': (request, response) => {
        const headers = { 'Content-Type': 'application/json; charset=utf-8', 'Cache-Control': 'no-store' };
        return sendCompressed(request, response, headers, JSON.stringify(statusJson(fleet.view(), hostFor(request))));
      },
      '/metrics': (request, response) => {
        const format = chooseFormat(request.headers.accept);
        const text = renderMetrics(fleet.view(), fleet.loadedAt, stats(), format);
        return sendCompressed(request, response, { 'Content-Type': CONTENT_TYPES[format], Vary: 'Accept, Accept-Encoding' }, text);
      },
    },
  });
}

/** What is asked for again and again, and long. */
async function sendCompressed(request: Request, response: Response, headers: RenderedPage['headers'], body: string): Promise<void> {
  response.set({ Vary: 'Accept-Encoding', ...headers });
  if (!acceptsGzip(request.get('Accept-Encoding'))) {
    response.send(body);
    return;
  }
  response.set('Content-Encoding', 'gzip').send(await compress(body));
}
