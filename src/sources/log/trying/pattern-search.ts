// Walks along a regular expression as far as a text matches it.

import type { AST } from '@eslint-community/regexpp';
import type { WrittenPattern } from './written-pattern.js';

/** A part of the pattern as a regular expression; undefined where it is none by itself. */
type Compile = (source: string) => RegExp | undefined;

/** What stands before and after the elements that are looked at, so that all of it is a pattern. */
interface Frame {
  readonly head: string;
  readonly tail: string;
}

interface Place {
  /** Index of the element that fails, or in which something fails. */
  readonly index: number;
  /** What fails in it: elements side by side, the first of which does not match. */
  readonly failing: readonly AST.Element[];
  /** Of all that matches. */
  readonly weight: number;
  /** Of all that matches; undefined where that is nothing. */
  readonly match: RegExpExecArray | undefined;
}

/** How far a pattern gets on one way through its alternatives. */
export interface Reach extends Place {
  readonly alternative: AST.Alternative;
}

/** Where only an anchor fails, all but a little matches. */
export const MOST = 0.99;

/** What is known stays in its fields when it is stopped. */
export class Search {
  best: Reach | undefined;
  isMatch = false;
  /** From this element on the alternative of `best` matches behind the place where it stops. */
  restFrom = Number.MAX_SAFE_INTEGER;
  readonly #pattern: WrittenPattern;
  readonly #text: string;
  readonly #compile: Compile;

  constructor(pattern: WrittenPattern, text: string, compile: Compile) {
    this.#pattern = pattern;
    this.#text = text;
    this.#compile = compile;
  }

  run(): void {
    for (const alternative of this.#pattern.alternatives) {
      this.#follow(alternative, { head: '', tail: '' }, (place) => this.#note({ alternative, ...place }));
      if (this.isMatch) return;
    }
    if (this.best) this.#findRest(this.best);
  }

  /** Goes along the elements of an alternative as far as the text matches, and from there into the group that fails. */
  #follow({ elements, start }: AST.Alternative, { head, tail }: Frame, note: (place: Place) => void): void {
    const upTo = (count: number) => `${head}${this.#pattern.source.slice(start, elements[count - 1]?.end ?? start)}`;
    let reached: Place = { index: 0, failing: failingAt(elements, 0), weight: 0, match: undefined };
    let high = elements.length;
    note(reached);
    // The more of the elements, the fewer texts match: that is why halving finds the last that does.
    while (reached.index < high) {
      const middle = Math.ceil((reached.index + high) / 2);
      const match = this.#compile(`${upTo(middle)}${tail}`)?.exec(this.#text);
      if (match) {
        reached = { index: middle, failing: failingAt(elements, middle), weight: weightOf(elements.slice(0, middle)), match };
        if (middle < elements.length) note(reached);
      } else high = middle - 1;
    }
    const { index, weight } = reached;
    const failing = elements[index];
    if (failing) this.#descend(failing, { head: upTo(index), tail }, (place) => note({ ...place, index, weight: weight + place.weight }));
    // The whole group matches once, and it is wanted more often.
    else if (tail !== '') note(reached);
    else this.isMatch = true;
  }

  #descend(element: AST.Element, { head, tail }: Frame, note: (place: Place) => void): void {
    const group = element.type === 'Quantifier' && element.min > 0 ? element.element : element;
    if ((group.type !== 'Group' && group.type !== 'CapturingGroup') || this.#pattern.isBlock(group)) return;
    const opening = this.#pattern.source.slice(group.start, group.alternatives[0]?.start);
    for (const alternative of group.alternatives) {
      const frame = { head: `${head}${opening}`, tail: `)${tail}` };
      // Alternatives are of different lengths: what counts is how much of one there is.
      const scale = (weightOfOne(element) / (weightOf(alternative.elements) || 1)) * MOST;
      this.#follow(alternative, frame, ({ index, failing, weight, match }) =>
        note({ index, failing: failing.length === 0 ? [element] : failing, weight: weight * scale, match }),
      );
    }
  }

  /** Of reaches that are equally far, the first is kept: a whole group rather than its first element. */
  #note(reach: Reach): void {
    if (!this.best || isFurther(reach, this.best)) this.best = reach;
  }

  #findRest({ alternative: { elements, end }, index, match }: Reach): void {
    const text = match ? this.#text.slice(match.index + match[0].length) : this.#text;
    let low = index + 1;
    let high = elements.length;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const source = this.#pattern.source.slice(elements[middle]?.start ?? end, end);
      if (this.#compile(source)?.test(text)) high = middle;
      else low = middle + 1;
      this.restFrom = high;
    }
  }
}

function isFurther(reach: Reach, than: Reach): boolean {
  const ahead = shareOf(reach) - shareOf(than);
  // Elements without weight (`.*`) are progress as well.
  return ahead > 0 || (ahead === 0 && reach.alternative === than.alternative && reach.index > than.index);
}

/** How much of the pattern matches, from 0 to 1. */
export function shareOf({ alternative, weight }: Reach): number {
  return weight / (weightOf(alternative.elements) || 1);
}

/** The element, with what follows it where they are a text together. */
function failingAt(elements: readonly AST.Element[], index: number): AST.Element[] {
  const rest = elements.slice(index);
  const end = rest.findIndex((element) => !isCharacter(element));
  return rest.slice(0, end === -1 ? rest.length : Math.max(1, end));
}

export function isCharacter(element: AST.Element | undefined): element is AST.Character {
  return element?.type === 'Character';
}

/** How much a text must hold to get past these elements, roughly in characters: what says little counts little. */
export function weightOf(elements: readonly AST.Element[]): number {
  return elements.reduce((sum, element) => sum + weightOfOne(element), 0);
}

function weightOfOne(element: AST.Element | AST.QuantifiableElement): number {
  if (element.type === 'Assertion') return element.kind === 'start' ? 0 : 0.5;
  if (element.type === 'Quantifier') return element.min === 0 ? 0 : weightOfOne(element.element);
  if (element.type === 'Group' || element.type === 'CapturingGroup')
    return Math.min(...element.alternatives.map(({ elements }) => weightOf(elements)));
  return 1;
}
