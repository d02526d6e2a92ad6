// From bytes to text, in all encodings in which a line end can be found without decoding.

import { isAscii } from 'node:buffer';
import { canonicalName, isUtf8 } from './encodings.js';

const NEWLINE = 0x0a;

export interface Chunk {
  readonly text: string;
  /** Bytes of each UTF-16 unit of the text; 0 where they differ. */
  readonly width: 0 | 1 | 2;
}

export interface Codec {
  /** Bytes that a line end has, and to which it is aligned. */
  readonly unit: 1 | 2;
  readonly lineEnd: Buffer;
  /** @returns where the first line end at or after `from` stands, -1 where there is none */
  newline(bytes: Buffer, from: number): number;
  /** @returns where the last line end before `to` stands, -1 where there is none */
  lastNewline(bytes: Buffer, to: number): number;
  /** Decodes several lines at once. @returns undefined where they must be decoded one by one */
  chunk(bytes: Buffer, start: number, end: number): Chunk | undefined;
  decode(bytes: Buffer, start: number, end: number): string;
}

const byteLines = {
  unit: 1,
  lineEnd: Buffer.of(NEWLINE),
  newline: (bytes: Buffer, from: number) => bytes.indexOf(NEWLINE, from),
  lastNewline: (bytes: Buffer, to: number) => (to > 0 ? bytes.lastIndexOf(NEWLINE, to - 1) : -1),
} as const;

export const utf8: Codec = {
  ...byteLines,
  chunk: (bytes, start, end) => asciiChunk(bytes, start, end) ?? { text: bytes.toString('utf8', start, end), width: 0 },
  decode: (bytes, start, end) => bytes.toString('utf8', start, end),
};

const latin1: Codec = {
  ...byteLines,
  chunk: (bytes, start, end) => ({ text: bytes.toString('latin1', start, end), width: 1 }),
  decode: (bytes, start, end) => bytes.toString('latin1', start, end),
};

const utf16le = utf16([NEWLINE, 0], (bytes, start, end) => bytes.toString('utf16le', start, end));
const utf16be = utf16([0, NEWLINE], (bytes, start, end) => {
  const even = end - ((end - start) % 2);
  return Buffer.from(bytes.subarray(start, even)).swap16().toString('utf16le');
});

function utf16(bytesOfLineEnd: readonly [number, number], decode: Codec['decode']): Codec {
  const lineEnd = Buffer.from(bytesOfLineEnd);
  return {
    unit: 2,
    lineEnd,
    newline(bytes, from) {
      let at = bytes.indexOf(lineEnd, from);
      // Halves of two neighbours may look like a line end.
      while (at % 2 === 1) at = bytes.indexOf(lineEnd, at + 1);
      return at;
    },
    lastNewline(bytes, to) {
      let at = to > 1 ? bytes.lastIndexOf(lineEnd, to - 2) : -1;
      while (at % 2 === 1) at = bytes.lastIndexOf(lineEnd, at - 1);
      return at;
    },
    chunk: (bytes, start, end) => ({ text: decode(bytes, start, end), width: 2 }),
    decode,
  };
}

/** Byte order marks, and what they tell. */
const BYTE_ORDER_MARKS = [
  { mark: Buffer.of(0xef, 0xbb, 0xbf), codec: utf8 },
  { mark: Buffer.of(0xff, 0xfe), codec: utf16le },
  { mark: Buffer.of(0xfe, 0xff), codec: utf16be },
] as const;

/** The encoding that a byte order mark at the start of a file tells, and how long that mark is. */
export function byteOrderMark(head: Buffer): { readonly codec: Codec; readonly length: number } | undefined {
  const found = BYTE_ORDER_MARKS.find(({ mark }) => head.subarray(0, mark.length).equals(mark));
  return found && { codec: found.codec, length: found.mark.length };
}

/** @param encoding a name of which `encodingProblem` has nothing to say */
export async function createCodec(encoding: string): Promise<Codec> {
  const name = canonicalName(encoding);
  if (isUtf8(name)) return utf8;
  if (name === 'utf16be') return utf16be;
  if (name === 'utf16' || name === 'utf16le' || name === 'ucs2') return utf16le;
  const { default: iconv } = await import('iconv-lite');
  const decode = (bytes: Buffer) => iconv.decode(bytes, name, { stripBOM: false });
  const all = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
  const table = decode(all);
  const sharesAscii = table.startsWith(all.toString('latin1', 0, 128));
  if (table === all.toString('latin1')) return latin1;
  if (all.every((byte) => decode(Buffer.of(byte)) === table[byte])) return singleByte(table, sharesAscii);
  return {
    ...byteLines,
    // After a broken character of several bytes, a decoder may take the line end for its second half.
    chunk: (bytes, start, end) => (sharesAscii ? asciiChunk(bytes, start, end) : undefined),
    decode: (bytes, start, end) => decode(bytes.subarray(start, end)),
  };
}

/** @param table the 256 characters: iconv-lite takes four times as long to look them up */
function singleByte(table: string, sharesAscii: boolean): Codec {
  // Seen as numbers and written back as they are, the bytes keep their order on every machine.
  const units = new Uint16Array(Uint8Array.from(Buffer.from(table, 'utf16le')).buffer);
  const decode = (bytes: Buffer, start: number, end: number) => {
    const text = new Uint16Array(end - start);
    for (let at = 0; at < text.length; at++) text[at] = units[bytes[start + at] ?? 0] ?? 0;
    return Buffer.from(text.buffer).toString('utf16le');
  };
  return {
    ...byteLines,
    chunk: (bytes, start, end) =>
      (sharesAscii ? asciiChunk(bytes, start, end) : undefined) ?? { text: decode(bytes, start, end), width: 1 },
    decode,
  };
}

function asciiChunk(bytes: Buffer, start: number, end: number): Chunk | undefined {
  return isAscii(bytes.subarray(start, end)) ? { text: bytes.toString('latin1', start, end), width: 1 } : undefined;
}
