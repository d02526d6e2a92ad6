// From bytes to records. Line ends are found in bytes and whole lines are decoded, so that a character split between reads stays whole.

import type { Codec } from './codec.js';
import { byteOrderMark } from './codec.js';
import type { Within } from './mark.js';
import { RecordJoiner, type Multiline } from './multiline.js';
import type { Records } from './sink.js';

/** Decoding some lines at once is faster than one by one; more than this would only take memory. */
const CHUNK_BYTES = 48 * 1024;
const RETURN = 0x0d;

export interface SplitRules {
  readonly codec: Codec;
  /** Longest record in bytes, its line end not counted. */
  readonly maxLine: number;
  readonly multiline?: Multiline | undefined;
  /** The first line of each file names the columns of all others. */
  readonly hasHeader?: boolean | undefined;
}

export interface SplitStart {
  readonly within: Within;
  /** These are the first bytes of the file. */
  readonly atFileStart: boolean;
  /** Nobody writes on: what is there of the last record is all of it. */
  readonly isLast?: boolean;
}

export interface Split {
  /** Up to where the bytes are done with: what follows is a half line, or a record that may go on. */
  readonly end: number;
  readonly within: Within;
}

/** What is looked at to find the first line of a file. */
export const HEADER_BYTES = 64 * 1024;

/** @param head the first bytes of a file @returns its first line; undefined where it is not complete */
export function headerOf(head: Buffer, codec: Codec): string | undefined {
  const mark = byteOrderMark(head)?.length ?? 0;
  const end = codec.newline(head, mark);
  return end < 0 ? undefined : codec.decode(head, mark, end).replace(/\r$/, '');
}

/** Takes the lines of a piece. */
export interface LineTaker {
  /** It must be told where lines begin and end; else they are not known everywhere. */
  readonly needsPlaces: boolean;
  /** @param end after the line end */
  line(text: string, start: number, end: number): void;
  tooLong(): void;
}

/** Hands over all complete records in the bytes, without their line ends (LF or CRLF). A pure function of the bytes. */
export function splitLines(bytes: Buffer, start: SplitStart, rules: SplitRules, records: Records): Split {
  const { codec, maxLine, multiline } = rules;
  const from = start.within === 'line' ? afterLongLine(bytes, codec) : afterHead(bytes, start, rules);
  if (from < 0) return { end: whole(bytes.length, codec), within: 'line' };
  const end = Math.max(afterLast(bytes, bytes.length, codec), from);
  const halfIsTooLong = bytes.length - end > maxLine;
  const within = start.within === undefined ? undefined : 'record';
  let done: Split;
  if (multiline) {
    const joiner = new RecordJoiner(multiline, rules, records, { at: from, within });
    eachLine(bytes, from, end, rules, joiner);
    done = joiner.finish(end, start.isLast === true || bytes.length - joiner.start > maxLine);
  } else {
    eachLine(bytes, from, end, rules, plainTaker(records));
    done = { end, within: undefined };
  }
  if (!halfIsTooLong) return done;
  records.tooLong();
  return { end: whole(bytes.length, codec), within: 'line' };
}

function plainTaker(records: Records): LineTaker {
  return { needsPlaces: false, line: (text) => records.record(text), tooLong: () => records.tooLong() };
}

/** The rest of a line that was too long is passed over. @returns -1 where it does not end here */
function afterLongLine(bytes: Buffer, codec: Codec): number {
  const newline = codec.newline(bytes, 0);
  return newline < 0 ? -1 : newline + codec.unit;
}

/** A byte order mark is no part of the first line; neither are the zeros that a file cut under a writer without O_APPEND begins with. */
function afterHead(bytes: Buffer, { atFileStart }: SplitStart, { codec, maxLine }: SplitRules): number {
  if (atFileStart) {
    const mark = byteOrderMark(bytes);
    if (mark?.codec === codec) return mark.length;
  }
  let zeros = 0;
  while (bytes[zeros] === 0) zeros++;
  // Zeros that nothing follows may be space that was set aside: what is written there later is still to be read.
  if (zeros === bytes.length && zeros <= maxLine) return 0;
  return whole(zeros, codec);
}

/** @returns after the last line end before `to`; 0 where there is none */
function afterLast(bytes: Buffer, to: number, codec: Codec): number {
  const newline = codec.lastNewline(bytes, to);
  return newline < 0 ? 0 : newline + codec.unit;
}

function whole(length: number, { unit }: Codec): number {
  return length - (length % unit);
}

/** @param end after a line end */
function eachLine(bytes: Buffer, from: number, end: number, rules: SplitRules, taker: LineTaker): void {
  const { codec, maxLine } = rules;
  let start = from;
  while (start < end) {
    let next = end;
    if (end - start > CHUNK_BYTES) {
      next = afterLast(bytes, start + CHUNK_BYTES, codec);
      if (next <= start) next = codec.newline(bytes, start) + codec.unit;
    }
    // Only one line is as long as this.
    if (next - start > Math.max(maxLine, CHUNK_BYTES) + codec.unit) taker.tooLong();
    else takeChunk(bytes, start, next, rules, taker);
    start = next;
  }
}

function takeChunk(bytes: Buffer, start: number, end: number, rules: SplitRules, taker: LineTaker): void {
  const chunk = rules.codec.chunk(bytes, start, end);
  const isShort = end - start - rules.codec.unit <= rules.maxLine;
  if (!chunk || (chunk.width === 0 && (taker.needsPlaces || !isShort))) takeOneByOne(bytes, start, end, rules, taker);
  else takeText(chunk.text, start, chunk.width, rules.maxLine, taker);
}

/** @param width 0 where places are not known, and no line can be too long */
function takeText(text: string, offset: number, width: number, maxLine: number, taker: LineTaker): void {
  const longest = width === 0 ? text.length : Math.floor(maxLine / width);
  let start = 0;
  while (start < text.length) {
    const newline = text.indexOf('\n', start);
    const end = newline > start && text.charCodeAt(newline - 1) === RETURN ? newline - 1 : newline;
    if (newline - start > longest) taker.tooLong();
    else taker.line(text.slice(start, end), offset + start * width, offset + (newline + 1) * width);
    start = newline + 1;
  }
}

function takeOneByOne(bytes: Buffer, from: number, to: number, { codec, maxLine }: SplitRules, taker: LineTaker): void {
  let start = from;
  while (start < to) {
    const newline = codec.newline(bytes, start);
    const end = newline > start && bytes[newline - 1] === RETURN ? newline - 1 : newline;
    if (newline - start > maxLine) taker.tooLong();
    else taker.line(codec.decode(bytes, start, end), start, newline + codec.unit);
    start = newline + codec.unit;
  }
}
