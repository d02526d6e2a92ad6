// Of many patterns, those that can match a text at all: found by the literals that they require, before any of them is tried.

import { LiteralTree, type Ending } from './literal-tree.js';
import type { Pattern } from './pattern.js';

/** Up to so many patterns, it costs more to search than to try. */
const FEW_PATTERNS = 3;
/** Up to so many literals, searching for one after the other (some 30 ns a line each) is faster than for all at once (some 150 ns). */
const FEW_LITERALS = 5;

/** What is needed of a pattern; undefined stands for what is to be tried on every text. */
type Candidate = Pick<Pattern, 'literal'> | undefined;

interface Search {
  /** Indices of patterns, in their order. Only as many of them as `candidates` said are meant. */
  readonly found: Int32Array;
  candidates(text: string): number;
}

export class PatternSet {
  readonly #search: Search;

  constructor(patterns: readonly Candidate[]) {
    const literals = patterns.length <= FEW_PATTERNS ? [] : [...new Set(patterns.flatMap((pattern) => pattern?.literal ?? []))];
    if (literals.length > FEW_LITERALS) this.#search = new SearchForMany(patterns, literals);
    else this.#search = new SearchForFew(patterns, literals);
  }

  /** The candidates of the last call, as indices into the patterns, in their order: the first `count` elements. Valid until the next call. */
  get found(): Int32Array {
    return this.#search.found;
  }

  /** Finds those of the patterns that can match the text. @returns how many there are */
  candidates(text: string): number {
    return this.#search.candidates(text);
  }
}

/** Looks for each literal; what is found together is known beforehand. */
class SearchForFew implements Search {
  found: Int32Array;
  readonly #literals: readonly string[];
  /** By the sum of 2 to the power of n for each literal n that is found. */
  readonly #outcomes: readonly Int32Array[];

  constructor(patterns: readonly Candidate[], literals: readonly string[]) {
    this.#literals = literals;
    this.#outcomes = Array.from({ length: 2 ** literals.length }, (_, outcome) =>
      indices(patterns, (literal) => !literals.includes(literal) || (outcome & (1 << literals.indexOf(literal))) !== 0),
    );
    this.found = new Int32Array();
  }

  candidates(text: string): number {
    let outcome = 0;
    for (let index = 0; index < this.#literals.length; index += 1) {
      if (text.includes(this.#literals[index] ?? '')) outcome |= 1 << index;
    }
    this.found = this.#outcomes[outcome] ?? this.found;
    return this.found.length;
  }
}

/** Looks for all literals in one pass. Most lines have one of them, or none: what that means is known beforehand. */
class SearchForMany implements Search {
  found: Int32Array;
  readonly #any: RegExp;
  readonly #none: Int32Array;
  /** What is found with a literal: a pattern of which the literal is in this one is found with it. */
  readonly #alone: LiteralTree<Int32Array>;
  /** For each pattern the number of the text, of those with several literals, that it was a candidate for at last. */
  readonly #stamps: Float64Array;
  readonly #merged: Int32Array;
  #stamp = 0;

  constructor(patterns: readonly Candidate[], literals: readonly string[]) {
    // The longest first: a shorter one that begins at the same place is in it.
    const alternatives = literals.toSorted((a, b) => b.length - a.length).map((literal) => RegExp.escape(literal));
    this.#any = new RegExp(alternatives.join('|'), 'g');
    this.#none = indices(patterns, () => false);
    this.#alone = new LiteralTree(literals, (ending) => indices(patterns, (literal) => ending.some((whole) => whole.includes(literal))));
    this.#stamps = new Float64Array(patterns.length);
    this.#merged = new Int32Array(patterns.length);
    this.found = this.#none;
  }

  candidates(text: string): number {
    const first = this.#next(text, 0);
    let other = first;
    while (other !== undefined && other.ending === first?.ending) other = this.#next(text, other.from);
    if (first !== undefined && other !== undefined) return this.#merge(text, first.ending, other);
    this.found = first?.ending.item ?? this.#none;
    return this.found.length;
  }

  /** No text is cut out: `test` tells where a literal ends, and the tree which one it is. */
  #next(text: string, start: number): Found | undefined {
    this.#any.lastIndex = start;
    if (!this.#any.test(text)) return undefined;
    const end = this.#any.lastIndex;
    const ending = this.#alone.find(text, end);
    // Literals may overlap: what is behind the first character of one is looked at again.
    return ending && { ending, from: Math.max(start, end - ending.length) + 1 };
  }

  #merge(text: string, first: Ending<Int32Array>, other: Found): number {
    this.#stamp += 1;
    this.#mark(first.item);
    for (let next: Found | undefined = other; next !== undefined; next = this.#next(text, next.from)) this.#mark(next.ending.item);
    let count = 0;
    for (let index = 0; index < this.#stamps.length; index += 1) {
      if (this.#stamps[index] === this.#stamp) this.#merged[count++] = index;
    }
    this.found = this.#merged;
    return count;
  }

  #mark(candidates: Int32Array): void {
    for (const index of candidates) this.#stamps[index] = this.#stamp;
  }
}

/** Something that is found in a text, and where to look for more. */
interface Found {
  readonly ending: Ending<Int32Array>;
  readonly from: number;
}

/** Of those patterns that are tried on every text, and those whose literal is there. */
function indices(patterns: readonly Candidate[], isThere: (literal: string) => boolean): Int32Array {
  return Int32Array.from(patterns.flatMap((pattern, index) => (pattern?.literal === undefined || isThere(pattern.literal) ? [index] : [])));
}
