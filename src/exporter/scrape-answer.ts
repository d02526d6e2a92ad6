// A scrape over HTTP.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { acceptsGzip, chooseFormat } from './negotiate.js';
import type { Exposed } from './server.js';

/** The metrics as they are now, in the format that is asked for. */
export async function answerScrape(exposed: Pick<Exposed, 'scrape'>, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const format = chooseFormat(request.headers.accept);
  const { headers, chunks } = await exposed.scrape(format, acceptsGzip(request.headers['accept-encoding']));
  response.writeHead(200, { ...headers });
  for (const chunk of chunks) if (request.method !== 'HEAD') response.write(chunk);
  response.end();
}
