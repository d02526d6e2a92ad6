// Keeps the memory of an exporter small: it holds little, and a fleet has many of them.

import { trimMemory } from '../memory.js';

/** By then everything has been collected and scraped once. */
const SETTLED_MS = 2_000;
/** For so long it must have been idle. */
const IDLE_MS = 1_000;
/** Share of the processor below which it is. */
const IDLE_SHARE = 0.2;

/**
 * Once, some seconds from now, when it is idle. An idle exporter allocates so little that V8 would keep what starting took (8 MB of 30) for
 * minutes, and a fleet has many idle exporters. For one that is busy, the trim itself would take 30 MB for a moment.
 */
export function trimMemorySoon(): void {
  setTimeout(trimWhenIdle, SETTLED_MS).unref();
}

function trimWhenIdle(): void {
  const before = process.cpuUsage();
  setTimeout(() => {
    const { user, system } = process.cpuUsage(before);
    if ((user + system) / 1000 < IDLE_MS * IDLE_SHARE) trimMemory();
    else trimWhenIdle();
  }, IDLE_MS).unref();
}
