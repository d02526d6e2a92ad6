// The file of `--file`, as one that can be read from its start to its end: what comes through a pipe or is compressed is copied first.

import { createReadStream, createWriteStream, rmSync, type Stats } from 'node:fs';
import { mkdtemp, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { COMPRESSED, GZIP } from '../sources/log/reading/compressed.js';

const ENDING_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The file cannot be read; the message says why. */
export class NoSample extends Error {
  override readonly name = 'NoSample';
}

/**
 * Does the work with the absolute path of the file. A copy is for the user alone, and gone afterwards.
 * @param file a path, or `-` for standard input
 * @throws NoSample, and what the work throws
 */
export async function withSample<T>(file: string, work: (path: string) => Promise<T>): Promise<T> {
  if (file === '-') return withCopy((copy) => pipeline(process.stdin, copy), work);
  const stats = await statsOf(file);
  if (stats.isDirectory()) throw new NoSample(`--file ${file}: it is a folder; name one file`);
  if (COMPRESSED.test(file)) throw new NoSample(`--file ${file}: unpack it first, and hand it over as --file -`);
  if (GZIP.test(file)) return withCopy((copy) => unzip(file, copy), work);
  return stats.isFile() ? work(resolve(file)) : withCopy((copy) => pipeline(createReadStream(file), copy), work);
}

/** @throws NoSample */
async function unzip(file: string, copy: Writable): Promise<void> {
  try {
    await pipeline(createReadStream(file), createGunzip(), copy);
  } catch (error) {
    throw new NoSample(`--file ${file}: it cannot be unpacked (${error instanceof Error ? error.message : 'unexpected error'})`);
  }
}

async function statsOf(file: string): Promise<Stats> {
  try {
    return await stat(file);
  } catch (error) {
    throw new NoSample(
      `--file ${file}: ${error instanceof Error && 'code' in error && error.code === 'ENOENT' ? 'there is no such file' : 'it cannot be read'}`,
    );
  }
}

async function withCopy<T>(fill: (copy: Writable) => Promise<void>, work: (path: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'vigie-try-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  const end = () => {
    remove();
    process.exit(1);
  };
  for (const signal of ENDING_SIGNALS) process.once(signal, end);
  try {
    const path = join(folder, 'sample.log');
    await fill(createWriteStream(path, { mode: 0o600 }));
    return await work(path);
  } finally {
    for (const signal of ENDING_SIGNALS) process.off(signal, end);
    remove();
  }
}
