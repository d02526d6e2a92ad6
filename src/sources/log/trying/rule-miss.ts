// Why a rule did not take a line: its pattern, or the first of its conditions that does not hold.

import { nearest, suggest } from '../../../domain/suggest.js';
import { fieldReader, isFields, isPresent, textOf, type Fields } from '../formats/fields.js';
import { PatternProbe, type PatternMiss } from './nearest-miss.js';
import type { Expand } from './written-pattern.js';

/** What the YAML may ask of a field. */
export type Wanted = string | number | boolean | readonly (string | number)[] | { readonly matches: string };

/** A rule as the YAML writes it. */
export interface WrittenRule {
  /** As people call it: `event 2 (stage routed)`. */
  readonly name: string;
  readonly match?: string | undefined;
  readonly when?: Readonly<Record<string, Wanted>> | undefined;
}

export interface ConditionMiss {
  /** How many conditions hold, of how many. */
  readonly held: number;
  readonly of: number;
  /** The first one that does not. */
  readonly field: string;
  /** For people, after the name of the field: `"passed"`, `"a" or "b"`, `to match ^a`, `to be there`. */
  readonly wanted: string;
  /** For people; undefined where the field is not there. */
  readonly found: string | undefined;
  /** What may be meant, where that can be told. */
  readonly hint: string | undefined;
}

export interface RuleMiss {
  readonly rule: string;
  /** From 0 to 1, to compare rules by. */
  readonly nearness: number;
  /** Set where the pattern of the rule does not match; its conditions are not told then. */
  readonly pattern?: PatternMiss;
  readonly condition?: ConditionMiss;
}

/** What a condition counts that does not hold, for a field that is there, and for a value that is nearly right. */
const FIELD_IS_THERE = 0.1;
const NEARLY = 0.6;
const LONGEST_VALUE = 40;
const MOST_NAMES = 10;
const MOST_NESTED = 50;

interface Part {
  readonly field: string;
  readonly wanted: Wanted;
  readonly probe: PatternProbe | undefined;
}

/** Asks one rule; make it once, since what its patterns compile is kept. */
export class RuleProbe {
  readonly #name: string;
  readonly #match: PatternProbe | undefined;
  readonly #parts: readonly Part[];

  /** @param expand what building blocks stand for @throws SyntaxError */
  constructor({ name, match, when = {} }: WrittenRule, expand?: Expand) {
    this.#name = name;
    this.#match = match === undefined ? undefined : new PatternProbe(match, expand);
    this.#parts = Object.entries(when).map(([field, wanted]) => ({
      field,
      wanted,
      probe: isPattern(wanted) ? new PatternProbe(wanted.matches, expand) : undefined,
    }));
  }

  /**
   * @param text the whole record
   * @param fields of the record, with the groups of the rule where its pattern matches
   * @returns undefined where the rule takes the record
   */
  miss(text: string, fields: Fields): RuleMiss | undefined {
    const pattern = this.#match?.miss(text);
    const looks = this.#parts.map((part) => lookAt(part, fields));
    const condition = pattern ? undefined : this.#firstMiss(looks, fields);
    if (!pattern && !condition) return undefined;
    const reached = looks.reduce((sum, look) => sum + look.nearness, this.#match ? (pattern ? patternNearness(pattern) : 1) : 0);
    const nearness = reached / (looks.length + (this.#match ? 1 : 0));
    return { rule: this.#name, nearness, ...(pattern && { pattern }), ...(condition && { condition }) };
  }

  #firstMiss(looks: readonly Look[], fields: Fields): ConditionMiss | undefined {
    const index = looks.findIndex(({ holds }) => !holds);
    const part = this.#parts[index];
    const look = looks[index];
    if (!part || !look) return undefined;
    return {
      held: looks.filter(({ holds }) => holds).length,
      of: looks.length,
      field: part.field,
      wanted: wantedText(part.wanted),
      found: look.value === undefined ? undefined : valueText(look.value),
      hint: look.value === undefined ? absentHint(part, fields) : look.hint,
    };
  }
}

/** The rule that gets furthest; the first of those that get equally far. */
export function nearestRule(misses: readonly RuleMiss[]): RuleMiss | undefined {
  return misses.reduce<RuleMiss | undefined>((best, miss) => (best && best.nearness >= miss.nearness ? best : miss), undefined);
}

interface Look {
  readonly value: unknown;
  readonly holds: boolean;
  readonly nearness: number;
  readonly hint: string | undefined;
}

function lookAt({ field, wanted, probe }: Part, fields: Fields): Look {
  const value = fieldReader(field)(fields);
  const held = (holds: boolean, nearness = value === undefined ? 0 : FIELD_IS_THERE, hint?: string): Look =>
    holds ? { value, holds, nearness: 1, hint: undefined } : { value, holds, nearness, hint };
  if (typeof wanted === 'boolean') return held(isPresent(value) === wanted);
  const text = textOf(value);
  if (text === undefined) return held(false);
  if (probe) {
    const miss = probe.miss(text);
    return held(miss === undefined, miss && Math.max(FIELD_IS_THERE, patternNearness(miss)), miss && `it stops at ${miss.expected}`);
  }
  const texts = wantedTexts(wanted);
  const hint = texts.includes(text) ? undefined : nearlyHint(text, texts);
  return held(texts.includes(text), hint === undefined ? undefined : NEARLY, hint);
}

function patternNearness({ share, rest }: PatternMiss): number {
  return Math.min(0.99, share + rest);
}

function nearlyHint(text: string, wanted: readonly string[]): string | undefined {
  const near = nearest(text, wanted);
  const sameBut = (change: (value: string) => string) => wanted.find((one) => change(one) === change(text));
  if (sameBut((value) => value.trim()) !== undefined) return 'only spaces around it differ';
  if (sameBut((value) => value.toLowerCase()) !== undefined) return 'only upper and lower case differ';
  return near === undefined ? undefined : `nearly "${cut(near)}"`;
}

function absentHint({ field }: Part, fields: Fields): string {
  const names = fieldNames(fields);
  if (names.length === 0) return 'the line has no fields';
  if (nearest(field, names) !== undefined) return suggest(field, names).trim().slice(1, -1);
  return `fields are ${names.slice(0, MOST_NAMES).join(', ')}${names.length > MOST_NAMES ? ', …' : ''}`;
}

/** Those of nested objects as a.b; of the first few. */
function fieldNames(fields: Fields): string[] {
  return Object.entries(fields)
    .slice(0, MOST_NESTED)
    .flatMap(([name, value]) =>
      isFields(value)
        ? Object.keys(value)
            .slice(0, MOST_NESTED)
            .map((inner) => `${name}.${inner}`)
        : [name],
    );
}

function isPattern(wanted: Wanted): wanted is { readonly matches: string } {
  return typeof wanted === 'object' && 'matches' in wanted;
}

function wantedTexts(wanted: Wanted): string[] {
  if (typeof wanted === 'object') return 'matches' in wanted ? [] : wanted.map(String);
  return [String(wanted)];
}

function wantedText(wanted: Wanted): string {
  if (typeof wanted === 'boolean') return wanted ? 'to be there' : 'not to be there';
  if (isPattern(wanted)) return `to match ${cut(wanted.matches)}`;
  return wantedTexts(wanted).slice(0, MOST_NAMES).map(valueText).join(' or ');
}

function valueText(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(cut(value));
  return textOf(value) ?? (value === null ? 'null' : Array.isArray(value) ? 'a list' : 'an object');
}

function cut(text: string): string {
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE - 1).toWellFormed()}…` : text;
}
