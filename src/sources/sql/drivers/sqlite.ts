// Driver sqlite: a file, read by node:sqlite in a process of its own.
// SQLite works synchronously, so a slow query would stop the exporter; and ending a thread does not interrupt it, so that only the end of
// a process is sure to end a query.

import { fork, type ChildProcess } from 'node:child_process';
import { access, constants, stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { SourceError } from '../../kind.js';
import { errorCode } from '../../system-errors.js';
import type { Connection, Driver, ExcessRight, QueryLimits, QueryResult, ServerState, Statement, Watermark } from '../driver.js';
import { sqliteError } from './sqlite-errors.js';
import { isReply, type Reply, type Request } from './sqlite-messages.js';

const PROCESS = fileURLToPath(new URL('./sqlite-process.js', import.meta.url));

export const sqlite: Driver = {
  title: 'SQLite',
  required: ['file'],
  optional: [],
  replicates: false,
  // One transaction writes at a time.
  commitsInOrder: true,
  timeHint: "store Unix seconds, or unixepoch(column) where it is UTC, unixepoch(column, 'utc') where it is local time",
  async connect({ file }, { resolvePath }) {
    if (file === undefined) throw new SourceError('connect', 'config', 'connection.file is missing');
    const path = resolvePath(file);
    try {
      await access(path, constants.R_OK);
      if (!(await stat(path)).isFile()) throw new SourceError('connect', 'config', 'that is no file');
    } catch (error) {
      throw inFile(file, error instanceof SourceError ? error : sqliteError(errorCode(error), ''));
    }
    return new SqliteConnection(path, file);
  },
};

class SqliteConnection implements Connection {
  readonly product = `SQLite ${process.versions['sqlite'] ?? ''}`.trim();
  readonly phases = {};
  readonly #process: ChildProcess;
  readonly #shown: string;
  #lost = false;

  /** @param shown the file as the YAML names it, for messages */
  constructor(path: string, shown: string) {
    this.#shown = shown;
    this.#process = fork(PROCESS, [path], {
      execArgv: ['--disable-warning=ExperimentalWarning'],
      // It needs nothing from the environment, where secrets may be.
      env: {},
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    this.#process.once('exit', () => (this.#lost = true));
    this.#process.on('error', () => (this.#lost = true));
  }

  get usable(): boolean {
    return !this.#lost && this.#process.connected;
  }

  async query({ sql, watermark }: Statement, { signal, timeoutMs, maxRows, countDropped }: QueryLimits): Promise<QueryResult> {
    // Time is left for the process to start and for the answer, which says more than a time-out does.
    const busyMs = Math.floor(Math.max(timeoutMs / 2, timeoutMs - 500));
    const reply = await this.#ask({ sql, watermark: valueOf(watermark), maxRows, countDropped, busyMs }, signal);
    if (reply.kind === 'rows') return reply;
    throw inFile(this.#shown, sqliteError(reply.code, reply.message));
  }

  get address(): string {
    return this.#shown;
  }

  /** A file has no replicas. */
  async state(): Promise<ServerState> {
    return { role: 'primary' };
  }

  /** It is opened read-only: what the owner of the file could do is of no matter. */
  async excessRights(): Promise<readonly ExcessRight[]> {
    return [];
  }

  async close(): Promise<void> {
    if (this.#lost) return;
    const gone = new Promise<void>((resolve) => this.#process.once('exit', () => resolve()));
    this.#process.kill('SIGKILL');
    await gone;
  }

  /** One request at a time, so the next reply is the answer. An abort ends the process: nothing less ends a query. */
  async #ask(request: Request, signal: AbortSignal): Promise<Reply> {
    const { promise, resolve, reject } = Promise.withResolvers<Reply>();
    const onMessage = (message: unknown) => {
      if (isReply(message)) resolve(message);
    };
    const onExit = () => reject(new SourceError('query', 'lost', 'the process that reads the database ended'));
    const onAbort = () => void this.close();
    this.#process.once('message', onMessage).once('exit', onExit).once('error', onExit);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      if (signal.aborted) onAbort();
      else this.#process.send(request, (error) => error && onExit());
      return await promise;
    } finally {
      this.#process.off('message', onMessage).off('exit', onExit).off('error', onExit);
      signal.removeEventListener('abort', onAbort);
    }
  }
}

/** As the engine compares it: integers and decimals by their value, times as the texts that they are in SQLite. */
function valueOf(watermark: Watermark | undefined): bigint | number | string | undefined {
  if (watermark === undefined || watermark.type === 'time') return watermark?.text;
  return watermark.type === 'integer' ? BigInt(watermark.text) : Number(watermark.text);
}

/** Errors of the file name it; those of a query are named by the query. */
function inFile(file: string, error: SourceError): SourceError {
  if (error.phase !== 'connect') return error;
  return new SourceError(error.phase, error.errorClass, `${file}: ${error.message}`);
}
