// Asks an exporter for its /status. What cannot be read is an error that says so in a few words.

import { Agent, get } from 'node:http';
import type { Clock } from '../domain/clock.js';
import type { ExporterStatus } from '../exporter/status.js';

const TIMEOUT_MS = 1_000;
/** Some ten thousand series; more than that is no status page any more. */
const LONGEST_ANSWER = 16 * 1024 * 1024;

export class StatusClient {
  readonly #agent = new Agent({ keepAlive: true });

  constructor(private readonly clock: Clock) {}

  /** @throws Error whose message is fit for a page: `connection refused`, `no answer within 1 s` */
  async fetch(url: string): Promise<ExporterStatus> {
    const text = await this.#read(url);
    let status: unknown;
    try {
      status = JSON.parse(text);
    } catch {
      throw new Error('its answer is no JSON');
    }
    if (!isExporterStatus(status)) throw new Error('its answer is no status of an exporter');
    return status;
  }

  close(): void {
    this.#agent.destroy();
  }

  #read(url: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const request = get(url, { agent: this.#agent }, (response) => {
        const chunks: Buffer[] = [];
        let size = 0;
        response.on('data', (chunk: Buffer) => {
          chunks.push(chunk);
          size += chunk.length;
          if (size > LONGEST_ANSWER) request.destroy(new Error('its answer is too long'));
        });
        response.on('error', (error) => settle(() => reject(new Error(inWords(error)))));
        response.on('end', () =>
          settle(() => {
            if (response.statusCode === 200) resolve(Buffer.concat(chunks).toString('utf8'));
            else reject(new Error(`it answers with HTTP ${response.statusCode}`));
          }),
        );
      });
      const late = this.clock.after(TIMEOUT_MS, () => request.destroy(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)));
      const settle = (result: () => void): void => {
        late.cancel();
        result();
      };
      request.on('error', (error) => settle(() => reject(new Error(inWords(error)))));
    });
  }
}

function inWords(error: Error): string {
  const code = 'code' in error ? error.code : undefined;
  if (code === 'ECONNREFUSED') return 'connection refused';
  if (code === 'ECONNRESET') return 'connection lost';
  return error.message;
}

/** Checks the outline: the process is of this very version, so that only something else on the port can differ. */
function isExporterStatus(value: unknown): value is ExporterStatus {
  if (typeof value !== 'object' || value === null) return false;
  const outline: Readonly<Record<string, (part: unknown) => boolean>> = {
    source: (part) => typeof part === 'string',
    pid: (part) => typeof part === 'number',
    ready: (part) => typeof part === 'boolean',
    up: (part) => typeof part === 'boolean',
    collectors: Array.isArray,
    samples: Array.isArray,
  };
  const parts = new Map<string, unknown>(Object.entries(value));
  return Object.entries(outline).every(([name, fits]) => fits(parts.get(name)));
}
