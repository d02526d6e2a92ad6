// Keeps the memory of an exporter small: it holds little, and a fleet has many of them.

import { trimMemory } from '../memory.js';

/** By then everything has been collected and scraped once. */
const SETTLED_MS = 3_000;

/**
 * Once, some seconds from now. An idle exporter allocates so little that V8 would keep what starting took (8 MB of 30) for minutes,
 * and a fleet has many idle exporters.
 */
export function trimMemorySoon(): void {
  setTimeout(trimMemory, SETTLED_MS).unref();
}
