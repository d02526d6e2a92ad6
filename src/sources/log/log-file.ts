// One file that is followed, through one descriptor: it stays the same file whatever its name becomes, also when it has none any more.

import type { BigIntStats } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import type { LineSink } from './lines.js';
import { splitLines } from './split.js';

/** How many of the last bytes read are kept, to notice that they have changed. */
const MARK_BYTES = 256;
/** Smallest read; larger where lines may be longer. */
const READ_BYTES = 256 * 1024;

/** How far a file has been read, and the last bytes before that place: they tell whether it still is the same content. */
export interface Mark {
  readonly position: number;
  readonly tail: Buffer;
}

/** `end`: all complete lines have been read; `more`: it was told to stop; `cut`: the file was truncated or rewritten. */
export type ReadResult = 'end' | 'more' | 'cut';

export interface ReadLimits {
  readonly buffer: Buffer;
  readonly maxLine: number;
  /** How many bytes to read before letting others have their turn. */
  readonly bytes: number;
  readonly stop: () => boolean;
}

/** Device, inode and birth time: inode numbers alone are used again at once. */
export function fileId({ dev, ino, birthtimeNs }: BigIntStats): string {
  return `${dev}:${ino}:${birthtimeNs}`;
}

/** A buffer in which the longest line is seen to be too long. */
export function readBuffer(maxLine: number): Buffer {
  return Buffer.allocUnsafeSlow(Math.max(READ_BYTES, MARK_BYTES + maxLine + 1));
}

export class LogFile {
  readonly id: string;
  /** Nanoseconds since the Unix epoch. */
  readonly birth: bigint;
  /** The name under which it was seen last. */
  path: string;
  #handle: FileHandle | undefined;
  #position: number;
  #tail: Buffer;
  #skipping: boolean;

  private constructor(path: string, stats: BigIntStats, handle: FileHandle, mark: Mark, skipping: boolean) {
    this.id = fileId(stats);
    this.birth = stats.birthtimeNs;
    this.path = path;
    this.#handle = handle;
    this.#position = mark.position;
    this.#tail = mark.tail;
    this.#skipping = skipping;
  }

  /** Opens the file to be read from its start, or from where it was left. @throws a system error */
  static async open(path: string, earlier?: { readonly mark: Mark; readonly skipping: boolean }): Promise<LogFile> {
    const handle = await open(path, 'r');
    const stats = await handle.stat({ bigint: true });
    return new LogFile(path, stats, handle, earlier?.mark ?? { position: 0, tail: Buffer.alloc(0) }, earlier?.skipping ?? false);
  }

  get mark(): Mark {
    return { position: this.#position, tail: this.#tail };
  }

  /** The position is within a line that is too long. */
  get skipping(): boolean {
    return this.#skipping;
  }

  get isOpen(): boolean {
    return this.#handle !== undefined;
  }

  /** Opens it again, unless the name it had has gone to another file just now. @throws a system error */
  async reopen(): Promise<void> {
    const handle = await open(this.path, 'r');
    if (fileId(await handle.stat({ bigint: true })) === this.id) this.#handle = handle;
    else await handle.close();
  }

  async close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close();
  }

  /** Bytes it has now. @throws a system error */
  async size(): Promise<number> {
    return (await this.#opened.stat()).size;
  }

  /** Fewer bytes come back where the file ends. @throws a system error */
  async bytes(from: number, to: number): Promise<Buffer> {
    const buffer = Buffer.alloc(to - from);
    const { bytesRead } = await this.#opened.read(buffer, 0, buffer.length, from);
    return buffer.subarray(0, bytesRead);
  }

  /** Whether what was read last still stands where it stood, so that the file has only grown. @throws a system error */
  async isIntact(): Promise<boolean> {
    return this.#tail.equals(await this.bytes(this.#position - this.#tail.length, this.#position));
  }

  /** Goes on from a place that is the end of a line. @throws a system error */
  async moveTo(position: number): Promise<void> {
    this.#tail = await this.bytes(Math.max(0, position - MARK_BYTES), position);
    this.#position = position;
    this.#skipping = false;
  }

  /** Goes to the end, but not into a half line: that one counts when it is complete. @throws a system error */
  async moveToEnd({ buffer, maxLine }: Pick<ReadLimits, 'buffer' | 'maxLine'>): Promise<void> {
    const size = await this.size();
    const from = Math.max(0, size - maxLine - 1);
    const { bytesRead } = await this.#opened.read(buffer, 0, size - from, from);
    const newline = buffer.subarray(0, bytesRead).lastIndexOf('\n');
    await this.moveTo(newline < 0 && from === 0 ? 0 : newline < 0 ? size : from + newline + 1);
    this.#skipping = newline < 0 && from > 0;
  }

  /** Begins anew, after the file was cut. */
  rewind(): void {
    this.#position = 0;
    this.#tail = Buffer.alloc(0);
    this.#skipping = false;
  }

  /** Hands on the lines that are complete, up to the limits. Positions move with the lines, never apart. @throws a system error */
  async read(limits: ReadLimits, sink: LineSink): Promise<ReadResult> {
    const { buffer, maxLine, bytes, stop } = limits;
    const enough = this.#position + bytes;
    while (this.#position < enough) {
      if (stop()) return 'more';
      const known = this.#tail.length;
      const { bytesRead } = await this.#opened.read(buffer, 0, buffer.length, this.#position - known);
      if (!buffer.subarray(0, Math.min(known, bytesRead)).equals(this.#tail)) return 'cut';
      const fresh = buffer.subarray(known, bytesRead);
      const { end, skipping } = splitLines(fresh, { skipping: this.#skipping, atFileStart: this.#position === 0, maxLine }, sink);
      this.#skipping = skipping;
      this.#position += end;
      this.#tail = Buffer.from(buffer.subarray(Math.max(0, known + end - MARK_BYTES), known + end));
      if (bytesRead < buffer.length) return 'end';
    }
    return 'more';
  }

  /** Hands on the last line of a file that nobody writes any more, though no line end follows. @throws a system error */
  async readLastLine({ maxLine }: Pick<ReadLimits, 'maxLine'>, sink: LineSink): Promise<void> {
    if (this.#skipping) return;
    const rest = await this.bytes(this.#position, this.#position + maxLine);
    if (rest.length === 0) return;
    splitLines(Buffer.concat([rest, Buffer.from('\n')]), { skipping: false, atFileStart: this.#position === 0, maxLine }, sink);
    this.#position += rest.length;
  }

  get #opened(): FileHandle {
    if (!this.#handle) throw new Error('the file is closed');
    return this.#handle;
  }
}
