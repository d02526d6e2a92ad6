// Keeps the memory of an exporter small: it holds little, and a fleet has many of them.

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Lets the space for new objects stay as small as it is now. V8 doubles it while much is allocated, up to 16 MB thrice, to collect garbage
 * more rarely; of the rows of a large result it then carries half into the old space, where they stay until that is collected.
 * https://v8.dev/blog/trash-talk#generational-layout
 */
export function limitYoungObjects(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}

/** By then everything has been collected and scraped once. */
const SETTLED_MS = 3_000;

/**
 * Collects all garbage once, some seconds from now, and returns the pages. An idle exporter allocates so little that V8 would keep
 * what starting took (8 MB of 30) for minutes, and a fleet has many idle exporters. It takes some 10 ms, once.
 */
export function trimMemorySoon(): void {
  setTimeout(() => {
    setFlagsFromString('--expose-gc');
    const collect: unknown = runInNewContext('gc');
    // Only the last resort returns pages at once: https://github.com/v8/v8/blob/main/src/extensions/gc-extension.cc
    if (typeof collect === 'function') collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
  }, SETTLED_MS).unref();
}
