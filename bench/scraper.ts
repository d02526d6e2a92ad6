// Scrapes as Prometheus does: one connection that stays open, and the headers that Prometheus 3 sends.

import { once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';
import { gunzipSync } from 'node:zlib';

/** https://github.com/prometheus/prometheus/blob/v3.5.0/scrape/scrape.go: `acceptHeader` of the default protocols, and `scrape`. */
const HEADERS = {
  Accept:
    'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,' +
    'text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2',
  'Accept-Encoding': 'gzip',
  'User-Agent': 'Prometheus/3.5.0',
  'X-Prometheus-Scrape-Timeout-Seconds': '10',
};

export interface Scrape {
  /** From the request to the last byte of the answer. */
  readonly ms: number;
  /** On the wire, without the headers. */
  readonly bytes: number;
  /** The document, unpacked when it is asked for: that is the client's work. */
  readonly text: () => string;
}

export class Scraper {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });

  constructor(readonly port: number) {}

  /** @throws Error unless the answer is 200 */
  async scrape(): Promise<Scrape> {
    const began = performance.now();
    const request = get({ host: '127.0.0.1', port: this.port, path: '/metrics', agent: this.#agent, headers: HEADERS });
    const [response]: IncomingMessage[] = await once(request, 'response');
    if (response?.statusCode !== 200) throw new Error(`the scrape of port ${this.port} was answered with ${response?.statusCode}`);
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk);
    const ms = performance.now() - began;
    const body = Buffer.concat(chunks);
    const packed = response.headers['content-encoding'] === 'gzip';
    return { ms, bytes: body.length, text: () => (packed ? gunzipSync(body) : body).toString() };
  }

  close(): void {
    this.#agent.destroy();
  }
}
