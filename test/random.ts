// Random numbers that are the same in each run, for tests that try many cases.

import { Random } from '../demo/random.js';

/** Numbers from 0, and below 1. */
export function seeded(seed: number): () => number {
  const random = new Random(seed);
  return () => random.next();
}
