// Alternatives within a repetition that match the same: `(.|\n)*`, where `.` matches line ends too, and `(\d|\w)+`.

import type { AST } from '@eslint-community/regexpp';
import { FLAGS, type Syntax } from './syntax.js';

export interface RivalAlternatives {
  readonly repetition: AST.Quantifier;
  readonly first: AST.Alternative;
  readonly second: AST.Alternative;
  /** What both match. */
  readonly text: string;
}

/** Each repetition of such a group doubles the ways to match the text, all of which are tried if the pattern does not match in the end. */
export function rivalAlternatives({ quantifiers }: Syntax): RivalAlternatives | undefined {
  for (const repetition of quantifiers) {
    const { element, max } = repetition;
    if (max < Infinity || (element.type !== 'Group' && element.type !== 'CapturingGroup') || !canFail(repetition, element)) continue;
    for (const [index, first] of element.alternatives.entries()) {
      for (const second of element.alternatives.slice(index + 1)) {
        const text = matchedByBoth(first, second);
        if (text !== undefined) return { repetition, first, second, text };
      }
    }
  }
  return undefined;
}

/** Equal ones, or those of one character: what longer ones have in common is not looked for. */
function matchedByBoth(first: AST.Alternative, second: AST.Alternative): string | undefined {
  if (first.raw === second.raw && first.elements.every(({ type }) => type === 'Character')) return first.raw;
  if (!isOneCharacter(first) || !isOneCharacter(second)) return undefined;
  const [one, other] = [first, second].map(({ raw }) => new RegExp(`^(?:${raw})$`, FLAGS));
  return LATIN_1.find((character) => one?.test(character) && other?.test(character));
}

/** Letters first, as they read best. */
const LATIN_1 = Array.from({ length: 256 }, (_, code) => String.fromCharCode((code + 97) % 256));

function isOneCharacter({ elements }: AST.Alternative): boolean {
  const [only] = elements;
  return elements.length === 1 && (only?.type === 'Character' || only?.type === 'CharacterSet' || only?.type === 'CharacterClass');
}

/** Whether something behind the repetition may not match. */
function canFail(repetition: AST.Quantifier, { alternatives }: AST.Group | AST.CapturingGroup): boolean {
  const takesAll = alternatives.some(
    ({ elements }) => elements.length === 1 && elements[0]?.type === 'CharacterSet' && elements[0].kind === 'any',
  );
  return behind(repetition).some(
    (element) => !isOptional(element) && !(takesAll && element.type === 'Assertion' && element.kind === 'end'),
  );
}

/** To the end of the pattern; what is repeated itself stands for all that may come behind it. */
function behind(element: AST.Element): AST.Element[] {
  const { parent } = element;
  if (parent.type !== 'Alternative') return [element];
  const after = parent.elements.slice(parent.elements.indexOf(element) + 1);
  return parent.parent.type === 'Pattern' ? after : [...after, ...behind(parent.parent)];
}

function isOptional(element: AST.Element): boolean {
  return element.type === 'Quantifier' && element.min === 0;
}
