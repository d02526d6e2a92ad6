// The answer to a request that went wrong.

import type { ServerResponse } from 'node:http';
import type { Logger } from 'pino';

/** What went wrong stands in the log, without its words, which may hold a secret. @param path that was asked for */
export function answerFailure(response: ServerResponse, path: string, error: unknown, logger: Logger): void {
  logger.error({ path, error: error instanceof Error ? error.constructor.name : typeof error }, 'request failed');
  if (response.headersSent) response.destroy();
  else response.writeHead(500, { 'Content-Type': 'text/plain; charset=utf-8' }).end('internal error: see the log\n');
}
