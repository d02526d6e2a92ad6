// From bytes to lines. Newlines are found in bytes and each line is decoded on its own, so that a character split between reads stays whole.

import { isAscii } from 'node:buffer';
import type { Records } from './sink.js';

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf] as const;

export interface Split {
  /** Up to where the bytes are done with: what follows is a half line. */
  readonly end: number;
  /** The bytes ended within a line that is too long; the rest of it is still to be skipped. */
  readonly skipping: boolean;
}

export interface SplitStart {
  readonly skipping: boolean;
  /** These are the first bytes of the file. */
  readonly atFileStart: boolean;
  /** Longest line in bytes, its line end not counted. */
  readonly maxLine: number;
}

/** Hands over all complete lines in the bytes, without their line ends (LF or CRLF). */
export function splitLines(bytes: Buffer, { skipping, atFileStart, maxLine }: SplitStart, records: Records): Split {
  let start = 0;
  if (skipping) {
    const newline = bytes.indexOf(NEWLINE);
    if (newline < 0) return { end: bytes.length, skipping: true };
    start = newline + 1;
  } else {
    start = skipHead(bytes, atFileStart);
  }
  const end = Math.max(bytes.lastIndexOf(NEWLINE) + 1, start);
  const encoding = isAscii(bytes.subarray(start, end)) ? 'latin1' : 'utf8';
  while (start < end) {
    const newline = bytes.indexOf(NEWLINE, start);
    if (newline - start > maxLine) records.tooLong();
    else records.record(bytes.toString(encoding, start, newline > start && bytes[newline - 1] === RETURN ? newline - 1 : newline));
    start = newline + 1;
  }
  if (bytes.length - end <= maxLine) return { end, skipping: false };
  records.tooLong();
  return { end: bytes.length, skipping: true };
}

/** A byte order mark is no part of the first line; neither are the zeros that a file cut under a writer without O_APPEND begins with. */
function skipHead(bytes: Buffer, atFileStart: boolean): number {
  if (atFileStart && BYTE_ORDER_MARK.every((byte, index) => bytes[index] === byte)) return BYTE_ORDER_MARK.length;
  let start = 0;
  while (bytes[start] === 0) start++;
  return start;
}
