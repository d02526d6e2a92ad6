// What driver oracle uses of the package oracledb, in its thin mode: pure JavaScript, no client of Oracle.
// https://node-oracledb.readthedocs.io/en/latest/

import { SourceError } from '../../kind.js';
import { loadPeer } from './peer.js';

export interface OracleLibrary {
  readonly OUT_FORMAT_ARRAY: number;
  /** Types of the database, as the library names them: opaque to us. */
  readonly DB_TYPE_VARCHAR: unknown;
  readonly DB_TYPE_RAW: unknown;
  getConnection(options: ConnectOptions): Promise<OracleSession>;
}

export interface ConnectOptions {
  readonly connectString: string;
  readonly user: string;
  readonly password: string;
  /** What V$SESSION shows as PROGRAM. */
  readonly program: string;
}

export interface OracleSession {
  /** Milliseconds for each exchange with the server; the library then cancels what runs. */
  callTimeout: number;
  /** What V$SESSION shows as MODULE. */
  module: string;
  readonly oracleServerVersionString: string;
  /** False once the connection is lost; costs no exchange with the server. */
  isHealthy(): boolean;
  /** Has the server parse a statement without running it. */
  getStatementInfo(sql: string): Promise<{ readonly metaData?: readonly ColumnInfo[] | undefined }>;
  execute(sql: string, binds: Readonly<Record<string, string>>, options: ExecuteOptions): Promise<Executed>;
  /** Asks the server to cancel what runs: it then fails with ORA-01013. */
  break(): Promise<void>;
  rollback(): Promise<void>;
  close(): Promise<void>;
}

export interface ColumnInfo {
  readonly name: string;
  /** `NUMBER`, `TIMESTAMP WITH TIME ZONE`. */
  readonly dbTypeName: string;
}

export interface ExecuteOptions {
  readonly outFormat?: number;
  readonly resultSet?: boolean;
  /** Rows that come with each answer of the server, and with the first. */
  readonly fetchArraySize?: number;
  readonly prefetchRows?: number;
  /** As what a column is fetched, where that is not the library's own choice. */
  readonly fetchTypeHandler?: (column: ColumnInfo) => { readonly type: unknown } | undefined;
}

export interface Executed {
  readonly rows?: readonly (readonly unknown[])[] | undefined;
  readonly resultSet?: OracleResultSet | undefined;
}

export interface OracleResultSet {
  /** Fewer rows than asked for where there are no more. */
  getRows(most: number): Promise<readonly (readonly unknown[])[]>;
  close(): Promise<void>;
}

/** @throws SourceError of class `config` where the package is not installed, or is too old */
export async function loadOracle(): Promise<OracleLibrary> {
  const loaded = await loadPeer('oracledb', 'oracle');
  const library = typeof loaded === 'object' && loaded !== null && 'default' in loaded ? loaded.default : loaded;
  if (!isOracleLibrary(library)) {
    throw new SourceError('connect', 'config', 'driver oracle needs the package oracledb 6.10 or newer; run: npm install oracledb');
  }
  return library;
}

function isOracleLibrary(library: unknown): library is OracleLibrary {
  if (typeof library !== 'object' || library === null) return false;
  const { getConnection, OUT_FORMAT_ARRAY, DB_TYPE_VARCHAR, DB_TYPE_RAW }: Partial<Record<keyof OracleLibrary, unknown>> = library;
  return (
    typeof getConnection === 'function' &&
    typeof OUT_FORMAT_ARRAY === 'number' &&
    DB_TYPE_VARCHAR !== undefined &&
    DB_TYPE_RAW !== undefined
  );
}
