// Reads secrets when they are used, so that a rotated one is picked up, and nothing of them stays in the configuration.

import { open, type FileHandle } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Secret } from '../domain/secret.js';
import { SourceError } from '../sources/kind.js';
import { readFailure } from './read.js';

/** Keys and certificates are a few KiB; what is larger is another file by mistake. */
const MAX_BYTES = 64 * 1024;

/**
 * Reads a secret now.
 * @param baseDir folder of the file that names the secret: relative paths start there
 * @throws SourceError of class `secret`, which names the variable or file and never the content
 */
export async function readSecret(secret: Secret, baseDir: string): Promise<string> {
  if (typeof secret === 'string') return secret;
  if ('env' in secret) return readVariable(secret.env);
  return await readSecretFile(secret.file, resolve(baseDir, secret.file));
}

function readVariable(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw failure(`the environment variable ${name} is not set`);
  if (value === '') throw failure(`the environment variable ${name} is empty`);
  return value;
}

/** @param name as the YAML writes it */
async function readSecretFile(name: string, path: string): Promise<string> {
  let bytes;
  try {
    bytes = await readAtMost(path, MAX_BYTES + 1);
  } catch (error) {
    throw failure(`the secret file ${name}: ${readFailure(error)}`);
  }
  if (bytes.length > MAX_BYTES) throw failure(`the secret file ${name} is larger than 64 KiB: is it the right file?`);
  const text = bytes.toString('utf8').replace(/\r?\n$/, '');
  if (text === '') throw failure(`the secret file ${name} is empty`);
  return text;
}

async function readAtMost(path: string, limit: number): Promise<Buffer> {
  const handle = await open(path, 'r');
  try {
    return await fill(handle, Buffer.alloc(limit));
  } finally {
    await handle.close();
  }
}

/** One read may give less than there is. */
async function fill(handle: FileHandle, buffer: Buffer): Promise<Buffer> {
  let length = 0;
  while (length < buffer.length) {
    const { bytesRead } = await handle.read(buffer, length, buffer.length - length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return buffer.subarray(0, length);
}

/** The cause is left out on purpose: what it quotes could hold more than the name. */
function failure(message: string): SourceError {
  return new SourceError('secret', 'secret', message);
}
