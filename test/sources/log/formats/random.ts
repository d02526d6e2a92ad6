// Random texts that are the same for the same seed.

export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** A whole number from 0 up to, not including, `below`. https://github.com/bryc/code/blob/master/jshash/PRNGs.md#mulberry32 */
  below(below: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  }

  /** Up to `longest` characters of an alphabet. */
  text(alphabet: string, longest: number): string {
    const characters = Array.from(alphabet);
    return Array.from({ length: this.below(longest + 1) }, () => characters[this.below(characters.length)] ?? '').join('');
  }
}
