// Conditions on values of an answer: equal to a value, or { above, below, matches, equals, exists }.

import { Pattern, RanAway } from '../endpoints/pattern.js';
import type { JsonValue } from './json-path.js';
import type { WrittenCondition } from './schema-values.js';

export class Condition {
  readonly #tests: readonly ((value: JsonValue) => string | undefined)[];
  readonly #mustExist: boolean;

  constructor(written: WrittenCondition) {
    const all = typeof written === 'object' ? written : { equals: written };
    const { equals, matches, above, below, exists = true } = all;
    this.#mustExist = exists;
    this.#tests = [
      ...(equals === undefined ? [] : [(value: JsonValue) => (isEqual(value, equals) ? undefined : `is not ${String(equals)}`)]),
      ...(matches === undefined ? [] : [matching(matches)]),
      ...(above === undefined ? [] : [(value: JsonValue) => (numberOf(value) > above ? undefined : `is not above ${above}`)]),
      ...(below === undefined ? [] : [(value: JsonValue) => (numberOf(value) < below ? undefined : `is not below ${below}`)]),
    ];
  }

  /** @param values all that were found @returns what is wrong, in words that follow the name of the place; undefined where nothing is */
  problem(values: readonly JsonValue[]): string | undefined {
    if (!this.#mustExist) return values.length === 0 ? undefined : 'is there, and must not be';
    if (values.length === 0) return 'is not there';
    for (const value of values) {
      for (const test of this.#tests) {
        const problem = test(value);
        if (problem !== undefined) return problem;
      }
    }
    return undefined;
  }
}

/** Headers are texts: there 200 is "200". */
export function isEqual(value: JsonValue, wanted: string | number | boolean): boolean {
  return value === wanted || (typeof value === 'string' && typeof wanted !== 'string' && value === String(wanted));
}

/** NaN of what is no number: then it is neither above nor below anything. */
export function numberOf(value: JsonValue): number {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN;
}

/** Texts, numbers, true and false as text. */
export function textOf(value: JsonValue | undefined): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

function matching(source: string): (value: JsonValue) => string | undefined {
  const pattern = new Pattern(source);
  return (value) => {
    const text = textOf(value);
    return text !== undefined && found(pattern, text) === true ? undefined : `does not match ${source}`;
  };
}

/** Whether it matches somewhere; undefined where it needs more than its time to tell. */
export function found(pattern: Pattern, text: string): boolean | undefined {
  try {
    return pattern.find(text) !== undefined;
  } catch (error) {
    if (error instanceof RanAway) return undefined;
    throw error;
  }
}
