// The driver postgres without a source around it: connections to a server of the tests.

import { postgres } from '../../../src/sources/sql/drivers/postgres.js';
import type { Connection, QueryLimits, QueryResult, Watermark } from '../../../src/sources/sql/driver.js';
import type { ConnectionSettings } from '../../../src/sources/sql/schema.js';
import { SourceError } from '../../../src/sources/kind.js';
import type { Postgres } from '../../servers/postgres.js';

export const LIMITS: QueryLimits = { signal: new AbortController().signal, timeoutMs: 5000, maxRows: 1000, countDropped: true };

export interface Login {
  readonly user: string;
  readonly password: string;
}

/** @param changes of the connection as the YAML has it */
export async function connect(server: Postgres, { user, password }: Login, changes: Partial<ConnectionSettings> = {}): Promise<Connection> {
  const { host, port, database } = server;
  const settings = { server: host, port, database, user, password: { env: 'EXCHANGE_DB_PASSWORD' }, ...changes };
  const context = { application: 'vigie/exchange-db', readSecret: async () => password, resolvePath: (path: string) => path };
  return await postgres.connect(settings, context, AbortSignal.timeout(5000));
}

export async function read(
  connection: Connection,
  sql: string,
  { watermark, ...limits }: Partial<QueryLimits> & { watermark?: Watermark } = {},
): Promise<QueryResult> {
  return await connection.query(watermark ? { sql, watermark } : { sql }, { ...LIMITS, ...limits });
}

/** What the promise rejects with. */
export async function failure(promise: Promise<unknown>): Promise<SourceError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof SourceError) return error;
  throw error ?? new Error('it did not fail');
}
