// A stand-in for the library of Oracle, for no Oracle server can be had: it answers statements as a test says, and keeps what it was asked.

import type {
  ColumnInfo,
  ConnectOptions,
  ExecuteOptions,
  OracleLibrary,
  OracleSession,
} from '../../../src/sources/sql/drivers/oracle-library.js';

export interface Table {
  /** Name and type of each column. */
  readonly columns: readonly (readonly [name: string, type: string])[];
  readonly rows: readonly (readonly unknown[])[];
}

export type Answer = Table | Error | 'silence';

export interface Executed {
  readonly sql: string;
  readonly binds: Readonly<Record<string, string>>;
  readonly options: ExecuteOptions;
}

/** An error as the library throws it for one of the server. */
export function oraError(number: number, message: string): Error {
  const code = `ORA-${String(number).padStart(5, '0')}`;
  const text = `${code}: ${message}\nHelp: https://docs.oracle.com/error-help/db/ora-${number}/`;
  return Object.assign(new Error(text), { code, errorNum: number });
}

export function njsError(code: string, message: string): Error {
  return Object.assign(new Error(`${code}: ${message}`), { code });
}

/** @param answer to each statement of the driver; to those that it sends by itself, nothing need be said */
export class OracleDouble implements OracleLibrary {
  readonly OUT_FORMAT_ARRAY = 4001;
  readonly DB_TYPE_VARCHAR = 'as text';
  readonly DB_TYPE_RAW = 'as bytes';
  readonly logins: ConnectOptions[] = [];
  readonly executed: Executed[] = [];
  readonly sessions: SessionDouble[] = [];
  readonly answer: (sql: string) => Answer | undefined;

  constructor(answer: (sql: string) => Answer | undefined = () => undefined) {
    this.answer = answer;
  }

  /** The statements, in order. */
  get sent(): readonly string[] {
    return this.executed.map(({ sql }) => sql);
  }

  async getConnection(options: ConnectOptions): Promise<OracleSession> {
    this.logins.push(options);
    const session = new SessionDouble(this);
    this.sessions.push(session);
    return session;
  }
}

export class SessionDouble implements OracleSession {
  callTimeout = 0;
  module = '';
  readonly oracleServerVersionString = '19.21.0.0.0';
  readonly callTimeouts: number[] = [];
  rollbacks = 0;
  breaks = 0;
  /** Whether the server heeds a cancel. */
  heedsBreak = true;
  closed = false;
  readonly #library: OracleDouble;
  #running: ((error: Error) => void) | undefined;

  constructor(library: OracleDouble) {
    this.#library = library;
  }

  isHealthy(): boolean {
    return !this.closed;
  }

  async getStatementInfo(sql: string): Promise<{ readonly metaData?: readonly ColumnInfo[] }> {
    const answer = this.#library.answer(sql);
    if (answer instanceof Error) throw answer;
    return typeof answer === 'object' ? { metaData: answer.columns.map(([name, dbTypeName]) => ({ name, dbTypeName })) } : { metaData: [] };
  }

  async execute(sql: string, binds: Readonly<Record<string, string>>, options: ExecuteOptions) {
    this.#library.executed.push({ sql, binds, options });
    this.callTimeouts.push(this.callTimeout);
    const answer = this.#library.answer(sql);
    if (answer === undefined) return {};
    if (answer === 'silence') return await this.#untilBroken();
    if (answer instanceof Error) throw answer;
    if (!options.resultSet) return { rows: answer.rows };
    const left = [...answer.rows];
    return { resultSet: { getRows: async (most: number) => left.splice(0, most), close: async () => {} } };
  }

  async break(): Promise<void> {
    this.breaks++;
    if (this.heedsBreak) this.#running?.(oraError(1013, 'user requested cancel of current operation'));
  }

  async rollback(): Promise<void> {
    this.rollbacks++;
  }

  async close(): Promise<void> {
    this.closed = true;
  }

  async #untilBroken(): Promise<never> {
    const { promise, reject } = Promise.withResolvers<never>();
    this.#running = reject;
    return await promise;
  }
}
