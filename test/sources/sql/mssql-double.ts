// The double of SQL Server as tests of the driver want it: started, reached by a source, both stopped together.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import type { Connection, QueryLimits } from '../../../src/sources/sql/driver.js';
import { mssql } from '../../../src/sources/sql/drivers/mssql.js';
import { PRODUCT_SQL } from '../../../src/sources/sql/drivers/mssql-state.js';
import type { ConnectionSettings, SqlQuery } from '../../../src/sources/sql/schema.js';
import { startTds, type Answer, type Column, type TdsOptions, type TdsServer, type Value } from '../../servers/tds/server.js';
import type { Certificate } from '../../servers/tds/tunnel.js';
import { start, type Harness } from './harness.js';

export const USER = 'vigie';
export const PASSWORD = 'p@ss/w:o r"d;{é}';
export const CERTIFICATE_NAME = 'db.example.org';

/** What the double says when it is asked what it is. */
const PRODUCT: Answer = {
  columns: [
    { name: 'version', type: 'nvarchar' },
    { name: 'edition', type: 'nvarchar' },
    { name: 'engine', type: 'int' },
  ],
  rows: [['16.0.1000.6', 'Developer Edition (64-bit)', 3]],
};

export interface Setting {
  readonly server: TdsServer;
  readonly harness: Harness;
}

export interface World {
  /** A server and a source that asks it: for each query its statement, which the script of the server answers. */
  readonly open: (wish: Wish) => Promise<Setting>;
  /** Another source of the same server. */
  readonly source: (server: TdsServer, wish: Wish) => Promise<Harness>;
  /** A connection without a source around it. */
  readonly connect: (server: TdsServer, changes?: Wish['connection'], signal?: AbortSignal) => Promise<Connection>;
  readonly server: (options?: Partial<TdsOptions>) => Promise<TdsServer>;
  readonly tls: Certificate;
  /** Path of the certificate, which is its own authority. */
  readonly ca: string;
  /** Stops what was started since the last time. */
  readonly stop: () => Promise<void>;
  readonly remove: () => Promise<void>;
}

export interface Wish {
  readonly queries?: Record<string, SqlQuery>;
  readonly answers?: Readonly<Record<string, Answer>>;
  readonly options?: Partial<TdsOptions>;
  /** Undefined takes a setting away. */
  readonly connection?: { readonly [Name in keyof ConnectionSettings]?: ConnectionSettings[Name] | undefined };
  readonly timeout?: number;
}

export async function createWorld(): Promise<World> {
  const pair = await generate([{ name: 'commonName', value: CERTIFICATE_NAME }], {
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: CERTIFICATE_NAME }] }],
  });
  const folder = await mkdtemp(join(tmpdir(), 'vigie-tds-'));
  const ca = join(folder, 'ca.pem');
  await writeFile(ca, pair.cert);
  const tls = { certificate: pair.cert, key: pair.private };
  const started: { close(): Promise<void> }[] = [];

  const server: World['server'] = async (options = {}) => {
    const onQuery = options.onQuery ?? (() => values('int', 1));
    const double = await startTds({
      user: USER,
      password: () => PASSWORD,
      tls,
      ...options,
      onQuery: async (sql, session, parameters) => (sql === PRODUCT_SQL ? PRODUCT : await onQuery(sql, session, parameters)),
    });
    started.push(double);
    return double;
  };
  const settingsOf = (double: TdsServer, changes: Wish['connection']): ConnectionSettings => {
    const settings: Record<string, unknown> = {
      server: double.host,
      port: double.port,
      database: 'exchange',
      user: USER,
      password: { env: 'EXCHANGE_DB_PASSWORD' },
      tls: { ca, server_name: CERTIFICATE_NAME },
      ...changes,
    };
    return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
  };
  const source: World['source'] = async (double, { queries = { one: single('SELECT 1') }, connection, timeout = 4000 }) => {
    const given = settingsOf(double, connection);
    const harness = await start({ kind: 'sql', driver: 'mssql', connection: given, queries }, PASSWORD, { timeout });
    started.push(harness);
    return harness;
  };
  const connect: World['connect'] = async (double, changes, signal = new AbortController().signal) => {
    const context = { application: 'vigie/exchange-db', readSecret: async () => PASSWORD, resolvePath: (path: string) => path };
    const connection = await mssql.connect(settingsOf(double, changes), context, signal);
    started.push(connection);
    return connection;
  };
  return {
    tls,
    ca,
    server,
    source,
    connect,
    open: async (wish) => {
      const double = await server({ onQuery: (sql) => wish.answers?.[sql] ?? values('int', 1), ...wish.options });
      return { server: double, harness: await source(double, wish) };
    },
    stop: async () => {
      for (const thing of started.splice(0).toReversed()) await thing.close();
    },
    remove: async () => await rm(folder, { recursive: true, force: true }),
  };
}

/** Limits that are never reached, but for what a test wants. */
export function limits(changes: Partial<QueryLimits> = {}): QueryLimits {
  return { signal: new AbortController().signal, timeoutMs: 4000, maxRows: 1000, countDropped: true, ...changes };
}

/** A query whose column `value` becomes a metric. */
export function single(sql: string): SqlQuery {
  return { sql, metrics: [{ name: 'exchange_value', help: 'A value.', value: 'value' }] };
}

/** A result of one column, `value`. */
export function values(type: Column['type'], ...cells: Value[]): { columns: Column[]; rows: Value[][] } {
  return { columns: [{ name: 'value', type }], rows: cells.map((cell) => [cell]) };
}
