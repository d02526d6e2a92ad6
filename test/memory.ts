// What is alive, for tests that must not keep more of it than they need.

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Bytes after a collection of the garbage; large texts included, which Node.js keeps outside of the heap. */
export function memoryUsed(): number {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect !== 'function') throw new Error('no garbage collector to be called');
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
