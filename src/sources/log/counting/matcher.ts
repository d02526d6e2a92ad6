// A regular expression of the YAML together with what it found last. Which of its groups are wanted is known when all rules are compiled.

import { groupNames, Pattern } from '../patterns/pattern.js';
import type { PatternGuard } from '../patterns/guard.js';

const NOTHING: readonly (string | undefined)[] = [];

export class Matcher {
  readonly groups: readonly string[];
  readonly #wanted: string[] = [];
  #pattern: Pattern | undefined;
  /** The whole match, then the wanted groups, of the last text that matched. */
  #captures: readonly (string | undefined)[] = NOTHING;

  /** @param name for metrics and messages: `events.1 match` @throws SyntaxError */
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

  forget(): void {
    this.#captures = NOTHING;
  }
}
