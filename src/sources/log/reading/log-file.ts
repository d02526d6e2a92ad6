// One file that is followed, through one descriptor: it stays the same file whatever its name becomes, also when it has none any more.

import type { BigIntStats } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { byteOrderMark, type Codec } from './codec.js';
import { advance, compared, fingerprint, isEvidence, MARK_BYTES, NOTHING, type Mark } from './mark.js';
import { ReadAhead } from './read-ahead.js';
import { PIECE_BYTES, type ReadBuffer } from './read-buffer.js';
import type { RecordSink } from './sink.js';
import { HEADER_BYTES, headerOf, splitLines, type Split, type SplitRules } from './split.js';

/** `end`: all complete records have been read; `more`: it was told to stop; `cut`: the file was truncated or rewritten. */
export type ReadResult = 'end' | 'more' | 'cut';

export interface ReadLimits {
  readonly buffer: ReadBuffer;
  /** The codec is that of files without a byte order mark. */
  readonly rules: SplitRules;
  /** How many bytes to read before letting others have their turn. */
  readonly bytes: number;
  readonly stop: () => boolean;
  /** Nothing has been written for so long after so many bytes that the last record is complete. */
  readonly quietAt?: number | undefined;
}

/** Device, inode and birth time: inode numbers alone are used again at once. */
export function fileId({ dev, ino, birthtimeNs }: BigIntStats): string {
  return `${dev}:${ino}:${birthtimeNs}`;
}

/** What must be seen of a line to tell that it is too long. */
export function longestRead({ maxLine, codec }: SplitRules): number {
  return Math.max(PIECE_BYTES, maxLine + 2 * codec.unit);
}

export class LogFile {
  readonly id: string;
  /** Nanoseconds since the Unix epoch. */
  readonly birth: bigint;
  /** The name under which it was seen last. */
  path: string;
  /** How many contents it has had: one more with each cut. */
  contents = 1;
  #handle: FileHandle | undefined;
  #mark = NOTHING;
  /** That of the byte order mark; undefined until the first bytes have been seen. */
  #codec: Codec | 'unmarked' | undefined;
  /** Its first line, once that is complete and somebody wants to know it. */
  #header: string | undefined;

  private constructor(path: string, stats: BigIntStats, handle: FileHandle) {
    this.id = fileId(stats);
    this.birth = stats.birthtimeNs;
    this.path = path;
    this.#handle = handle;
  }

  /** Opens the file to be read from its start. @throws a system error */
  static async open(path: string): Promise<LogFile> {
    const handle = await open(path, 'r');
    const stats = await handle.stat({ bigint: true });
    return new LogFile(path, stats, handle);
  }

  get mark(): Mark {
    return this.#mark;
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
    return this.#fill(Buffer.alloc(to - from), from);
  }

  /** Whether its content begins with what was read up to the mark. @throws a system error */
  async continues({ position, head, tail }: Mark): Promise<boolean> {
    if (tail !== fingerprint(await this.bytes(position - compared(position), position))) return false;
    return !isEvidence(position) || head === fingerprint(await this.bytes(0, MARK_BYTES));
  }

  /** Goes on from a place that is the end of a line. @throws a system error */
  async moveTo(position: number): Promise<void> {
    const head = fingerprint(await this.bytes(0, compared(position)));
    const tail = fingerprint(await this.bytes(position - compared(position), position));
    this.#mark = { position, head, tail, within: undefined };
  }

  /** Goes on from where it was left, or where another content was left that this one continues. */
  goOn(mark: Mark): void {
    this.#mark = mark;
  }

  /** Goes to the end, but not into a half line: that one counts when it is complete. @throws a system error */
  async moveToEnd({ buffer, rules }: Pick<ReadLimits, 'buffer' | 'rules'>): Promise<void> {
    const codec = await this.#encoding(rules.codec);
    const size = await this.size();
    const end = size - (size % codec.unit);
    const from = Math.max(0, end - rules.maxLine - codec.unit - (rules.maxLine % codec.unit));
    const content = await this.#fill(buffer.of(end - from), from);
    const newline = codec.lastNewline(content, content.length);
    if (newline < 0 && from === 0) return;
    await this.moveTo(newline < 0 ? end : from + newline + codec.unit);
    const within = newline < 0 ? 'line' : rules.multiline ? 'record' : undefined;
    this.#mark = { ...this.#mark, within };
  }

  /** Begins anew, after the file was cut. */
  rewind(): void {
    this.#mark = NOTHING;
    this.#codec = undefined;
    this.#header = undefined;
    this.contents++;
  }

