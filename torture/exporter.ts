// The exporter under torture: a process that is killed, started again and told to reload, and whose logs are kept for whoever must
// understand a failure.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { NODE_OPTIONS } from '../src/conventions.js';

const VIGIE = join(import.meta.dirname, '..', 'src', 'main.js');
const KEPT_OUTPUT = 8000;

export class Exporter {
  readonly #args: readonly string[];
  #child: ChildProcess | undefined;
  #url: string | undefined;
  #output = '';
  #death: string | undefined;

  constructor(args: readonly string[]) {
    this.#args = args;
  }

  /** What it said last. */
  get output(): string {
    return this.#output;
  }

  /** Where it listens, by its own word: a port that was free a moment ago may be that of another exporter now. Undefined while it does not. */
  get url(): string | undefined {
    return this.#url;
  }

  /** How it ended, where nobody asked it to. */
  get death(): string | undefined {
    return this.#death;
  }

  async start(): Promise<void> {
    const child = spawn(process.execPath, [...NODE_OPTIONS, VIGIE, ...this.#args, '--listen', '127.0.0.1:0'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (data: Buffer) => this.#heard(child, data.toString()));
    }
    child.once('exit', (code, signal) => {
      if (this.#child === child) this.#death = `the exporter ended by itself (${signal ?? code})`;
    });
  }

  /** At once, as by a loss of power. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  async stop(): Promise<void> {
    await this.#end('SIGTERM');
  }

  /** Only once it has answered: a process that has not come to listen for the signal dies of it. */
  reload(): void {
    this.#child?.kill('SIGHUP');
  }

  /** Files that it has open, where the kernel tells (Linux). */
  async openFiles(): Promise<string[]> {
    const folder = `/proc/${this.#child?.pid}/fd`;
    const links = await readdir(folder).catch(() => []);
    return Promise.all(links.map((link) => readlink(join(folder, link)).catch(() => '')));
  }

  /** The most memory that it has ever had resident, in bytes; undefined where the kernel does not tell (Linux does). */
  async peakMemory(): Promise<number | undefined> {
    const kilobytes = /^VmHWM:\s+(?<size>\d+) kB$/m.exec(await this.#status())?.groups?.['size'];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  }

  /** What the kernel says of it, for whoever must understand a failure (Linux). */
  async describe(): Promise<string> {
    const facts = (await this.#status()).match(/^(?:State|VmRSS|Threads):.*$/gm) ?? [];
    return `at ${this.url ?? 'no address'}: ${facts.join(', ').replaceAll(/\s+/g, ' ')}`;
  }

  #heard(child: ChildProcess, text: string): void {
    this.#output = (this.#output + text).slice(-KEPT_OUTPUT);
    if (this.#child === child) this.#url ??= /listens on (?<url>http:\S+)\n/.exec(text)?.groups?.['url'];
  }

  async #status(): Promise<string> {
    return readFile(`/proc/${this.#child?.pid}/status`, 'utf8').catch(() => '');
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    this.#url = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }
}
