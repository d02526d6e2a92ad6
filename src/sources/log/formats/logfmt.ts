// Lines of key=value pairs: `level=info msg="upload done" bytes=512 retried`. Read by one walk over the characters, whatever they are.
// https://brandur.org/logfmt describes it, https://pkg.go.dev/github.com/go-logfmt/logfmt defines it.

import { createBareFields, type Fields } from './fields.js';

const SPACE = 0x20;
const QUOTE = 0x22;
const EQUALS = 0x3d;
const BACKSLASH = 0x5c;

/** Escapes of JSON, which quoted values are written with. */
const ESCAPED: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\', '/': '/' };
const ESCAPE = /\\(?:u(?<code>[0-9a-fA-F]{4})|(?<letter>["\\/bfnrt]))/g;

/**
 * A bare word is a key with the value true; `key=` has the empty text; of two pairs with the same key the last one holds. More is forgiven
 * than the Go library does, since lines are written by many hands: `=` and quotes within a value without quotes are part of it (`url=/?a=b`),
 * unknown escapes stay as they are (`"C:\Program"`), and what has no key (a quoted text, `=x`) is passed over.
 * @param wanted names of the fields to be given back, where others are of no use: quicker, and free text leaves nothing behind
 * @returns undefined for what has no pair at all, and where a quoted value does not end
 */
export function parseLogfmt(text: string, wanted?: ReadonlySet<string>): Fields | undefined {
  const fields = createBareFields();
  const { length } = text;
  let isLogfmt = false;
  let at = 0;
  while (at < length) {
    if (text.charCodeAt(at) <= SPACE) {
      at++;
      continue;
    }
    const start = at;
    if (text.charCodeAt(at) === QUOTE) {
      const end = closingQuote(text, at + 1);
      if (end >= 0) {
        at = end + 1;
        continue;
      }
    }
    at = wordEnd(text, at, EQUALS);
    const key = text.slice(start, at);
    let value: string | true = true;
    if (text.charCodeAt(at) === EQUALS) {
      const end = valueEnd(text, ++at);
      if (end < 0) return undefined;
      value = valueOf(text, at, end);
      at = end;
      if (key !== '') isLogfmt = true;
    }
    if (key !== '' && (wanted === undefined || wanted.has(key))) fields[key] = value;
  }
  return isLogfmt ? fields : undefined;
}

/** Where the value ends that begins at `at`; -1 where its quote does not. */
function valueEnd(text: string, at: number): number {
  if (text.charCodeAt(at) !== QUOTE) return wordEnd(text, at, -1);
  const quote = closingQuote(text, at + 1);
  return quote < 0 ? -1 : quote + 1;
}

function valueOf(text: string, at: number, end: number): string {
  return text.charCodeAt(at) === QUOTE ? unescaped(text.slice(at + 1, end - 1)) : text.slice(at, end);
}

/** Where the word ends that goes on at `at`: at white space, a control character, `stop`, or the end of the text. */
function wordEnd(text: string, at: number, stop: number): number {
  const { length } = text;
  while (at < length) {
    const code = text.charCodeAt(at);
    if (code <= SPACE || code === stop) break;
    at++;
  }
  return at;
}

/** @returns the index of the quote that ends a quoted text; -1 where none does */
function closingQuote(text: string, at: number): number {
  const { length } = text;
  while (at < length) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return at;
    at += code === BACKSLASH ? 2 : 1;
  }
  return -1;
}

function unescaped(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(ESCAPE, (_all, code: string | undefined, letter: string) =>
    code === undefined ? (ESCAPED[letter] ?? letter) : String.fromCharCode(Number.parseInt(code, 16)),
  );
}