  /** Hands on the records that are complete, up to the limits. The place moves with the records, never apart. @throws a system error */
  async read(limits: ReadLimits, sink: RecordSink): Promise<ReadResult> {
    const { buffer, rules, stop } = limits;
    if (isEvidence(this.#mark.position) && this.#mark.head !== fingerprint(await this.bytes(0, MARK_BYTES))) return 'cut';
    // Before any bytes, whose place tells afterwards that it is the header of the same content.
    if (rules.hasHeader && this.#mark.position > 0) this.#header ??= headerOf(await this.bytes(0, HEADER_BYTES), rules.codec);
    const enough = this.#mark.position + limits.bytes;
    const ahead = new ReadAhead(buffer, (bytes, from) => this.#fill(bytes, from));
    try {
      let wanted = PIECE_BYTES;
      while (this.#mark.position < enough) {
        if (stop()) return 'more';
        const { position, tail } = this.#mark;
        const kept = compared(position);
        const content = await ahead.read(kept + wanted, position - kept);
        if (fingerprint(content.subarray(0, kept)) !== tail) return 'cut';
        if (content.length > kept && (await this.#isTorn(content, position - kept))) return 'cut';
        const isAll = content.length < kept + wanted;
        const isLast = isAll && position - kept + content.length === limits.quietAt;
        if (!isAll) this.#guessNext(ahead, content, kept, rules);
        const progress = content.length > kept && (await this.#take(content, kept, rules, isLast, sink));
        if (isAll) return 'end';
        wanted = progress ? PIECE_BYTES : Math.min(2 * wanted, longestRead(rules));
      }
      return 'more';
    } finally {
      await ahead.settle();
    }
  }

  /** Lets the next piece be read while this one is understood: mostly it begins after the last line end. */
  #guessNext(ahead: ReadAhead, content: Buffer, kept: number, { codec: unmarked, multiline }: SplitRules): void {
    const { position, within } = this.#mark;
    // How far a record of several lines reaches is not known yet, nor is the encoding of a file that begins.
    if (multiline || within === 'line' || position === 0 || this.#codec === undefined) return;
    const codec = this.#codec === 'unmarked' ? unmarked : this.#codec;
    const newline = codec.lastNewline(content.subarray(kept), content.length - kept);
    if (newline < 0) return;
    const next = position + newline + codec.unit;
    ahead.start(MARK_BYTES + PIECE_BYTES, next - MARK_BYTES);
  }

  /** Hands on what is left of a file that nobody writes any more, though no line end follows. @throws a system error */
  async finish({ rules }: Pick<ReadLimits, 'rules'>, sink: RecordSink): Promise<void> {
    const { position, within } = this.#mark;
    if (within === 'line') return;
    const kept = compared(position);
    const content = await this.bytes(position - kept, position + longestRead(rules));
    const codec = await this.#encoding(rules.codec);
    const rest = content.subarray(kept, content.length - ((content.length - kept) % codec.unit));
    if (rest.length === 0) return;
    const isComplete = codec.lastNewline(rest, rest.length) === rest.length - codec.unit;
    const bytes = isComplete ? rest : Buffer.concat([rest, codec.lineEnd]);
    await this.#piece(bytes, { ...rules, codec }, true, sink);
    this.#mark = advance(this.#mark, content, undefined);
  }

  /** A file that was cut and written anew while it was read gives the beginning of one content and the end of the other. */
  async #isTorn(content: Buffer, from: number): Promise<boolean> {
    const now = await this.bytes(from, from + Math.min(content.length, MARK_BYTES));
    return !now.equals(content.subarray(0, now.length));
  }

  /** @returns whether it got further */
  async #take(content: Buffer, kept: number, rules: SplitRules, isLast: boolean, sink: RecordSink): Promise<boolean> {
    const codec = this.#mark.position === 0 ? this.#codecOf(content, rules.codec) : await this.#encoding(rules.codec);
    const { end, within } = await this.#piece(content.subarray(kept), { ...rules, codec }, isLast, sink);
    this.#mark = advance(this.#mark, content.subarray(0, kept + end), within);
    return end > 0;
  }

  async #piece(bytes: Buffer, rules: SplitRules, isLast: boolean, sink: RecordSink): Promise<Split> {
    const { position, within } = this.#mark;
    if (rules.hasHeader && position === 0) this.#header = headerOf(bytes, rules.codec);
    const info = { path: this.path, header: this.#header };
    const start = { within, atFileStart: position === 0, isLast };
    return sink.piece(info, (records) => splitLines(bytes, start, rules, records));
  }

  /** A byte order mark stays what it is as long as the content does, over restarts too. */
  async #encoding(unmarked: Codec): Promise<Codec> {
    this.#codec ??= byteOrderMark(await this.bytes(0, 3))?.codec ?? 'unmarked';
    return this.#codec === 'unmarked' ? unmarked : this.#codec;
  }

  #codecOf(head: Buffer, unmarked: Codec): Codec {
    const marked = byteOrderMark(head)?.codec;
    this.#codec = head.length < 3 ? undefined : (marked ?? 'unmarked');
    return marked ?? unmarked;
  }

  /** What comes back is shorter where the file ends. */
  async #fill(buffer: Buffer, from: number): Promise<Buffer> {
    const { bytesRead } = await this.#opened.read(buffer, 0, buffer.length, from);
    return buffer.subarray(0, bytesRead);
  }

  get #opened(): FileHandle {
    if (!this.#handle) throw new Error('the file is closed');
    return this.#handle;
  }
}
