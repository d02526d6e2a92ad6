// Requests as a scraper makes them, with nothing decoded on the way.

import { request, type Agent, type IncomingHttpHeaders } from 'node:http';
import { once } from 'node:events';
import { parseExposition, type ReadSample } from './parse-exposition.js';

export interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export async function get(url: string, headers: Record<string, string> = {}, method = 'GET', agent?: Agent): Promise<Answer> {
  const asking = request(url, { method, headers, ...(agent && { agent }) });
  asking.end();
  const chunks: Buffer[] = [];
  const [response] = await once(asking, 'response');
  response.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(response, 'end');
  return { status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) };
}

/** The samples of one scrape in the text format. */
export async function scrapeSamples(url: string): Promise<ReadSample[]> {
  const { body } = await get(`${url}/metrics`);
  return parseExposition(body.toString(), 'text').flatMap(({ samples }) => samples);
}

/** The value of the one sample that has this name and at least these labels; undefined where there is none. */
export function valueOf(samples: readonly ReadSample[], name: string, labels: Record<string, string> = {}): number | undefined {
  const found = samples.filter(
    (sample) => sample.name === name && Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
  );
  if (found.length > 1) throw new Error(`${name} is there ${found.length} times`);
  return found[0]?.value;
}
