// Follows paths rather than files: for named pipes, for shares whose files have no identity that lasts, for Windows. What comes between two
// looks at a path that is rotated or cut is lost, and places do not outlast a restart.

import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { SourceError } from '../../kind.js';
import { errorCode } from '../../system-errors.js';
import { ByteQueue, type Delivery } from './byte-queue.js';
import { byteOrderMark, type Codec } from './codec.js';
import { noFileError, readError } from './errors.js';
import { followFile, followPipe, type Feed } from './feeds.js';
import type { Within } from './mark.js';
import { PIECE_BYTES } from './read-buffer.js';
import type { Look, Reader, ReaderOptions } from './reader.js';
import { headerOf, splitLines, type SplitRules } from './split.js';
import type { LogState } from './state.js';

/** What is kept of a path until the next look. A pipe keeps its writer waiting then; of a file the rest is lost, and told. */
export const QUEUE_BYTES = 16 * 1024 * 1024;
const POLL_MS = 500;

export interface PathFollowerOptions extends ReaderOptions {
  /** No globs. */
  readonly paths: readonly string[];
  /** Milliseconds between two looks at the size of a file. Default 500. */
  readonly pollMs?: number;
}

export class PathFollower implements Reader {
  /** New files are found by their paths. */
  readonly folders: readonly string[] = [];
  readonly #options: PathFollowerOptions;
  readonly #paths: readonly FollowedPath[];
  #isFirst = true;

  constructor(options: PathFollowerOptions) {
    this.#options = options;
    this.#paths = options.paths.map((path) => new FollowedPath(resolve(options.folder, path), options));
  }

  async look(stop: () => boolean): Promise<Look> {
    const errors = await this.#open();
    for (const path of this.#paths) {
      if (stop()) break;
      await path.read(stop);
    }
    const since = this.#paths.map(({ queue }) => queue.since).filter((at) => at !== undefined);
    const files = this.#paths.filter(({ isOpen }) => isOpen).length;
    return {
      behind: this.#paths.reduce((sum, { queue }) => sum + queue.size, 0),
      unreadSince: since.length === 0 ? undefined : Math.min(...since),
      files,
      error: errors[0] ?? (files === 0 ? noFileError(this.#options.paths) : undefined),
    };
  }

  async meet(): Promise<void> {
    await this.#open();
  }

  /** There is no place to go on at. */
  state(): LogState {
    return { version: 2, savedAt: this.#options.clock.now(), globs: [], files: [], gone: [], archives: [] };
  }

  async close(): Promise<LogState> {
    for (const path of this.#paths) {
      path.close();
      await path.read(() => false);
    }
    return this.state();
  }

  async #open(): Promise<SourceError[]> {
    const errors: SourceError[] = [];
    for (const path of this.#paths) {
      const error = await path.open(this.#isFirst && this.#options.from === 'end');
      if (error) errors.push(error);
    }
    this.#isFirst = false;
    return errors;
  }
}

class FollowedPath {
  readonly queue = new ByteQueue(QUEUE_BYTES);
  readonly #options: PathFollowerOptions;
  readonly #path: string;
  #feed: Feed | undefined;
  #failure: unknown;
  /** What is not complete yet. */
  #rest: Buffer = Buffer.alloc(0);
  #within: Within;
  /** The next bytes are the first of a file. */
  #atStart = true;
  #marked: Codec | undefined;
  #header: string | undefined;
  /** Monotonic. */
  #cameAt = 0;
  #lost = 0;

  constructor(path: string, options: PathFollowerOptions) {
    this.#path = path;
    this.#options = options;
  }

  get isOpen(): boolean {
    return this.#feed !== undefined;
  }

  /** Opens it where it is not. A path that does not exist is none of our errors. */
  async open(atEnd: boolean): Promise<SourceError | undefined> {
    const failure = this.#failure;
    this.#failure = undefined;
    try {
      this.#feed ??= await this.#start(atEnd);
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') return readError(this.#path, error);
    }
    return failure === undefined ? undefined : readError(this.#path, failure);
  }

  /** Hands on all that has come. */
  async read(stop: () => boolean): Promise<void> {
    while (!stop()) {
      const delivery = this.queue.take(PIECE_BYTES);
      if (!delivery) break;
      this.#feed?.resume();
      await this.#add(delivery);
    }
    const { multiline, clock, sink } = this.#options;
    const isQuiet = multiline && this.queue.size === 0 && clock.monotonic() - this.#cameAt >= multiline.timeoutMs;
    if (isQuiet && this.#rest.length > 0) await this.#split(true);
    if (this.#lost > 0) sink.lost(this.#lost);
    this.#lost = 0;
  }

  close(): void {
    this.#feed?.close();
    this.#feed = undefined;
  }

  async #start(atEnd: boolean): Promise<Feed> {
    const isPipe = (await stat(this.#path)).isFIFO();
    const options = {
      path: this.#path,
      onBytes: (bytes: Buffer) => this.#deliver(bytes),
      onBegin: () => this.queue.begin(),
      onEnd: (error: unknown) => {
        this.#feed = undefined;
        this.#failure = error;
      },
    };
    return isPipe ? followPipe(options) : followFile({ ...options, fromStart: !atEnd, pollMs: this.#options.pollMs ?? POLL_MS });
  }

  #deliver(bytes: Buffer): void {
    this.#cameAt = this.#options.clock.monotonic();
    this.#lost += this.queue.put(bytes, this.#cameAt);
    if (this.queue.isFull) this.#feed?.pause();
  }

  async #add({ bytes, gap, begins }: Delivery): Promise<void> {
    if (begins) await this.#beginAnew();
    let next = bytes;
    if (gap > 0) {
      // The line that was cut in two is lost as a whole.
      const { unit } = this.#rules.codec;
      next = bytes.subarray((this.#rest.length + gap) % unit);
      this.#lost += this.#rest.length;
      this.#rest = Buffer.alloc(0);
      this.#within = 'line';
    }
    this.#rest = Buffer.concat([this.#rest, next]);
    await this.#split(false);
  }

  /** Nothing is added any more to the half line that the old content ends with. */
  async #beginAnew(): Promise<void> {
    if (this.#rest.length > 0) {
      this.#rest = Buffer.concat([this.#rest, this.#rules.codec.lineEnd]);
      await this.#split(true);
    }
    this.#rest = Buffer.alloc(0);
    this.#within = undefined;
    this.#atStart = true;
  }

  async #split(isLast: boolean): Promise<void> {
    if (this.#atStart) this.#marked = byteOrderMark(this.#rest)?.codec;
    if (this.#atStart && this.#options.hasHeader) this.#header = headerOf(this.#rest, this.#rules.codec);
    const [bytes, rules] = [this.#rest, this.#rules];
    const start = { within: this.#within, atFileStart: this.#atStart, isLast };
    const info = { path: this.#path, header: this.#header };
    const { end, within } = await this.#options.sink.piece(info, (records) => splitLines(bytes, start, rules, records));
    this.#within = within;
    this.#rest = Buffer.from(bytes.subarray(end));
    if (end > 0) this.#atStart = false;
  }

  get #rules(): SplitRules {
    const { codec, maxLine, multiline } = this.#options;
    return { codec: this.#marked ?? codec, maxLine, multiline };
  }
}
