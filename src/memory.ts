// Gives back memory: V8 keeps what it once needed for as long as it can.

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** The function is the same for the whole process. */
let collectGarbage: ((options: object) => void) | undefined;

/**
 * Collects all garbage and returns the pages: 10 to 50 ms.
 * Only the last resort returns pages at once: https://github.com/v8/v8/blob/main/src/extensions/gc-extension.cc
 */
export function trimMemory(): void {
  collectGarbage ??= exposedGc();
  collectGarbage?.({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}

function exposedGc(): ((options: object) => void) | undefined {
  setFlagsFromString('--expose-gc');
  const gc: unknown = runInNewContext('gc');
  return typeof gc === 'function' ? (options) => void gc(options) : undefined;
}
