// The text that every match of a regular expression must contain: where it is missing, the expression need not be tried.

import type { AST } from '@eslint-community/regexpp';
import { MODES, modesWithin, type Modes } from './syntax.js';

/** Shorter ones occur in nearly every line. */
const SHORTEST = 3;
/** Enough to tell; what `x{1000}` means need not be written out. */
const LONGEST = 64;

/** What is known of all texts that a part of the expression can match. */
interface Known {
  /** It matches this text and no other. */
  readonly exact?: string;
  /** They begin and end like this. */
  readonly prefix: string;
  readonly suffix: string;
  /** The best text that all of them contain. */
  readonly best: string;
}

const NOTHING: Known = { prefix: '', suffix: '', best: '' };
const EMPTY: Known = exactly('');

/** The longest such text; undefined if there is none worth looking for. */
export function requiredLiteral(pattern: AST.Pattern): string | undefined {
  const { best } = ofAlternatives(pattern.alternatives, MODES);
  return best.length >= SHORTEST && best.trim() !== '' ? best : undefined;
}

function exactly(text: string): Known {
  return { exact: text, prefix: text, suffix: text, best: text };
}

function ofAlternatives(alternatives: readonly AST.Alternative[], modes: Modes): Known {
  return alternatives.map((alternative) => ofSequence(alternative.elements, modes)).reduce(either);
}

function ofSequence(elements: readonly AST.Element[], modes: Modes): Known {
  return elements.map((element) => ofElement(element, modes)).reduce(followedBy, EMPTY);
}

function ofElement(element: AST.Element, modes: Modes): Known {
  switch (element.type) {
    case 'Character':
      return ofCharacter(element, modes);
    case 'CharacterClass': {
      const [only] = element.elements;
      return element.elements.length === 1 && only?.type === 'Character' && !element.negate ? ofCharacter(only, modes) : NOTHING;
    }
    case 'Group':
      return ofAlternatives(element.alternatives, modesWithin(element, modes));
    case 'CapturingGroup':
      return ofAlternatives(element.alternatives, modes);
    case 'Quantifier':
      return repeated(ofElement(element.element, modes), element);
    case 'Assertion':
      // Takes no text: what is before it is followed by what is behind it.
      return EMPTY;
    case 'Backreference':
    case 'CharacterSet':
    case 'ExpressionCharacterClass':
      break;
  }
  return NOTHING;
}

function ofCharacter({ value }: AST.Character, { ignoreCase }: Modes): Known {
  const character = String.fromCodePoint(value);
  const hasCase = character.toLowerCase() !== character.toUpperCase();
  return ignoreCase && hasCase ? NOTHING : exactly(character);
}

function followedBy(first: Known, second: Known): Known {
  if (first.exact !== undefined && second.exact !== undefined && first.exact.length + second.exact.length <= LONGEST) {
    return exactly(first.exact + second.exact);
  }
  const across = (first.suffix + second.prefix).slice(0, LONGEST);
  return {
    prefix: first.exact === undefined ? first.prefix : (first.exact + second.prefix).slice(0, LONGEST),
    suffix: second.exact === undefined ? second.suffix : (first.suffix + second.exact).slice(-LONGEST),
    best: better(better(first.best, across), second.best),
  };
}

function either(first: Known, second: Known): Known {
  if (first.exact !== undefined && first.exact === second.exact) return first;
  const prefix = commonPrefix(first.prefix, second.prefix);
  const suffix = commonSuffix(first.suffix, second.suffix);
  const common = first.best === second.best ? first.best : '';
  return { prefix, suffix, best: better(better(prefix, suffix), common) };
}

function repeated(known: Known, { min, max }: AST.Quantifier): Known {
  if (max === 0) return EMPTY;
  if (min === 0) return NOTHING;
  if (known.exact === undefined) return known;
  const text = known.exact.repeat(Math.min(min, LONGEST)).slice(0, LONGEST);
  const isExact = min === max && text.length === known.exact.length * min;
  return isExact ? exactly(text) : { prefix: text, suffix: text, best: text };
}

/** Blanks are in every line: they count only between texts that are equal otherwise. */
function better(first: string, second: string): string {
  const difference = weight(second) - weight(first);
  return difference > 0 || (difference === 0 && second.length > first.length) ? second : first;
}

function weight(text: string): number {
  return text.replace(/\s/g, '').length;
}

function commonPrefix(first: string, second: string): string {
  let length = 0;
  while (length < first.length && first[length] === second[length]) length += 1;
  return first.slice(0, length);
}

function commonSuffix(first: string, second: string): string {
  let length = 0;
  while (length < first.length && first.at(-1 - length) === second.at(-1 - length)) length += 1;
  return first.slice(first.length - length);
}
