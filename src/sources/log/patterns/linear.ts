// The linear engine: RE2, whose time does not depend on what the text holds. About ten times slower than the engine of V8 on usual lines.

import { createRequire } from 'node:module';
import type { AST } from '@eslint-community/regexpp';
import type * as Re2 from 're2js';
import { repetitionProblem } from './repetition.js';
import { FLAGS, MODES, modesWithin, type Modes } from './syntax.js';

/** What runs a pattern: V8's RegExp, or this. */
export interface Matcher {
  /** [whole match, first capture, …] */
  exec(text: string): (string | undefined)[] | null;
  test(text: string): boolean;
}

/** Loaded when the first pattern needs it: most never do. */
let re2: typeof Re2 | undefined;

function loadRe2(): typeof Re2 {
  const require: (name: string) => typeof Re2 = createRequire(import.meta.url);
  return require('re2js');
}

/** The pattern has what the linear engine cannot do. The message is a noun: `the look-around`. */
export class NotLinearError extends Error {
  override readonly name = 'NotLinearError';
  constructor(
    message: string,
    /** Where it is, if it is in one place. */
    readonly part?: AST.Node,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/**
 * Matches the same texts, with the same captures, as V8 does. Two differences remain: a character beyond U+FFFF is one character here and
 * two there (which `.{3}` can tell), and `(?i:s)` and `(?i:k)` match U+017F and U+212A also.
 *
 * @param kept the groups to capture
 * @throws NotLinearError
 */
export function compileLinear(pattern: AST.Pattern, kept: readonly AST.CapturingGroup[]): Matcher {
  const problem = repetitionProblem(pattern, kept);
  if (problem) throw new NotLinearError(problem.what, problem.part);
  const source = ofAlternatives(pattern.alternatives, { modes: MODES, kept: new Set(kept) });
  re2 ??= loadRe2();
  const { RE2JS, RE2JSException } = re2;
  try {
    return RE2JS.compile(source, FLAGS === 's' ? RE2JS.DOTALL : 0);
  } catch (error) {
    if (error instanceof RE2JSException) throw new NotLinearError('counts above 1000', undefined, { cause: error });
    throw error;
  }
}

interface Context {
  readonly modes: Modes;
  readonly kept: ReadonlySet<AST.CapturingGroup>;
}

function ofAlternatives(alternatives: readonly AST.Alternative[], context: Context): string {
  return alternatives.map(({ elements }) => ofSequence(elements, context)).join('|');
}

function ofSequence(elements: readonly AST.Element[], context: Context): string {
  let source = '';
  for (let index = 0; index < elements.length; index += 1) {
    const [element, next] = elements.slice(index, index + 2);
    if (element === undefined) break;
    // The tree has UTF-16 units, RE2 has characters.
    if (element.type === 'Character' && next?.type === 'Character' && isHigh(element.value) && isLow(next.value)) {
      source += escaped(((element.value - 0xd800) << 10) + (next.value - 0xdc00) + 0x10000);
      index += 1;
    } else source += ofElement(element, context);
  }
  return source;
}

function ofElement(element: AST.Element, context: Context): string {
  const { modes, kept } = context;
  switch (element.type) {
    case 'Character':
      return withCase(character(element.value), modes);
    case 'CharacterSet':
      return ofSet(element, modes);
    case 'CharacterClass':
      return withCase(ofClass(element), modes);
    case 'Group':
      return `(?:${ofAlternatives(element.alternatives, { ...context, modes: modesWithin(element, modes) })})`;
    case 'CapturingGroup':
      return `${kept.has(element) ? '(' : '(?:'}${ofAlternatives(element.alternatives, context)})`;
    case 'Quantifier':
      return `(?:${ofElement(element.element, context)})${quantifier(element)}`;
    case 'Assertion':
      return ofAssertion(element, modes);
    case 'Backreference':
    case 'ExpressionCharacterClass':
      break;
  }
  throw new NotLinearError(element.type === 'Backreference' ? 'the back-reference' : 'the class', element);
}

function ofAssertion(assertion: AST.Assertion, { multiline }: Modes): string {
  switch (assertion.kind) {
    case 'word':
      return assertion.negate ? '\\B' : '\\b';
    case 'start':
    case 'end':
      // The m of RE2 knows \n only; that of JavaScript \r, U+2028 and U+2029 also.
      if (multiline) throw new NotLinearError('the multi-line', assertion);
      return assertion.kind === 'start' ? '\\A' : '\\z';
    case 'lookahead':
    case 'lookbehind':
      break;
  }
  throw new NotLinearError('the look-around', assertion);
}

function quantifier({ min, max, greedy }: AST.Quantifier): string {
  const count = max === Infinity ? `{${min},}` : `{${min},${max}}`;
  return greedy ? count : `${count}?`;
}

/** White space and line ends of ECMAScript; RE2 knows those of ASCII only. */
const SPACES = '\\t-\\r \\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}\\x{205f}\\x{3000}\\x{feff}';
const NO_SPACES =
  '\\x{0}-\\x{8}\\x{e}-\\x{1f}!-\\x{9f}\\x{a1}-\\x{167f}\\x{1681}-\\x{1fff}\\x{200b}-\\x{2027}\\x{202a}-\\x{202e}\\x{2030}-\\x{205e}' +
  '\\x{2060}-\\x{2fff}\\x{3001}-\\x{fefe}\\x{ff00}-\\x{10ffff}';

function ofSet(set: AST.CharacterSet, { dotAll }: Modes): string {
  if (set.kind !== 'any') return `[${members(set)}]`;
  return dotAll ? '.' : '[^\\n\\r\\x{2028}\\x{2029}]';
}

function ofClass(set: AST.CharacterClass): string {
  const all = set.elements.map(members).join('');
  if (all === '') return set.negate ? '.' : '[^\\x{0}-\\x{10ffff}]';
  return `[${set.negate ? '^' : ''}${all}]`;
}

function members(element: AST.CharacterClassElement | AST.CharacterSet): string {
  switch (element.type) {
    case 'Character':
      return character(element.value);
    case 'CharacterClassRange':
      return range(element);
    case 'CharacterSet':
      if (element.kind === 'digit') return element.negate ? '\\D' : '\\d';
      if (element.kind === 'word') return element.negate ? '\\W' : '\\w';
      if (element.kind === 'space') return element.negate ? NO_SPACES : SPACES;
      break;
    // Of the flag v, which no pattern has.
    case 'CharacterClass':
    case 'ClassStringDisjunction':
    case 'ExpressionCharacterClass':
      break;
  }
  throw new NotLinearError('the class', element);
}

function range(element: AST.CharacterClassRange): string {
  const { min, max } = element;
  const from = min.value;
  const to = max.value;
  if (to < 0xd800 || from > 0xdfff) return `${escaped(from)}-${escaped(to)}`;
  // With all halves of characters in it, those beyond U+FFFF are in it.
  if (from <= 0xd800 && to >= 0xdfff) return `${escaped(from)}-${escaped(to)}\\x{10000}-\\x{10ffff}`;
  throw new NotLinearError('the class', element);
}

function character(value: number): string {
  if (isHigh(value) || isLow(value)) throw new NotLinearError('half of a character beyond U+FFFF, as in [😀]');
  return escaped(value);
}

function escaped(value: number): string {
  return `\\x{${value.toString(16)}}`;
}

function withCase(source: string, { ignoreCase }: Modes): string {
  return ignoreCase ? `(?i:${source})` : source;
}

function isHigh(value: number): boolean {
  return value >= 0xd800 && value <= 0xdbff;
}

function isLow(value: number): boolean {
  return value >= 0xdc00 && value <= 0xdfff;
}
