// What driver odbc uses of the package odbc, which hands calls to the ODBC drivers of the machine. https://github.com/IBM/node-odbc

export interface OdbcLibrary {
  connect(options: { readonly connectionString: string; readonly fetchArray: true }): Promise<OdbcSession>;
}

export interface OdbcSession {
  beginTransaction(): Promise<void>;
  rollback(): Promise<void>;
  query(sql: string): Promise<unknown>;
  query(sql: string, parameters: readonly string[], options: CursorOptions): Promise<OdbcCursor>;
  /** Cancels the statements that run. */
  cancel(): Promise<void>;
}

export interface CursorOptions {
  readonly cursor: true;
  /** Rows at a time. */
  readonly fetchSize: number;
  /** Seconds. */
  readonly timeout?: number;
}

export interface OdbcCursor {
  /** True once there are no more rows. */
  readonly noData: boolean;
  fetch(): Promise<OdbcRows>;
  close(): Promise<void>;
}

export interface OdbcRows extends ReadonlyArray<readonly unknown[]> {
  readonly columns: readonly OdbcColumn[];
}

export interface OdbcColumn {
  readonly name: string;
  /** Number of the SQL type. */
  readonly dataType: number;
}

/** @returns undefined where that is another package */
export function libraryOf(loaded: unknown): OdbcLibrary | undefined {
  const library = typeof loaded === 'object' && loaded !== null && 'default' in loaded ? loaded.default : loaded;
  return isOdbcLibrary(library) ? library : undefined;
}

function isOdbcLibrary(library: unknown): library is OdbcLibrary {
  return typeof library === 'object' && library !== null && 'connect' in library && typeof library.connect === 'function';
}

/** The first error of the driver, which is the one that says why; empty texts where it says nothing. */
export function driverError(error: unknown): { readonly state: string; readonly message: string } {
  const errors: unknown = typeof error === 'object' && error !== null && 'odbcErrors' in error ? error.odbcErrors : [];
  const first: unknown = Array.isArray(errors) ? errors[0] : undefined;
  if (typeof first !== 'object' || first === null) return { state: '', message: '' };
  const { state, message }: { readonly state?: unknown; readonly message?: unknown } = first;
  return { state: typeof state === 'string' ? state : '', message: typeof message === 'string' ? message : '' };
}
