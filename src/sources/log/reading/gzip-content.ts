// The content of a compressed file, as a stream that is read piece by piece and can be left between pieces.

import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { errorCode } from '../../system-errors.js';
import { fileId } from './log-file.js';

/** What is decompressed at a time. */
const CHUNK_BYTES = 128 * 1024;

/** `unfinished`: it ends in the middle, so that somebody may still be writing it. */
export class GzipError extends Error {
  override readonly name = 'GzipError';
  constructor(
    readonly reason: 'unfinished' | 'damaged',
    cause: unknown,
  ) {
    super(cause instanceof Error ? cause.message : 'unknown error', { cause });
  }
}

export class GzipContent {
  readonly #file: Readable & { readonly bytesRead: number };
  readonly #stream: Readable;
  readonly #chunks: AsyncIterator<Buffer>;
  #put: Buffer | undefined;

  private constructor(file: Readable & { readonly bytesRead: number }) {
    const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
    file.on('error', (error) => gunzip.destroy(error));
    // The iterator tells of it; until it is asked, nobody else must.
    gunzip.on('error', () => {});
    file.pipe(gunzip);
    this.#file = file;
    this.#stream = gunzip;
    this.#chunks = gunzip[Symbol.asyncIterator]();
  }

  /** @returns undefined where the name has gone to another file. @throws a system error */
  static async open(path: string, id: string): Promise<GzipContent | undefined> {
    const handle = await open(path, 'r');
    if (fileId(await handle.stat({ bigint: true })) === id) return new GzipContent(handle.createReadStream());
    await handle.close();
    return undefined;
  }

  /** Compressed bytes that have been taken so far. */
  get compressed(): number {
    return this.#file.bytesRead;
  }

  /** @returns what comes next, never empty; undefined at the end. @throws GzipError, or a system error */
  async next(): Promise<Buffer | undefined> {
    const put = this.#put;
    this.#put = undefined;
    if (put) return put;
    try {
      const { value, done } = await this.#chunks.next();
      return done === true ? undefined : value;
    } catch (error) {
      const code = errorCode(error) ?? '';
      if (code === 'Z_BUF_ERROR') throw new GzipError('unfinished', error);
      if (code.startsWith('Z_')) throw new GzipError('damaged', error);
      throw error;
    }
  }

  /** At least so many bytes, where there are so many; `next` gives them again. @throws as `next` */
  async peek(length: number): Promise<Buffer> {
    let bytes = (await this.next()) ?? Buffer.alloc(0);
    while (bytes.length < length) {
      const more = await this.next();
      if (!more) break;
      bytes = Buffer.concat([bytes, more]);
    }
    this.#put = bytes.length > 0 ? bytes : undefined;
    return bytes;
  }

  close(): void {
    this.#file.destroy();
    this.#stream.destroy();
  }
}
