// Driver odbc: DB2, Informix and whatever else has an ODBC driver, by the package odbc in a process of its own.
// ODBC drivers are native code that may hang or crash, and only the end of a process is sure to end what one does.

import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { SourceError } from '../../kind.js';
import {
  CANCEL_LIMIT_MS,
  type Connection,
  type ConnectContext,
  type Driver,
  type ExcessRight,
  type QueryLimits,
  type QueryResult,
  type ServerState,
  type SettingProblem,
  type Statement,
} from '../driver.js';
import type { ConnectionSettings } from '../schema.js';
import { odbcError } from './odbc-errors.js';
import { isReply, type Reply, type Request } from './odbc-messages.js';
import { OPAQUE, bind, refusal } from './odbc-statement.js';
import { peerProblem } from './peer.js';

const PROCESS = fileURLToPath(new URL('./odbc-process.js', import.meta.url));

/** @param library the package, as it is imported */
export function odbcDriver(library: string): Driver {
  return {
    title: 'a database by ODBC',
    required: ['dsn'],
    optional: ['user', 'password'],
    opaque: OPAQUE,
    replicates: false,
    commitsInOrder: false,
    timeHint: 'say its zone by `timezone`: ODBC hands over all times without theirs',
    settingProblems,
    refusal,
    async connect(settings, context, signal) {
      const { dsn = '' } = settings;
      const connectionString = await connectionStringOf(settings, context);
      const connection = new OdbcConnection(library, dsn);
      await connection.open(connectionString, signal);
      return connection;
    },
  };
}

export const odbc = odbcDriver('odbc');

function settingProblems({ dsn, user, password }: ConnectionSettings): SettingProblem[] {
  const problems: SettingProblem[] = [];
  if (dsn !== undefined && /[;={}[\]]/.test(dsn)) {
    problems.push({ setting: 'dsn', message: 'is the name of a data source in odbc.ini, such as exchange; what it says belongs there' });
  }
  if (password !== undefined && user === undefined) problems.push({ setting: 'password', message: 'is of no use without `user`' });
  return problems;
}

/** The password is read at each connect. */
async function connectionStringOf(settings: ConnectionSettings, { readSecret }: ConnectContext): Promise<string> {
  const { dsn, user, password } = settings;
  if (dsn === undefined) throw new SourceError('connect', 'config', 'connection.dsn is missing');
  const [problem] = settingProblems(settings);
  if (problem) throw new SourceError('connect', 'config', `connection.${problem.setting} ${problem.message}`);
  const login = user === undefined ? '' : `;UID=${quoted(user)}`;
  return `DSN=${dsn}${login}${password === undefined ? '' : `;PWD=${quoted(await readSecret(password))}`}`;
}

/** Only what needs it: not all drivers take the braces off everywhere. */
function quoted(value: string): string {
  if (!/[;{}]|^\s|\s$/.test(value)) return value;
  return `{${value.replaceAll('}', '}}')}}`;
}

class OdbcConnection implements Connection {
  readonly product = 'ODBC';
  readonly address: string;
  readonly #process: ChildProcess;
  #connectMs = 0;
  #lost = false;
  #asks = false;

  constructor(library: string, dsn: string) {
    this.address = `data source ${dsn}`;
    // Drivers find their own settings by the environment.
    this.#process = fork(PROCESS, [library], {
      execArgv: [],
      env: process.env,
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    this.#process.once('exit', () => (this.#lost = true));
    this.#process.on('error', () => (this.#lost = true));
  }

  get usable(): boolean {
    return !this.#lost && this.#process.connected;
  }

