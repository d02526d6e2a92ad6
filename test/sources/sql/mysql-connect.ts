// A connection of driver mysql as a test wants it, without a source around it.

import type { Connection, Limits, QueryLimits } from '../../../src/sources/sql/driver.js';
import { mysql } from '../../../src/sources/sql/drivers/mysql.js';
import type { ConnectionSettings } from '../../../src/sources/sql/schema.js';

export const PASSWORD = 's3cret of the login';

/** @param settings beside user `vigie`, database `exchange` and PASSWORD */
export async function connect(settings: Partial<ConnectionSettings>, password = PASSWORD): Promise<Connection> {
  const all = { database: 'exchange', user: 'vigie', password: { env: 'EXCHANGE_DB_PASSWORD' }, ...settings };
  const context = { application: 'vigie/exchange-db', readSecret: async () => password, resolvePath: (path: string) => path };
  return await mysql.connect(all, context, AbortSignal.timeout(10_000));
}

export function limits(timeoutMs = 4000): Limits {
  return { signal: AbortSignal.timeout(timeoutMs), timeoutMs };
}

export function rowLimits(maxRows: number, countDropped = true, timeoutMs = 4000): QueryLimits {
  return { ...limits(timeoutMs), maxRows, countDropped };
}
