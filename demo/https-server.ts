// The endpoints of the partners: a health page for each, over HTTPS.

import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { Clock } from '../src/domain/clock.js';
import type { Certificate } from './certificates.js';
import { listen, type Part } from './listen.js';
import type { Conditions } from './scenario.js';

export interface HttpsOptions {
  readonly port: number;
  readonly certificate: Certificate;
  readonly partners: readonly string[];
  readonly conditions: () => Conditions;
  readonly clock: Clock;
}

export class HttpsServer implements Part {
  readonly #options: HttpsOptions;
  #server: Server | undefined;

  constructor(options: HttpsOptions) {
    this.#options = options;
  }

  get running(): boolean {
    return this.#server !== undefined;
  }

  async start(): Promise<void> {
    const { certificate, port } = this.#options;
    const server = createServer({ ...certificate }, (request, response) => this.#answer(request, response));
    await listen(server, port);
    this.#server = server;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    if (!server) return;
    this.#server = undefined;
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  }

  /** `/<partner>/health` */
  #answer({ url = '' }: IncomingMessage, response: ServerResponse): void {
    const partner = /^\/(?<partner>[a-z-]+)\/health$/.exec(url)?.groups?.['partner'];
    if (partner === undefined || !this.#options.partners.includes(partner)) {
      send(response, 404, { error: 'there is /<partner>/health' });
      return;
    }
    const { status, delayMs } = this.#options.conditions().health(partner);
    const answer = () => send(response, status, { partner, status: status === 200 ? 'UP' : 'DOWN' });
    if (delayMs === 0) answer();
    else this.#options.clock.after(delayMs, answer);
  }
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(`${JSON.stringify(body)}\n`);
}
