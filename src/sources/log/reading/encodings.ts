// The encodings in which lines can be read: those in which the byte 0x0A is a line end and nothing else, and UTF-16.

// Express loads the library anyway; its tables are read when a name is looked up.
import { createRequire } from 'node:module';
import type Iconv from 'iconv-lite';
import { suggest } from '../../../domain/suggest.js';

/** What is suggested for a name that nobody knows; iconv-lite knows more. */
const COMMON = [
  'utf-8',
  'utf-16le',
  'utf-16be',
  ...[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 16].map((part) => `iso-8859-${part}`),
  ...Array.from({ length: 9 }, (_, page) => `windows-125${page}`),
  ...[437, 737, 775, 850, 852, 855, 857, 858, 860, 861, 862, 863, 864, 865, 866, 869, 874].map((page) => `cp${page}`),
  'macintosh',
  'koi8-r',
  'koi8-u',
  'shift_jis',
  'euc-jp',
  'euc-kr',
  'gbk',
  'gb18030',
  'big5',
] as const;

const UTF8_NAMES = new Set(['utf8', 'unicode11utf8', 'ascii', 'usascii', 'us']);
const UTF16_NAMES = new Set(['utf16', 'utf16le', 'utf16be', 'ucs2']);
/** Code pages of IBM's mainframes. */
const EBCDIC = /^(?:ebcdic\w*|(?:cp|ibm)0?(?:37|273|277|278|280|284|285|297|500|871|1026|1047|114\d))$/;

/** The name as it is looked up: case and punctuation mean nothing. */
export function canonicalName(encoding: string): string {
  return encoding.toLowerCase().replace(/[^0-9a-z]/g, '');
}

/** @param name canonical */
export function isUtf8(name: string): boolean {
  return UTF8_NAMES.has(name);
}

/** What is wrong with the name of an encoding. @returns undefined where lines can be read in it */
export function encodingProblem(encoding: string): string | undefined {
  const name = canonicalName(encoding);
  if (isUtf8(name) || UTF16_NAMES.has(name)) return undefined;
  if (EBCDIC.test(name)) {
    return `"${encoding}" is an EBCDIC code page, in which the byte 0x0A is no line end: convert the file, or let it be written in UTF-8`;
  }
  if (/^(?:utf|ucs)(?:32|4)/.test(name)) {
    return `in "${encoding}" the byte 0x0A may be part of a character, so that line ends cannot be found: let the file be written in UTF-8`;
  }
  // For names that are not of Unicode only: those who use them pay for it.
  const iconv: typeof Iconv = createRequire(import.meta.url)('iconv-lite');
  if (!iconv.encodingExists(name)) return `"${encoding}" is no encoding that is known${suggest(encoding, COMMON)}`;
  // Base64 and the like; UTF-7 writes letters as letters, but a plus sign begins something else.
  if (/^(?:utf7|unicode11utf7)/.test(name) || iconv.decode(Buffer.from('a\n'), name) !== 'a\n') {
    return `"${encoding}" is no encoding that log files are written in${suggest(encoding, COMMON)}`;
  }
  return undefined;
}
