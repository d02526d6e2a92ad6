// Which lines a rule means: `match` and `when` of the YAML, compiled once.

import { isPresent, textOf } from '../formats/fields.js';
import type { Pattern } from '../patterns/pattern.js';
import type { ConditionOptions, Meant } from '../schema.js';
import type { Line } from './line.js';
import type { Matcher, Matchers } from './matcher.js';
import type { Scope } from './scope.js';

type Test = (line: Line) => boolean;

/** Tells of each line whether it is meant. */
export type LineCondition = Pick<Condition, 'pattern' | 'fits'>;

export class Condition {
  readonly #match: Matcher | undefined;
  readonly #tests: readonly Test[];
  /** Sees what the patterns of the condition have captured. */
  readonly scope: Scope;

  /** @param name of the rule, for metrics and messages: `events.1` @throws SyntaxError */
  constructor({ match, when = {} }: Meant, scope: Scope, name: string, matchers: Matchers) {
    this.#match = match === undefined ? undefined : matchers.ofRecords(match, `${name} match`);
    const ofRule = scope.ofRule();
    const own = this.#match ? ofRule.with([this.#match]) : ofRule;
    const captured: Matcher[] = [];
    this.#tests = Object.entries(when).map(([field, wanted]) => {
      const read = own.reader(field);
      if (typeof wanted !== 'object' || Array.isArray(wanted)) return compileTest(read, wanted);
      const matcher = matchers.create(wanted.matches, `${name} when.${field}`);
      captured.push(matcher);
      return (line) => {
        const text = textOf(read(line));
        return text !== undefined && matcher.match(text);
      };
    });
    this.scope = own.with(captured);
  }

  /** The pattern that the record as a whole must match. Ask when all readers of the scope are made. */
  get pattern(): Pattern | undefined {
    return this.#match?.pattern;
  }

  /** Where it does, the readers of the scope tell what was captured. */
  fits(line: Line): boolean {
    if (this.#match && !this.#match.matchRecord(line.text, line.serial)) return false;
    for (const test of this.#tests) if (!test(line)) return false;
    return true;
  }
}

function compileTest(read: (line: Line) => unknown, wanted: Exclude<ConditionOptions[string], { matches: string }>): Test {
  if (typeof wanted === 'boolean') return (line) => isPresent(read(line)) === wanted;
  if (Array.isArray(wanted)) {
    const texts = new Set(wanted.map(String));
    return (line) => texts.has(textOf(read(line)) ?? NO_TEXT);
  }
  const text = String(wanted);
  return (line) => textOf(read(line)) === text;
}

/** No YAML can write it: NUL is refused there. */
const NO_TEXT = '\u0000';
