// Reads the records of a compressed file, from its start or from the place up to which its content has been read elsewhere.

import { byteOrderMark, type Codec } from './codec.js';
import { GzipError, type GzipContent } from './gzip-content.js';
import { longestRead, type ReadLimits } from './log-file.js';
import { advance, compared, fingerprint, type Mark } from './mark.js';
import { PIECE_BYTES } from './read-buffer.js';
import type { RecordSink } from './sink.js';
import { HEADER_BYTES, headerOf, splitLines } from './split.js';
import { Passed } from './survey.js';

/** Longer than what a stream gives at a time. */
const CHUNK_ROOM = 256 * 1024;

/** What has been decompressed and not been taken, in a buffer from the start on. */
interface Pending {
  bytes: Buffer;
  /** Bytes at its start that have been read already. */
  kept: number;
  length: number;
}

export class ArchiveReader {
  readonly #path: string;
  readonly #content: GzipContent;
  #mark: Mark;
  /** What a turn left over, from the kept bytes on; undefined before the place is reached. */
  #left: Buffer | undefined;
  #passed = new Passed();
  #marked: Codec | undefined;
  #header: string | undefined;
  #hasBegun = false;
  #failure: unknown;

  /** @param content at its start */
  constructor(path: string, content: GzipContent, mark: Mark) {
    this.#path = path;
    this.#content = content;
    this.#mark = mark;
  }

  get mark(): Mark {
    return this.#mark;
  }

  /** @returns whether it has been read to its end. @throws GzipError, or a system error, after all that could be read has been handed on */
  async read(limits: ReadLimits, sink: RecordSink): Promise<boolean> {
    if (!(await this.#reachMark(limits))) return false;
    const { buffer, rules, stop } = limits;
    const enough = this.#mark.position + limits.bytes;
    const left = this.#left ?? Buffer.alloc(0);
    let wanted = PIECE_BYTES;
    const pending: Pending = { bytes: buffer.of(roomFor(wanted)), kept: compared(this.#mark.position), length: left.length };
    left.copy(pending.bytes);
    try {
      while (this.#mark.position < enough && !stop()) {
        const isAll = await this.#fill(pending, wanted);
        const progress = await this.#take(pending, isAll, limits, sink);
        if (isAll) return this.#end();
        if (progress) continue;
        wanted = Math.min(2 * wanted, longestRead(rules));
        const larger = buffer.of(roomFor(wanted));
        pending.bytes.copy(larger, 0, 0, pending.length);
        pending.bytes = larger;
      }
      return false;
    } finally {
      this.#left = Buffer.from(pending.bytes.subarray(0, pending.length));
    }
  }

  #end(): true {
    if (this.#failure !== undefined) throw this.#failure;
    return true;
  }

  async #begin({ codec, hasHeader }: ReadLimits['rules']): Promise<void> {
    const head = await this.#content.peek(hasHeader ? HEADER_BYTES : 3);
    this.#marked = byteOrderMark(head)?.codec;
    if (hasHeader) this.#header = headerOf(head, this.#marked ?? codec);
    this.#hasBegun = true;
  }

  /** @returns false where it was told to stop before */
  async #reachMark({ rules, stop }: ReadLimits): Promise<boolean> {
    if (this.#left) return true;
    if (!this.#hasBegun) await this.#begin(rules);
    const { position, tail } = this.#mark;
    while (this.#passed.position < position) {
      if (stop()) return false;
      const chunk = await this.#content.next();
      if (!chunk) throw new GzipError('damaged', new Error('it has become shorter'));
      const ahead = position - this.#passed.position;
      if (chunk.length < ahead) {
        this.#passed.add(chunk);
        continue;
      }
      const kept = Buffer.from(this.#passed.tail(chunk.subarray(0, ahead)));
      if (fingerprint(kept) !== tail) throw new GzipError('damaged', new Error('its content has changed'));
      this.#left = Buffer.concat([kept, chunk.subarray(ahead)]);
      return true;
    }
    this.#left = Buffer.alloc(0);
    return true;
  }

  /** @returns whether nothing comes after it */
  async #fill(pending: Pending, wanted: number): Promise<boolean> {
    while (pending.length < pending.kept + wanted) {
      let chunk;
      try {
        chunk = await this.#content.next();
      } catch (error) {
        this.#failure = error;
      }
      if (!chunk) return true;
      chunk.copy(pending.bytes, pending.length);
      pending.length += chunk.length;
    }
    return false;
  }

  /** @returns whether it got further */
  async #take(pending: Pending, isAll: boolean, { rules }: ReadLimits, sink: RecordSink): Promise<boolean> {
    const codec = this.#marked ?? rules.codec;
    const isLast = isAll && this.#failure === undefined;
    const { bytes, kept, length } = pending;
    if (length === kept) return true;
    const added = isLast ? endLine(pending, codec) : 0;
    const start = { within: this.#mark.within, atFileStart: this.#mark.position === 0, isLast };
    const piece = bytes.subarray(kept, length + added);
    const split = await sink.piece({ path: this.#path, header: this.#header }, (records) =>
      splitLines(piece, start, { ...rules, codec }, records),
    );
    const end = Math.min(split.end, length - kept);
    const { within } = split;
    this.#mark = advance(this.#mark, bytes.subarray(0, kept + end), within);
    pending.kept = compared(this.#mark.position);
    const from = kept + end - pending.kept;
    bytes.copyWithin(0, from, length);
    pending.length -= from;
    return end > 0;
  }
}

function roomFor(wanted: number): number {
  return wanted + 2 * CHUNK_ROOM;
}

/** The last line of what nobody writes any more needs no line end. @returns how many bytes were added behind what is pending */
function endLine({ bytes, kept, length }: Pending, codec: Codec): number {
  const rest = bytes.subarray(kept, length);
  const half = rest.length % codec.unit;
  if (half === 0 && codec.lastNewline(rest, rest.length) === rest.length - codec.unit) return 0;
  // Half a character is filled up with what follows it.
  codec.lineEnd.copy(bytes, length - half);
  return codec.unit - half;
}
