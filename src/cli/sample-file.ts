// The file of `--file`, as one that can be read from its start to its end: what comes through a pipe is copied first.

import { createReadStream, createWriteStream, rmSync, type Stats } from 'node:fs';
import { mkdtemp, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

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
  if (file === '-') return withCopy(process.stdin, work);
  const stats = await statsOf(file);
  if (stats.isDirectory()) throw new NoSample(`--file ${file}: it is a folder; name one file`);
  return stats.isFile() ? work(resolve(file)) : withCopy(createReadStream(file), work);
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

async function withCopy<T>(from: Readable, work: (path: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'vigie-try-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  const end = () => {
    remove();
    process.exit(1);
  };
  for (const signal of ENDING_SIGNALS) process.once(signal, end);
  try {
    const path = join(folder, 'sample.log');
    await pipeline(from, createWriteStream(path, { mode: 0o600 }));
    return await work(path);
  } finally {
    for (const signal of ENDING_SIGNALS) process.off(signal, end);
    remove();
  }
}
