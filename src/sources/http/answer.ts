// An answer: its status and headers, and its body as bytes, text and JSON, made when somebody wants them.

import type { IncomingHttpHeaders } from 'node:http';
import { brotliDecompress, gunzip, inflate, inflateRaw, type ZlibOptions } from 'node:zlib';
import { promisify } from 'node:util';
import { ProbeError } from '../endpoints/reasons.js';
import { errorCode } from '../system-errors.js';
import { parseJson, type JsonValue } from './json-path.js';

/** As it came. */
export interface RawAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

type Unpack = (packed: Buffer, options: ZlibOptions) => Promise<Buffer>;

/** RFC 9110, section 8.4.1. `deflate` is in the zlib format, but some servers send it bare. */
const CODINGS: Readonly<Record<string, Unpack>> = {
  gzip: promisify<Buffer, ZlibOptions, Buffer>(gunzip),
  'x-gzip': promisify<Buffer, ZlibOptions, Buffer>(gunzip),
  br: promisify<Buffer, ZlibOptions, Buffer>(brotliDecompress),
  deflate: (packed, options) => (isZlib(packed) ? INFLATE(packed, options) : INFLATE_RAW(packed, options)),
};
const INFLATE = promisify<Buffer, ZlibOptions, Buffer>(inflate);
const INFLATE_RAW = promisify<Buffer, ZlibOptions, Buffer>(inflateRaw);

/** RFC 1950, section 2.2. */
function isZlib(packed: Buffer): boolean {
  return packed.length >= 2 && ((packed[0] ?? 0) & 0x0f) === 8 && packed.readUInt16BE(0) % 31 === 0;
}

export class Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly #bytes: Buffer;
  #text: string | undefined;
  #json: { readonly value: JsonValue | undefined } | undefined;

  private constructor({ status, headers, body }: RawAnswer) {
    this.status = status;
    this.headers = headers;
    this.#bytes = body;
  }

  /** Unpacks what came packed. @throws ProbeError `too_large` where it is longer than `maxBytes`, `protocol` where it cannot be unpacked */
  static async of(raw: RawAnswer, maxBytes: number): Promise<Answer> {
    const coding = raw.headers['content-encoding'];
    if (coding === undefined || raw.body.length === 0) return new Answer(raw);
    return new Answer({ ...raw, body: await unpacked(raw.body, coding, maxBytes) });
  }

  /** By the charset that the answer names, else UTF-8. */
  get text(): string {
    return (this.#text ??= decode(this.#bytes, this.headers['content-type']));
  }

  /** undefined where the body is no JSON. */
  get json(): JsonValue | undefined {
    return (this.#json ??= { value: parseJson(this.text) }).value;
  }

  /** Several of the same name are one, after a comma (RFC 9110, section 5.3). */
  header(name: string): string | undefined {
    const value = this.headers[name];
    return Array.isArray(value) ? value.join(', ') : value;
  }
}

async function unpacked(body: Buffer, codings: string, maxBytes: number): Promise<Buffer> {
  let bytes = body;
  // The last one named was applied last.
  for (const coding of codings.toLowerCase().split(',').toReversed()) {
    const name = coding.trim();
    if (name === 'identity' || name === '') continue;
    const unpack = Object.hasOwn(CODINGS, name) ? CODINGS[name] : undefined;
    if (!unpack) throw new ProbeError('protocol', 'the body is packed in a way that nobody asked for (content-encoding)', 'transfer');
    try {
      bytes = await unpack(bytes, { maxOutputLength: Math.max(1, maxBytes) });
    } catch (error) {
      if (errorCode(error) === 'ERR_BUFFER_TOO_LARGE')
        throw new ProbeError('too_large', `more than ${maxBytes} bytes unpacked`, 'transfer');
      throw new ProbeError('protocol', `the body is not what content-encoding says (${name})`, 'transfer');
    }
  }
  if (bytes.length > maxBytes) throw new ProbeError('too_large', `more than ${maxBytes} bytes unpacked`, 'transfer');
  return bytes;
}

const UTF8 = new TextDecoder();

function decode(bytes: Buffer, contentType = ''): string {
  const charset = /;\s*charset="?(?<charset>[^\s";]+)/i.exec(contentType)?.groups?.['charset'];
  if (charset === undefined || /^utf-?8$/i.test(charset)) return UTF8.decode(bytes);
  try {
    return new TextDecoder(charset).decode(bytes);
  } catch {
    return UTF8.decode(bytes);
  }
}
