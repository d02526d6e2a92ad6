// What the exporter and the process that ODBC drivers run in say to each other.

import type { QueryResult } from '../driver.js';

export type Request =
  | { readonly kind: 'connect'; readonly connectionString: string }
  | ({ readonly kind: 'query' } & Query)
  /** Of what runs. It has no answer of its own. */
  | { readonly kind: 'cancel' };

export interface Query {
  /** With a `?` for each parameter. */
  readonly sql: string;
  readonly parameters: readonly string[];
  readonly maxRows: number;
  readonly countDropped: boolean;
  /** After which the driver is to give up, where it can. */
  readonly timeoutSeconds: number;
}

export type Reply =
  | { readonly kind: 'connected' }
  | ({ readonly kind: 'rows' } & QueryResult)
  /** The package cannot be loaded; `code` says why. */
  | { readonly kind: 'unloaded'; readonly code: string | undefined }
  /** An error of the driver; `state` is its SQLSTATE. */
  | { readonly kind: 'error'; readonly state: string; readonly message: string };

const KINDS: readonly unknown[] = ['connected', 'rows', 'unloaded', 'error'] satisfies Reply['kind'][];

export function isReply(message: unknown): message is Reply {
  return typeof message === 'object' && message !== null && 'kind' in message && KINDS.includes(message.kind);
}
