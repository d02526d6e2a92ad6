// Why a regular expression does not match a text: how much of it does, and what it would want where it stops.

import type { AST } from '@eslint-community/regexpp';
import { runBounded } from './bounded.js';
import { isCharacter, MOST, Search, shareOf, weightOf, type Reach } from './pattern-search.js';
import { WrittenPattern, type Expand } from './written-pattern.js';

export interface PatternMiss {
  /** How much of the pattern matches, from its beginning: from 0 to below 1. What may be empty counts nothing. */
  readonly share: number;
  /** How much of what comes after the part that fails matches further on in the text. */
  readonly rest: number;
  /** Not even the beginning of the pattern matches anywhere. */
  readonly nowhere: boolean;
  /** What the first part matches. */
  readonly matchedText: string;
  /** Of the text, from 1: where the pattern stops. */
  readonly column: number;
  /** What is wanted there: a text in quotes, or a part of the pattern as the user wrote it. */
  readonly expected: string;
  /** The whole part of the pattern in which `expected` stands, where it is not that itself. */
  readonly within: string | undefined;
  /** The text that stands there, about twenty characters; empty at the end of the text. */
  readonly found: string;
  /** The last part of the pattern that matches again further on, where it is a good part of it. */
  readonly resumes: string | undefined;
  /** It took too long to find out: the miss may be nearer than this. */
  readonly gaveUp: boolean;
}

/** How much of a text is looked at. */
const LONGEST_TEXT = 2000;
const LIMIT_MS = 100;
/** For a pattern that has run into the limit before. */
const NEXT_LIMIT_MS = 10;
const LONGEST_FOUND = 20;
const LONGEST_PART = 60;
/** From this share of the pattern on it is worth telling that its end matches. */
const GOOD_PART = 0.25;

/** Asks one pattern; what it compiles is kept for further texts. */
export class PatternProbe {
  readonly #pattern: WrittenPattern;
  readonly #compiled = new Map<string, RegExp | undefined>();
  #limitMs = LIMIT_MS;

  /** @throws SyntaxError */
  constructor(written: string, expand?: Expand) {
    this.#pattern = new WrittenPattern(written, expand);
  }

  /** @returns undefined where it matches; only the first 2000 characters are looked at */
  miss(whole: string): PatternMiss | undefined {
    const text = whole.slice(0, LONGEST_TEXT);
    const search = new Search(this.#pattern, text, (source) => this.#compile(source));
    const isDone = runBounded(() => search.run(), this.#limitMs);
    if (!isDone) this.#limitMs = NEXT_LIMIT_MS;
    if (search.isMatch) return undefined;
    return search.best && this.#describe(search.best, search.restFrom, text, !isDone);
  }

  #compile(source: string): RegExp | undefined {
    if (!this.#compiled.has(source)) this.#compiled.set(source, compiled(source));
    return this.#compiled.get(source);
  }

  #describe(reach: Reach, restFrom: number, text: string, gaveUp: boolean): PatternMiss {
    const { alternative, index, failing, match } = reach;
    const { elements, end } = alternative;
    const at = match ? match.index + match[0].length : 0;
    const rest = weightOf(elements.slice(restFrom)) / (weightOf(elements) || 1);
    const [first] = failing;
    const element = elements[index];
    const written = (from: number, to: number) => cut(this.#pattern.written(from, to), LONGEST_PART);
    return {
      share: Math.min(MOST, shareOf(reach)),
      rest,
      nowhere: match === undefined,
      matchedText: match?.[0] ?? '',
      column: at + 1,
      expected: isCharacter(first) ? `"${literalOf(failing)}"` : first ? written(first.start, first.end) : '',
      within: element && first && element !== first && !isCharacter(element) ? written(element.start, element.end) : undefined,
      found: cut(text.slice(at), LONGEST_FOUND),
      resumes: rest >= GOOD_PART ? written(elements[restFrom]?.start ?? end, end) : undefined,
      gaveUp,
    };
  }
}

function literalOf(elements: readonly AST.Element[]): string {
  return cut(String.fromCodePoint(...elements.filter(isCharacter).map(({ value }) => value)), LONGEST_PART);
}

function compiled(source: string): RegExp | undefined {
  try {
    // As patterns of log sources are compiled.
    return new RegExp(source, 's');
  } catch {
    // A part of a pattern may refer to a group that is in another part.
    return undefined;
  }
}

function cut(text: string, length: number): string {
  const characters = Array.from(text.slice(0, length * 2));
  return characters.length <= length && text.length <= length * 2 ? characters.join('') : `${characters.slice(0, length - 1).join('')}…`;
}
