// A child process of `npm start`: started with a channel by which it notices the end of its parent, and stopped for certain.

import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** How long a child may take to stop before it is killed. */
const STOP_LIMIT_MS = 8_000;
/** What is kept of its last words. */
const KEPT_CHARACTERS = 4_000;

export class Child {
  readonly name: string;
  readonly #process: ChildProcess;
  /** Resolves when it has ended, with how, as one line, and its last words on standard error. */
  readonly ended: Promise<string>;
  #lastWords = '';
  #hasEnded = false;

  /** @param script compiled file */
  constructor(name: string, script: string, args: readonly string[]) {
    this.name = name;
    this.#process = fork(script, args, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    this.#process.stderr?.on('data', (data: Buffer) => {
      this.#lastWords = `${this.#lastWords}${data.toString()}`.slice(-KEPT_CHARACTERS);
    });
    this.ended = this.#watch();
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** Resolves when it sends its first message: that it is ready. */
  async ready(): Promise<void> {
    await once(this.#process, 'message');
  }

  async stop(): Promise<void> {
    if (this.#hasEnded) return;
    this.#process.kill('SIGTERM');
    const killer = setTimeout(() => this.#process.kill('SIGKILL'), STOP_LIMIT_MS);
    await this.ended;
    clearTimeout(killer);
  }

  async #watch(): Promise<string> {
    const { promise, resolve } = Promise.withResolvers<string>();
    this.#process.once('error', (error) => resolve(error.message));
    this.#process.once('close', (code, signal) => resolve(signal === null ? `exit code ${code}` : `signal ${signal}`));
    const how = await promise;
    this.#hasEnded = true;
    return [`${this.name} ended: ${how}`, this.#lastWords.trimEnd()].filter(Boolean).join('\n');
  }
}
