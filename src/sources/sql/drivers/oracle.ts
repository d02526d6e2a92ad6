// Driver oracle: Oracle Database from 12.1 on, by oracledb in its thin mode.

import { isIP } from 'node:net';
import { SourceError } from '../../kind.js';
import {
  CANCEL_LIMIT_MS,
  type Cell,
  type Connection,
  type ConnectContext,
  type ConnectPhase,
  type Driver,
  type ExcessRight,
  type Limits,
  type QueryLimits,
  type QueryResult,
  type ServerState,
  type SettingProblem,
  type Statement,
} from '../driver.js';
import type { ConnectionSettings } from '../schema.js';
import { encryptionOf } from './encryption.js';
import { oracleError, wasCancelled, type Phase } from './oracle-errors.js';
import { loadOracle, type OracleLibrary, type OracleSession } from './oracle-library.js';
import { excessRightsOf, stateOf, type Ask } from './oracle-state.js';
import { OPAQUE, bind, refusal, withTimesAsTexts } from './oracle-statement.js';
import { cellReader, fetchTypes, refuseUnreadable } from './oracle-values.js';
import { Wires } from './wires.js';

/** Of a listener that speaks plain, and by TLS. */
const DEFAULT_PORT = { tcp: 1521, tcps: 2484 } as const;
/** Rows that the server sends at a time. */
const BATCH = 1000;

/** @param load gives the library; it is called at each connect, and may fail */
export function oracleDriver(load: () => Promise<OracleLibrary>): Driver {
  return {
    title: 'Oracle Database',
    required: ['server', 'database', 'user', 'password'],
    optional: ['port', 'tls'],
    opaque: OPAQUE,
    replicates: true,
    commitsInOrder: false,
    timeHint: "FROM_TZ(CAST(column AS TIMESTAMP), 'Europe/Zurich') with the zone it was written in",
    settingProblems,
    refusal,
    async connect(settings, context, signal) {
      const { user, ...reach } = await reachOf(settings, context);
      const library = await load();
      const opened = await open(library, { ...reach, user, password: await reach.password() }, context.application, signal);
      return new OracleConnection(library, opened, user, reach.address);
    },
  };
}

export const oracle = oracleDriver(loadOracle);

