// A conversation in text with the other side: what came is kept until it is asked for, within a limit, over TCP and then over TLS.

import type { Socket } from 'node:net';
import { StringDecoder } from 'node:string_decoder';
import { errorCode, systemError } from '../system-errors.js';
import { settled } from './dial.js';
import { MATCH_LIMIT_MS, RanAway, type Match, type Pattern } from './pattern.js';
import type { ProbeRun } from './prober.js';
import { ProbeError } from './reasons.js';
import { secure, type Trust } from './tls.js';
import { tlsProblem } from './tls-errors.js';

export interface ConversationOptions {
  readonly encoding: 'utf8' | 'latin1';
  /** Whether the other side speaks in lines: then a line counts once it is complete, else every byte as it comes. */
  readonly lines: boolean;
  /** How much may come for one expectation; more is `too_large`. */
  readonly maxBytes: number;
}

/** How long the other side may take to close after a good-bye. */
const LEAVE_MS = 1_000;

/** What an expectation found. */
export interface Answer extends Match {
  /** What came up to the end of what matched; in lines, to the end of its line. */
  readonly text: string;
}

export class Conversation {
  readonly #run: ProbeRun;
  readonly #options: ConversationOptions;
  readonly #decoder: StringDecoder;
  #socket: Socket;
  /** What came and was not taken yet, and how many bytes that is. */
  #text = '';
  #bytes = 0;
  #ended = false;
  #hasLeft = false;
  #error: unknown;
  #wake: () => void = () => {};

  constructor(socket: Socket, options: ConversationOptions, run: ProbeRun) {
    this.#socket = socket;
    this.#options = options;
    this.#run = run;
    this.#decoder = new StringDecoder(options.encoding);
    this.#listen();
  }

  /** The socket in use now, until `close`. */
  get socket(): Socket {
    return this.#socket;
  }

  /** What came and nobody has taken. */
  get pending(): string {
    return this.#text;
  }

  /** The phase is the caller's to enter. @throws ProbeError `reset` where the connection is gone */
  async send(bytes: Buffer): Promise<void> {
    this.#throwError();
    if (this.#ended || this.#socket.destroyed) throw new ProbeError('reset', 'the other side closed the connection');
    await settled<void>(this.#run.signal, (done, fail) => {
      this.#socket.write(bytes, (error) => (error ? fail(this.#explained(error)) : done()));
    });
  }

