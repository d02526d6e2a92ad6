// Conditions of the YAML (`when`), compiled once.

import { fieldReader, isPresent, textOf, type Fields } from '../formats/fields.js';
import { compilePattern } from '../patterns/pattern.js';
import type { ConditionOptions } from '../schema.js';

export type Condition = (fields: Fields) => boolean;

/** All parts must hold; without any, every line fulfils it. */
export function compileCondition(when: ConditionOptions = {}): Condition {
  const parts = Object.entries(when).map(([field, wanted]) => {
    const read = fieldReader(field);
    const holds = compileTest(wanted);
    return (fields: Fields) => holds(read(fields));
  });
  const [only] = parts;
  if (!only) return () => true;
  return parts.length === 1 ? only : (fields) => parts.every((part) => part(fields));
}

function compileTest(wanted: ConditionOptions[string]): (value: unknown) => boolean {
  if (typeof wanted === 'boolean') return (value) => isPresent(value) === wanted;
  if (Array.isArray(wanted)) {
    const texts = new Set(wanted.map(String));
    return (value) => texts.has(textOf(value) ?? NO_TEXT);
  }
  if (typeof wanted === 'object') {
    const pattern = compilePattern(wanted.matches);
    return (value) => {
      const text = textOf(value);
      return text !== undefined && pattern.test(text);
    };
  }
  const wantedText = String(wanted);
  return (value) => textOf(value) === wantedText;
}

/** No YAML can write it: NUL is refused there. */
const NO_TEXT = '\u0000';
