// One file that is followed, through one descriptor: it stays the same file whatever its name becomes, also when it has none any more.

import type { BigIntStats } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import type { RecordSink } from './sink.js';
import { splitLines } from './split.js';

/** How many of the first and of the last bytes read are kept, to notice that they have changed. */
const MARK_BYTES = 256;
/** Smallest read; larger where lines may be longer. */
const READ_BYTES = 256 * 1024;

/** How far a file has been read, and the first and last bytes up to that place: they tell whether it still is the same content. */
export interface Mark {
  readonly position: number;
  readonly head: Buffer;
  readonly tail: Buffer;
}

const NOTHING: Mark = { position: 0, head: Buffer.alloc(0), tail: Buffer.alloc(0) };

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
  #mark: Mark;
  #skipping: boolean;

  private constructor(path: string, stats: BigIntStats, handle: FileHandle, mark: Mark, skipping: boolean) {
    this.id = fileId(stats);
    this.birth = stats.birthtimeNs;
    this.path = path;
    this.#handle = handle;
    this.#mark = mark;
    this.#skipping = skipping;
  }

  /** Opens the file to be read from its start, or from where it was left. @throws a system error */
  static async open(path: string, earlier?: { readonly mark: Mark; readonly skipping: boolean }): Promise<LogFile> {
    const handle = await open(path, 'r');
    const stats = await handle.stat({ bigint: true });
    return new LogFile(path, stats, handle, earlier?.mark ?? NOTHING, earlier?.skipping ?? false);
  }

  get mark(): Mark {
    return this.#mark;
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

  /** Whether its content begins with what was read up to the mark. @throws a system error */
  async continues({ position, head, tail }: Mark): Promise<boolean> {
    if (!tail.equals(await this.bytes(position - tail.length, position))) return false;
    return position <= MARK_BYTES || head.equals(await this.bytes(0, head.length));
  }

  /** Goes on from a place that is the end of a line. @throws a system error */
  async moveTo(position: number): Promise<void> {
    const head = await this.bytes(0, Math.min(position, MARK_BYTES));
    this.#mark = { position, head, tail: await this.bytes(Math.max(0, position - MARK_BYTES), position) };
    this.#skipping = false;
  }

  /** Goes on where another file was, whose content this one continues. */
  takeOver(other: LogFile): void {
    this.#mark = other.#mark;
    this.#skipping = other.#skipping;
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
    this.#mark = NOTHING;
    this.#skipping = false;
  }

  /** Hands on the lines that are complete, up to the limits. Positions move with the lines, never apart. @throws a system error */
  async read(limits: ReadLimits, sink: RecordSink): Promise<ReadResult> {
    const { buffer, maxLine, stop } = limits;
    if (!(await this.continues(this.#mark))) return 'cut';
    const enough = this.#mark.position + limits.bytes;
    while (this.#mark.position < enough) {
      if (stop()) return 'more';
      const { position, tail } = this.#mark;
      const { bytesRead } = await this.#opened.read(buffer, 0, buffer.length, position - tail.length);
      const content = buffer.subarray(0, bytesRead);
      if (!content.subarray(0, tail.length).equals(tail)) return 'cut';
      const start = { skipping: this.#skipping, atFileStart: position === 0, maxLine };
      const bytes = content.subarray(tail.length);
      const { end, skipping } = await sink.piece({ path: this.path }, (records) => splitLines(bytes, start, records));
      this.#skipping = skipping;
      this.#advance(content.subarray(0, tail.length + end), end);
      if (bytesRead < buffer.length) return 'end';
    }
    return 'more';
  }

  /** @param content what has been read up to the new place, from the kept tail on */
  #advance(content: Buffer, by: number): void {
    const { position, head } = this.#mark;
    this.#mark = {
      position: position + by,
      // As long as the head is short, the content begins where the file does.
      head: head.length < MARK_BYTES ? Buffer.from(content.subarray(0, MARK_BYTES)) : head,
      tail: Buffer.from(content.subarray(-MARK_BYTES)),
    };
  }

  /** Hands on the last line of a file that nobody writes any more, though no line end follows. @throws a system error */
  async readLastLine({ maxLine }: Pick<ReadLimits, 'maxLine'>, sink: RecordSink): Promise<void> {
    if (this.#skipping) return;
    const { position } = this.#mark;
    const rest = await this.bytes(position, position + maxLine);
    if (rest.length === 0) return;
    const line = Buffer.concat([rest, Buffer.from('\n')]);
    const start = { skipping: false, atFileStart: position === 0, maxLine };
    await sink.piece({ path: this.path }, (records) => splitLines(line, start, records));
    await this.moveTo(position + rest.length);
  }

  get #opened(): FileHandle {
    if (!this.#handle) throw new Error('the file is closed');
    return this.#handle;
  }
}
