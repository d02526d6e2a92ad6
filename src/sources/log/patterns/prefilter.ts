// Of many patterns, those that can match a text at all: found in one pass over it, by the literals that they require.

import type { Pattern } from './pattern.js';

/** Up to so many patterns, trying each is as fast. */
const FEW = 2;

/** The only property that is needed of a pattern. */
type HasLiteral = Pick<Pattern, 'literal'>;

export class PatternSet {
  /** The candidates of the last call, as indices into the patterns, in their order: the first `count` elements. Valid until the next call. */
  found: Int32Array;
  /** What is found where no literal is. */
  readonly #always: Int32Array;
  /** Finds any of the literals; undefined if all patterns are to be tried on every text. */
  readonly #scan: RegExp | undefined;
  /** For each literal what is found where it is the only one. */
  readonly #alone: ReadonlyMap<string, Int32Array>;
  /** For each pattern the last text, by its number, in which several literals were found that made it a candidate. */
  readonly #stamps: Float64Array;
  readonly #merged: Int32Array;
  #stamp = 0;

  /** @param patterns undefined stands for what is to be tried on every text */
  constructor(patterns: readonly (HasLiteral | undefined)[]) {
    const literals = patterns.length > FEW ? [...new Set(patterns.flatMap((pattern) => pattern?.literal ?? []))] : [];
    const isAlways = (pattern: HasLiteral | undefined) => pattern?.literal === undefined || literals.length === 0;
    const isIn = (whole: string, pattern: HasLiteral | undefined) => pattern?.literal !== undefined && whole.includes(pattern.literal);
    this.#always = indices(patterns, isAlways);
    this.#alone = new Map(literals.map((whole) => [whole, indices(patterns, (pattern) => isAlways(pattern) || isIn(whole, pattern))]));
    this.#stamps = new Float64Array(patterns.length);
    this.#merged = new Int32Array(patterns.length);
    this.found = this.#always;
    // The longest first: a shorter one that begins at the same place is in it.
    const alternatives = literals.toSorted((a, b) => b.length - a.length).map(escapeRegex);
    this.#scan = alternatives.length === 0 ? undefined : new RegExp(alternatives.join('|'), 'g');
  }

  /** Finds those of the patterns that can match the text. @returns how many there are */
  candidates(text: string): number {
    const scan = this.#scan;
    if (scan === undefined) return this.#found(this.#always);
    scan.lastIndex = 0;
    const first = scan.exec(text);
    if (first === null) return this.#found(this.#always);
    const [literal] = first;
    let match: RegExpExecArray | null = first;
    do {
      // Behind its first character another may begin that overlaps with it.
      scan.lastIndex = match.index + 1;
      match = scan.exec(text);
    } while (match !== null && match[0] === literal);
    return match === null ? this.#found(this.#candidatesOf(literal)) : this.#several(text, literal, match);
  }

  #found(candidates: Int32Array): number {
    this.found = candidates;
    return candidates.length;
  }

  #candidatesOf(literal: string): Int32Array {
    return this.#alone.get(literal) ?? this.#always;
  }

  #several(text: string, literal: string, other: RegExpExecArray): number {
    const stamps = this.#stamps;
    this.#stamp += 1;
    this.#mark(literal);
    for (let match: RegExpExecArray | null = other; match !== null; match = this.#scan?.exec(text) ?? null) {
      this.#mark(match[0]);
      if (this.#scan) this.#scan.lastIndex = match.index + 1;
    }
    let count = 0;
    for (let index = 0; index < stamps.length; index += 1) {
      if (stamps[index] === this.#stamp) this.#merged[count++] = index;
    }
    this.found = this.#merged;
    return count;
  }

  #mark(literal: string): void {
    const candidates = this.#candidatesOf(literal);
    for (const index of candidates) this.#stamps[index] = this.#stamp;
  }
}

function indices(patterns: readonly (HasLiteral | undefined)[], isCandidate: (pattern: HasLiteral | undefined) => boolean): Int32Array {
  return Int32Array.from(patterns.flatMap((pattern, index) => (isCandidate(pattern) ? [index] : [])));
}

function escapeRegex(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}
