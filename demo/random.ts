// Random numbers that a seed repeats.

export class Random {
  #state: number;

  /** @param seed whole number; the same seed gives the same numbers */
  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** From 0, and below 1. The generator is mulberry32: 32 bits of state are plenty for a demo. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** A whole number from `low` to `high`, both included. */
  whole(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  pick<T>(values: readonly [T, ...T[]]): T {
    return values[Math.floor(this.next() * values.length)] ?? values[0];
  }

  /** Time to the next of events that come independently of each other. */
  untilNext(meanMs: number): number {
    return -Math.log(1 - this.next()) * meanMs;
  }

  /** A duration as work takes it: mostly below the mean, sometimes far above, never nothing. */
  duration(meanMs: number): number {
    return Math.round(meanMs * (0.3 + Math.min(-Math.log(1 - this.next()), 5) * 0.7));
  }
}
