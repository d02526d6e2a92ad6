// Random texts that are the same for the same seed.

import { seeded } from '../../../random.js';

export class Random {
  readonly #next: () => number;

  constructor(seed: number) {
    this.#next = seeded(seed);
  }

  /** A whole number from 0 up to, not including, `below`. */
  below(below: number): number {
    return Math.floor(this.#next() * below);
  }

  /** Up to `longest` characters of an alphabet. */
  text(alphabet: string, longest: number): string {
    const characters = Array.from(alphabet);
    return Array.from({ length: this.below(longest + 1) }, () => characters[this.below(characters.length)] ?? '').join('');
  }
}
