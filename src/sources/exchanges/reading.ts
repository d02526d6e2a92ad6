// Reads small files whole, or says that they are too large.

import type { FileStore } from './store.js';

/** @returns undefined where it is larger than allowed */
export async function readSmall(store: FileStore, path: string, maxBytes: number, signal: AbortSignal): Promise<Buffer | undefined> {
  // One more than allowed, to see whether there is more.
  const bytes = await store.read(path, maxBytes + 1, signal);
  return bytes.length > maxBytes ? undefined : bytes;
}

/** Joins a directory and a name as servers do. */
export function pathOf(directory: string, name: string): string {
  return directory.endsWith('/') ? `${directory}${name}` : `${directory}/${name}`;
}
