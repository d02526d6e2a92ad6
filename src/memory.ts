// Gives back memory: V8 keeps what it once needed for as long as it can.

import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

type Gc = (options: object) => void;

/** The function is the same for the whole process. */
let gc: Gc | undefined;

/**
 * Collects all garbage and returns the pages: 10 to 50 ms.
 * Only the last resort returns pages at once: https://github.com/v8/v8/blob/main/src/extensions/gc-extension.cc
 */
export function trimMemory(): void {
  collect('last-resort');
}

/** Collects all garbage, and keeps the pages for what comes: a third of the time. */
export function collectGarbage(): void {
  collect('regular');
}

/** Bytes. */
export function heapUsed(): number {
  return getHeapStatistics().used_heap_size;
}

function collect(flavor: 'regular' | 'last-resort'): void {
  gc ??= exposedGc();
  gc?.({ type: 'major', execution: 'sync', flavor });
}

function exposedGc(): Gc | undefined {
  setFlagsFromString('--expose-gc');
  const exposed: unknown = runInNewContext('gc');
  return typeof exposed === 'function' ? (options) => void exposed(options) : undefined;
}