  /**
   * Waits for text that matches, and takes all up to it.
   * @param refusal what, where it comes first, ends the wait
   * @throws ProbeError `answer` where the refusal came, or the other side ended first; `too_large`, `reset`
   */
  async expect(wanted: Pattern, refusal?: Pattern): Promise<Answer> {
    let spentMs = 0;
    let looked = -1;
    return await this.#read((text) => {
      if (text.length === looked) return undefined;
      looked = text.length;
      const start = performance.now();
      const found = this.#find(text, wanted, refusal, MATCH_LIMIT_MS - spentMs);
      spentMs += performance.now() - start;
      return found;
    });
  }

  /** The next line, without its end. @throws ProbeError as `expect` does */
  async line(): Promise<string> {
    const line = await this.take((text) => text.indexOf('\n') + 1 || undefined);
    return line.replace(/\r?\n$/, '');
  }

  /**
   * Takes a message whose length can be told.
   * @param measure how long the message is that begins what came; undefined where that cannot be told yet
   * @throws ProbeError as `expect` does
   */
  async take(measure: (text: string) => number | undefined): Promise<string> {
    return await this.#read((text) => {
      const length = measure(text);
      if (length === undefined || text.length < length) return undefined;
      this.#drop(length);
      return text.slice(0, length);
    });
  }

  /**
   * Goes on over TLS.
   * @throws ProbeError where the handshake fails, and where something came before it that nobody asked for
   */
  async secure(host: string, trust: Trust): Promise<void> {
    this.#run.watch.enter('tls');
    const plain = this.release();
    this.#socket = await secure(plain, host, trust, [], this.#run);
    this.#listen();
  }

  /**
   * Ends the conversation and gives the socket back, for a handshake.
   * @throws ProbeError where something came that nobody asked for: whoever is in between could have put it there (CVE-2011-0411)
   */
  release(): Socket {
    const socket = this.#socket;
    if (this.#text !== '') throw new ProbeError('protocol', 'it said more before the connection was secured', 'tls');
    this.#throwError();
    if (this.#ended) throw new ProbeError('reset', 'the other side closed the connection', 'tls');
    socket.off('data', this.#onData).off('end', this.#onEnd);
    return socket;
  }

  /** Ends the conversation with a good-bye, for whose answer nobody waits: the other side has a second to close. */
  leave(words: string): void {
    const socket = this.#socket;
    this.#hasLeft = true;
    const timer = this.#run.clock.after(LEAVE_MS, () => socket.destroy());
    socket.once('close', () => timer.cancel()).resume();
    socket.end(words, this.#options.encoding);
  }

  /** Cuts the connection, unless it was left with a good-bye. */
  close(): void {
    if (!this.#hasLeft) this.#socket.destroy();
  }

  readonly #onData = (chunk: Buffer) => {
    if (this.#hasLeft) return;
    this.#bytes += chunk.length;
    this.#text += this.#decoder.write(chunk);
    // What nobody waits for is not read on: a server that talks without end costs no more than this.
    if (this.#bytes > this.#options.maxBytes) this.#socket.pause();
    this.#wake();
  };

  readonly #onEnd = () => {
    this.#text += this.#decoder.end();
    this.#ended = true;
    this.#wake();
  };

  #listen(): void {
    const socket = this.#socket;
    const fail = (error: unknown) => {
      if (socket === this.#socket) this.#error ??= error;
      this.#wake();
    };
    socket.on('data', this.#onData).on('end', this.#onEnd);
    socket.on('error', fail).on('close', () => {
      if (!this.#ended) fail(new ProbeError('reset', 'the connection was cut'));
    });
  }

  /** @param look for what is wanted in what came, and drop it */
  async #read<T>(look: (text: string) => T | undefined): Promise<T> {
    const { signal } = this.#run;
    for (;;) {
      const found = look(this.#readable());
      if (found !== undefined) return found;
      if (this.#bytes > this.#options.maxBytes) {
        throw new ProbeError('too_large', `more than ${this.#options.maxBytes} bytes came, and not what was expected`);
      }
      this.#throwError();
      if (this.#ended) {
        const came = this.#text === '' ? 'without a word' : 'after other words';
        throw new ProbeError('answer', `it closed the connection ${came}`);
      }
      await settled<void>(signal, (done) => {
        this.#wake = done;
      });
    }
  }

  /** In lines, only complete ones count; where no more will come, all does. */
  #readable(): string {
    if (!this.#options.lines || this.#ended || this.#error !== undefined) return this.#text;
    return this.#text.slice(0, this.#text.lastIndexOf('\n') + 1);
  }

  #find(text: string, wanted: Pattern, refusal: Pattern | undefined, limitMs: number): Answer | undefined {
    if (limitMs <= 0) throw tooSlow();
    try {
      const found = wanted.find(text, limitMs);
      const refused = refusal?.find(text, limitMs);
      if (refused && (!found || refused.index < found.index)) throw new ProbeError('answer', 'it refused');
      if (!found) return undefined;
      const end = this.#options.lines ? lineEnd(text, found) : found.index + found.length;
      this.#drop(end);
      return { ...found, text: text.slice(0, end) };
    } catch (error) {
      throw error instanceof RanAway ? tooSlow() : error;
    }
  }

  #drop(length: number): void {
    this.#text = this.#text.slice(length);
    this.#bytes = Buffer.byteLength(this.#text, this.#options.encoding);
    if (this.#bytes <= this.#options.maxBytes && this.#socket.isPaused()) this.#socket.resume();
  }

  #throwError(): void {
    if (this.#error !== undefined) throw this.#explained(this.#error);
  }

  /** In our own words where it is of TLS, as `reset` where nothing says more. */
  #explained(error: unknown): unknown {
    const code = errorCode(error);
    const problem = tlsProblem(code);
    if (problem?.reason === 'client_certificate') return new ProbeError('client_certificate', problem.detail, 'tls');
    if (problem) return new ProbeError('tls', 'what came is no TLS any more');
    if (error instanceof ProbeError || systemError(code)) return error;
    return new ProbeError('reset', 'the connection was cut');
  }
}

function lineEnd(text: string, { index, length }: Match): number {
  const end = index + length;
  if (length > 0 && text[end - 1] === '\n') return end;
  const next = text.indexOf('\n', end);
  return next < 0 ? text.length : next + 1;
}

function tooSlow(): ProbeError {
  return new ProbeError('answer', `the pattern needs more than ${MATCH_LIMIT_MS} ms for what came; simplify it`);
}
