// What the exporter and the process that reads SQLite say to each other.

import type { QueryResult } from '../driver.js';

export interface Request {
  /** With `:watermark` in it where there is one. */
  readonly sql: string;
  /** The value of `:watermark`. */
  readonly watermark: bigint | number | string | undefined;
  readonly maxRows: number;
  readonly countDropped: boolean;
  /** Milliseconds to wait for somebody who has locked the database. */
  readonly busyMs: number;
}

export type Reply =
  | ({ readonly kind: 'rows' } & QueryResult)
  /** `code` is an error code of the system (ENOENT) or a result code of SQLite (https://sqlite.org/rescode.html). */
  | { readonly kind: 'error'; readonly code: string | number | undefined; readonly message: string };

export function isReply(message: unknown): message is Reply {
  return typeof message === 'object' && message !== null && 'kind' in message && (message.kind === 'rows' || message.kind === 'error');
}