  /** The steps of connecting are the driver's own. */
  get phases(): Connection['phases'] {
    return { connect: this.#connectMs };
  }

  async open(connectionString: string, signal: AbortSignal): Promise<void> {
    const startedAt = performance.now();
    try {
      // A driver that connects cannot be told to stop.
      const reply = await this.#ask({ kind: 'connect', connectionString }, signal, () => this.#kill());
      if (reply.kind === 'unloaded') throw new SourceError('connect', 'config', unloaded(reply.code));
      if (reply.kind === 'error') throw odbcError('connect', reply.state, reply.message);
      this.#connectMs = performance.now() - startedAt;
    } catch (error) {
      this.#kill();
      if (!(error instanceof SourceError)) throw error;
      const phase = error.phase === 'query' ? 'connect' : error.phase;
      throw new SourceError(phase, error.errorClass, `${this.address}: ${error.message}`);
    }
  }

  async query(statement: Statement, { signal, timeoutMs, maxRows, countDropped }: QueryLimits): Promise<QueryResult> {
    signal.throwIfAborted();
    const problem = refusal(statement.sql);
    if (problem !== undefined) throw new SourceError('query', 'permission', `the statement ${problem}`);
    const timeoutSeconds = Math.max(1, Math.ceil(timeoutMs / 1000));
    const request = { kind: 'query', ...bind(statement), maxRows, countDropped, timeoutSeconds } as const;
    const reply = await this.#ask(request, signal, () => this.#process.send({ kind: 'cancel' } satisfies Request));
    if (reply.kind === 'rows') return reply;
    if (reply.kind === 'error') throw this.#failed(odbcError('query', reply.state, reply.message));
    throw new SourceError('query', 'internal', 'the process that ODBC drivers run in gives no answer to a query');
  }

  /** What ODBC reaches is taken for a database of its own. */
  async state(): Promise<ServerState> {
    return { role: 'primary' };
  }

  async excessRights(): Promise<readonly ExcessRight[]> {
    throw new SourceError('role', 'internal', 'by ODBC a database does not tell what a login may do');
  }

  /** What runs is cancelled first: the server would not notice soon that nobody is there any more. */
  async close(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null || this.#process.pid === undefined) return;
    const gone = new Promise<void>((resolve) => this.#process.once('exit', () => resolve()));
    if (this.#asks && this.#process.connected) {
      this.#process.send({ kind: 'cancel' } satisfies Request);
      const bound = setTimeout(() => this.#kill(), CANCEL_LIMIT_MS);
      this.#process.once('message', () => this.#kill());
      await gone;
      clearTimeout(bound);
    } else {
      this.#kill();
      await gone;
    }
  }

  /** Drivers tell of a lost connection once, and then may act as if nothing had been. */
  #failed(error: SourceError): SourceError {
    if (error.errorClass === 'lost') this.#kill();
    return error;
  }

  #kill(): void {
    this.#lost = true;
    this.#process.kill('SIGKILL');
  }

  /** One request at a time, so the next reply is the answer. What an abort does not end soon is ended with its process. */
  async #ask(request: Request, signal: AbortSignal, cancel: () => void): Promise<Reply> {
    const { promise, resolve, reject } = Promise.withResolvers<Reply>();
    let bound: NodeJS.Timeout | undefined;
    const onMessage = (message: unknown) => {
      if (isReply(message)) resolve(message);
    };
    const onExit = () => reject(new SourceError('query', 'lost', 'the process that ODBC drivers run in ended'));
    const onAbort = () => {
      bound = setTimeout(() => this.#kill(), CANCEL_LIMIT_MS);
      cancel();
    };
    this.#process.once('message', onMessage).once('exit', onExit).once('error', onExit);
    signal.addEventListener('abort', onAbort, { once: true });
    this.#asks = true;
    try {
      if (signal.aborted) onAbort();
      else this.#process.send(request, (error) => error && onExit());
      return await promise;
    } finally {
      this.#asks = false;
      clearTimeout(bound);
      this.#process.off('message', onMessage).off('exit', onExit).off('error', onExit);
      signal.removeEventListener('abort', onAbort);
    }
  }
}

function unloaded(code: string | undefined): string {
  return `${peerProblem('odbc', 'odbc', code)} (it needs unixODBC and a compiler: https://github.com/IBM/node-odbc)`;
}
