// Random regular expressions and texts that they may match, the same for the same seed.

import { seeded } from '../../../random.js';

const PARTS = ['a', 'a', 'b', 'b', 'c', 'A', ' ', '1', '.', '\n', 'abc', 'bca', 'é', '\u00a0', '😀'] as const;

export class RandomPatterns {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = seeded(seed);
  }

  /** From 0 to below the limit. */
  number(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  pick<T>(choice: readonly [T, ...T[]]): T {
    return choice[this.number(choice.length)] ?? choice[0];
  }

  /** Of few characters, so that many patterns match. Short: some of the patterns take exponential time. */
  texts(count: number): string[] {
    return Array.from({ length: count }, () => Array.from({ length: this.number(9) }, () => this.pick(PARTS)).join(''));
  }

  /** With groups named `g1`, `g2`, …, in the order of their parentheses. */
  pattern(): string {
    let groups = 0;
    const alternatives = (depth: number): string => Array.from({ length: this.pick([1, 1, 1, 2, 3]) }, () => sequence(depth)).join('|');
    const sequence = (depth: number): string => Array.from({ length: 1 + this.number(4) }, () => element(depth)).join('');
    const element = (depth: number): string => {
      const kind = this.number(depth > 2 ? 9 : 12);
      if (kind < 4) return this.pick(['a', 'b', 'c', 'abc', 'bca', 'ab', '\\.', ' ']);
      if (kind < 6) return this.pick(['\\d', '\\w', '\\s', '\\S', '.', '[ab]', '[^a]', '[^\\s.]', '[\\W\\d]']);
      if (kind === 6) return this.pick(['^', '$', '\\b', '\\B', '']);
      if (kind < 9) return this.pick(['a', 'b', '\\w', '.', '(?:ab)', '[abc]']) + this.#quantifier();
      if (kind === 9) return `(?<g${(groups += 1)}>${alternatives(depth + 1)})`;
      if (kind === 10) return `(${alternatives(depth + 1)})${this.pick(['', '', '?'])}`;
      return `(?${this.pick([':', ':', '-s:'])}${alternatives(depth + 1)})${this.pick(['', this.#quantifier()])}`;
    };
    return alternatives(0);
  }

  #quantifier(): string {
    return this.pick(['*', '+', '?', '{2}', '{1,3}', '{0,2}', '*?', '+?']);
  }
}
