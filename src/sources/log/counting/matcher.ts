// A regular expression of the YAML together with what it found last. Which of its groups are wanted is known when all rules are compiled.

import type { PatternGuard } from '../patterns/guard.js';
import { groupNames, Pattern } from '../patterns/pattern.js';

const NOTHING: readonly (string | undefined)[] = [];

export class Matcher {
  /** Names of its groups. */
  readonly groups: readonly string[];
  readonly #wanted: string[] = [];
  #pattern: Pattern | undefined;
  /** The whole match, then the wanted groups, of the last text that matched. */
  #captures: readonly (string | undefined)[] = NOTHING;
  /** The record that it was asked for last, and what came of it. */
  #record = 0;
  #matches = false;

  constructor(
    readonly source: string,
    readonly name: string,
    private readonly guard: PatternGuard,
  ) {
    this.groups = groupNames(source);
  }

  /** A function that tells what the group has captured last; undefined where there is no such group. Ask before the first match. */
  reader(group: string): (() => string | undefined) | undefined {
    if (!this.groups.includes(group)) return undefined;
    if (!this.#wanted.includes(group)) this.#wanted.push(group);
    const at = this.#wanted.indexOf(group) + 1;
    return () => this.#captures[at];
  }

  get pattern(): Pattern {
    this.#pattern ??= Pattern.compile(this.source, { wanted: this.#wanted, guard: this.guard, name: this.name });
    return this.#pattern;
  }

  /** Remembers what the groups capture, where it matches. */
  match(text: string): boolean {
    const captures = (this.#pattern ?? this.pattern).exec(text);
    if (captures === null) return false;
    this.#captures = captures;
    return true;
  }

  /** The same for a record as a whole: several rules may ask for it. @param serial of the record */
  matchRecord(text: string, serial: number): boolean {
    if (serial === this.#record) return this.#matches;
    this.#matches = this.match(text);
    this.#record = serial;
    return this.#matches;
  }

  forget(): void {
    this.#captures = NOTHING;
  }
}

/** All regular expressions of one source. */
export class Matchers {
  readonly #all: Matcher[] = [];
  readonly #ofRecords = new Map<string, Matcher>();

  constructor(readonly guard: PatternGuard) {}

  /** @param name for metrics and messages: `events.1 match` @throws SyntaxError */
  create(source: string, name: string): Matcher {
    const matcher = new Matcher(source, name, this.guard);
    this.#all.push(matcher);
    return matcher;
  }

  /** The one for `match` of a rule: rules that say the same share it. */
  ofRecords(source: string, name: string): Matcher {
    const matcher = this.#ofRecords.get(source) ?? this.create(source, name);
    this.#ofRecords.set(source, matcher);
    return matcher;
  }

  get names(): readonly string[] {
    return this.#all.map(({ name }) => name);
  }
}
