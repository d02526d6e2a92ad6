// Keeps exporters small whose sources tell many series at once.

import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { trimMemory } from '../memory.js';

/** Sources that tell fewer series at once leave less garbage than the young generation has room for from the start. */
const MANY = 500;
/** Of the young generation: enough for those between. V8 doubles it while a collection runs, so that it may become some times that. */
const YOUNG_BYTES = 4_000_000;
/** A collection of fewer leaves less garbage than collecting it is worth. */
const VERY_MANY = 20_000;

/** Values of `--semi-space-growth-factor`; 2 is the default. */
const GROWING = 2;
const GROWN = 1;

/**
 * Keeps the process small whose source tells many series at once. Rows and observations of 100,000 series are 100 MB of garbage; V8
 * would let its young generation grow to 128 MB for them, and keep that and as much again until the next time.
 */
export class MemoryLimit {
  /** That the source tells very many has been seen once. */
  #large = false;

  /** @param series that a collection has brought */
  collected(series: number): void {
    if (series < MANY) return;
    this.#large ||= series >= VERY_MANY;
    // Of the flags that limit the young generation this one alone can be set late.
    setFlagsFromString(`--semi-space-growth-factor=${this.#large || youngGeneration() >= YOUNG_BYTES ? GROWN : GROWING}`);
    // By then those who gave the observations have let go of them.
    if (series >= VERY_MANY) setImmediate(trimMemory);
  }
}

function youngGeneration(): number {
  return getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space')?.space_size ?? 0;
}
