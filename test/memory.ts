// What is alive, for tests that must not keep more of it than they need.

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

let collector: (() => void) | undefined;

/** The collector of the garbage, got once: each context it is got from would be garbage itself. */
function collectGarbage(): void {
  if (!collector) {
    setFlagsFromString('--expose-gc');
    const found: unknown = runInNewContext('gc');
    if (typeof found !== 'function') throw new Error('no garbage collector to be called');
    collector = () => void Reflect.apply(found, undefined, []);
  }
  collector();
}

/** Bytes after a collection of the garbage; large texts included, which Node.js keeps outside of the heap. */
export function memoryUsed(): number {
  // What lies outside of the heap is freed beside the program, and has been once the next collection begins.
  collectGarbage();
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
