// Gives back the memory that starting took.

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** By then everything has been collected and scraped once. */
const SETTLED_MS = 3_000;

/**
 * Collects garbage once, some seconds from now. An idle exporter allocates so little that V8 would keep what starting took (5 MB
 * of 34) for minutes, and a fleet has many idle exporters. It takes some 10 ms, once.
 */
export function trimMemorySoon(): void {
  setTimeout(() => {
    setFlagsFromString('--expose-gc');
    const collect: unknown = runInNewContext('gc');
    if (typeof collect === 'function') collect();
  }, SETTLED_MS).unref();
}