function settingProblems({ server, database, tls }: ConnectionSettings): SettingProblem[] {
  const problems: SettingProblem[] = [];
  if (server !== undefined && isIP(server) === 0 && !/^[\w.-]+$/.test(server)) {
    problems.push({
      setting: 'server',
      message: 'is no name or address of a machine; the port is said by `port`, the service by `database`',
    });
  }
  if (database !== undefined && !/^[\w.$#-]+$/.test(database)) {
    problems.push({ setting: 'database', message: 'is no name of a service, such as EXCHANGE.example.org' });
  }
  if (typeof tls === 'object') {
    problems.push({
      setting: 'tls',
      message: 'is true or false for oracle; whom else to trust is said by the environment: NODE_EXTRA_CA_CERTS=/path/of/ca.pem',
    });
  }
  return problems;
}

interface Reach {
  readonly connectString: string;
  readonly user: string;
  readonly address: string;
  /** Read anew for each connection. */
  readonly password: () => Promise<string>;
}

async function reachOf(settings: ConnectionSettings, context: ConnectContext): Promise<Reach> {
  const { server, port, database, user, password, tls } = settings;
  if (server === undefined || database === undefined || user === undefined || password === undefined) {
    throw new SourceError('connect', 'config', 'connection lacks server, database, user or password');
  }
  const [problem] = settingProblems(settings);
  if (problem) throw new SourceError('connect', 'config', `connection.${problem.setting} ${problem.message}`);
  const protocol = (await encryptionOf(server, tls, context)) ? 'tcps' : 'tcp';
  const host = isIP(server) === 6 ? `[${server}]` : server;
  const address = `${host}:${port ?? DEFAULT_PORT[protocol]}`;
  return { connectString: `${protocol}://${address}/${database}`, address, user, password: () => context.readSecret(password) };
}

interface OpenSession {
  readonly session: OracleSession;
  readonly wires: Wires;
  readonly phases: Readonly<Partial<Record<ConnectPhase, number>>>;
}

interface Target {
  readonly connectString: string;
  readonly address: string;
  readonly user: string;
  readonly password: string;
}

async function open(library: OracleLibrary, target: Target, application: string, signal: AbortSignal): Promise<OpenSession> {
  const { connectString, address, user, password } = target;
  const wires = new Wires();
  const aborted = Promise.withResolvers<never>();
  const abort = () => {
    wires.cut();
    aborted.reject(new SourceError('connect', 'timeout', 'no time was left to connect'));
  };
  signal.addEventListener('abort', abort, { once: true });
  try {
    if (signal.aborted) abort();
    const startedAt = performance.now();
    const opening = wires.around(async () => {
      const session = await library.getConnection({ connectString, user, password, program: application });
      session.module = application;
      // The library takes the zone of this machine as it is at the moment: statements would change their meaning with it.
      await session.execute("ALTER SESSION SET TIME_ZONE = '+00:00'", {}, {});
      return session;
    });
    const session = await Promise.race([opening, aborted.promise]);
    return { session, wires, phases: phasesOf(wires, startedAt) };
  } catch (error) {
    wires.cut();
    const { phase, errorClass, message } = oracleError(error, 'connect');
    throw new SourceError(phase, errorClass, `${address}: ${message}`);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/** The library looks up the name before it makes a socket; what it does once that stands, TLS too, is counted as login. */
function phasesOf(wires: Wires, startedAt: number): OpenSession['phases'] {
  const { madeAt = startedAt, connectedAt = madeAt } = wires.times;
  return { dns: madeAt - startedAt, connect: connectedAt - madeAt, login: performance.now() - connectedAt };
}

/** Runs one exchange with the server within the limits of its transaction. */
type Call = <T>(begin: () => Promise<T>) => Promise<T>;

class OracleConnection implements Connection {
  readonly product: string;
  readonly phases: OpenSession['phases'];
  readonly #library: OracleLibrary;
  readonly #session: OracleSession;
  readonly #wires: Wires;
  readonly #user: string;
  readonly #lost = Promise.withResolvers<never>();
  #isLost = false;
  #calls = false;

  constructor(
    library: OracleLibrary,
    { session, wires, phases }: OpenSession,
    user: string,
    readonly address: string,
  ) {
    this.#library = library;
    this.#session = session;
    this.#wires = wires;
    this.#user = user;
    this.phases = phases;
    this.product = `Oracle Database ${session.oracleServerVersionString}`;
    this.#lost.promise.catch(() => {});
    wires.onClose(() => this.#cut());
  }

  get usable(): boolean {
    return !this.#isLost && this.#wires.open && this.#session.isHealthy();
  }

  async query(statement: Statement, limits: QueryLimits): Promise<QueryResult> {
    limits.signal.throwIfAborted();
    const problem = refusal(statement.sql);
    if (problem !== undefined) throw new SourceError('query', 'permission', `the statement ${problem}`);
    return await this.#transaction('query', limits, (call, late) => this.#read(call, late, statement, limits));
  }

  async state(limits: Limits): Promise<ServerState> {
    return await this.#transaction('role', limits, (call) => stateOf(this.#ask(call), this.#user));
  }

  async excessRights(limits: Limits): Promise<readonly ExcessRight[]> {
    return await this.#transaction('role', limits, (call) => excessRightsOf(this.#ask(call), this.#user));
  }

  /** An idle session takes its leave, so that it does not stay behind on the server. */
  async close(): Promise<void> {
    if (this.usable && !this.#calls) {
      const bound = setTimeout(() => this.#cut(), CANCEL_LIMIT_MS);
      await this.#unlessLost(this.#session.close()).catch(() => {});
      clearTimeout(bound);
    }
    this.#cut();
  }

  /** The server writes to no table in it, and sees all of them as they are at its beginning. */
  async #transaction<T>(phase: Phase, { signal, timeoutMs }: Limits, work: (call: Call, late: () => boolean) => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    // The library's own limit comes a little before ours, so that it cancels the query and the connection stays.
    const end = performance.now() + timeoutMs - Math.min(timeoutMs * 0.05, 200);
    let cutOff: NodeJS.Timeout | undefined;
    let pending = false;
    const cancel = () => {
      // Between two calls nothing runs, and a cancel would hit what comes next.
      if (!this.#calls) return;
      pending = true;
      cutOff = setTimeout(() => this.#cut(), CANCEL_LIMIT_MS);
      this.#session.break().catch(() => this.#cut());
    };
    const call: Call = async (begin) => {
      signal.throwIfAborted();
      this.#session.callTimeout = Math.max(1, Math.floor(end - performance.now()));
      return await this.#counted(begin);
    };
    signal.addEventListener('abort', cancel, { once: true });
    try {
      await call(() => this.#session.execute('SET TRANSACTION READ ONLY', {}, {}));
      return await work(call, () => performance.now() > end);
    } catch (error) {
      if (wasCancelled(error)) pending = false;
      throw oracleError(error, phase);
    } finally {
      signal.removeEventListener('abort', cancel);
      clearTimeout(cutOff);
      // What was cancelled ended by itself: the cancel on its way would hit the next statement.
      if (pending) this.#cut();
      await this.#rollBack();
    }
  }

  async #rollBack(): Promise<void> {
    if (!this.usable) return;
    const bound = setTimeout(() => this.#cut(), CANCEL_LIMIT_MS);
    this.#session.callTimeout = 0;
    await this.#counted(() => this.#session.rollback()).catch(() => this.#cut());
    clearTimeout(bound);
  }

  async #read(
    call: Call,
    late: () => boolean,
    statement: Statement,
    { maxRows, countDropped }: Pick<QueryLimits, 'maxRows' | 'countDropped'>,
  ): Promise<QueryResult> {
    const { sql, binds } = bind(statement);
    const startedAt = performance.now();
    const { metaData: columns = [] } = await call(() => this.#session.getStatementInfo(sql));
    refuseUnreadable(columns);
    const batch = Math.min(BATCH, maxRows + 1);
    const options = {
      outFormat: this.#library.OUT_FORMAT_ARRAY,
      resultSet: true,
      fetchArraySize: batch,
      prefetchRows: batch,
      fetchTypeHandler: fetchTypes(this.#library),
    };
    const { resultSet } = await call(() => this.#session.execute(withTimesAsTexts(sql, columns), binds, options));
    if (!resultSet) throw new SourceError('query', 'syntax', 'the statement returns no rows');
    const firstAt = performance.now();
    const readers = columns.map(cellReader);
    const rows: Cell[][] = [];
    let dropped = 0;
    try {
      for (;;) {
        const more = await call(() => resultSet.getRows(batch));
        for (const row of more) {
          if (rows.length < maxRows) rows.push(readers.map((read, place) => read(row[place])));
          else dropped++;
        }
        if (more.length < batch || (dropped > 0 && (!countDropped || late()))) break;
      }
      await resultSet.close();
    } catch (error) {
      // There are too many rows already: why there are no more does not matter.
      if (dropped === 0) throw error;
    }
    const phases = { execute: firstAt - startedAt, fetch: performance.now() - firstAt };
    return { columns: columns.map(({ name }) => name), rows, dropped, phases };
  }

  #ask(call: Call): Ask {
    return async (sql) => {
      const { rows = [] } = await call(() => this.#session.execute(sql, {}, { outFormat: this.#library.OUT_FORMAT_ARRAY }));
      return rows;
    };
  }

  async #counted<T>(begin: () => Promise<T>): Promise<T> {
    this.#calls = true;
    try {
      return await this.#unlessLost(begin());
    } finally {
      this.#calls = false;
    }
  }

  async #unlessLost<T>(promise: Promise<T>): Promise<T> {
    return await Promise.race([promise, this.#lost.promise]);
  }

  #cut(): void {
    this.#isLost = true;
    this.#wires.cut();
    this.#lost.reject(new SourceError('query', 'lost', 'the connection was lost'));
  }
}
