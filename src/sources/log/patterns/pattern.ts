// A regular expression as the YAML writes it, compiled for speed and watched by a guard.

import { expandBlocks } from './blocks.js';
import { capture, type Captures } from './captures.js';
import { PatternGuard, type Demotion, type Engine } from './guard.js';
import { compileLinear, NotLinearError, type Matcher } from './linear.js';
import { requiredLiteral } from './literal.js';
import { FLAGS, parsePattern, type Syntax } from './syntax.js';

export interface PatternOptions {
  /** Names of the groups that are read from matches; all, where it is left out. */
  readonly wanted?: readonly string[];
  /** What watches over it; without one, nothing does. */
  readonly guard?: PatternGuard;
  /** For metrics and messages: `events.1 match`. */
  readonly name?: string;
}

/** A match: [whole match, wanted[0], wanted[1], …]; undefined for a group that took no part in it. */
export type PatternMatch = (string | undefined)[];

export class Pattern {
  /** As the user wrote it, building blocks included. */
  readonly source: string;
  readonly name: string;
  /** Names of all named groups, in the order of the pattern. */
  readonly groups: readonly string[];
  /** The longest text that every match must contain; undefined if there is none of three characters and more. */
  readonly literal: string | undefined;
  readonly #guard: PatternGuard;
  readonly #captures: Captures;
  readonly #places: Captures['places'];
  readonly #expanded: string;
  #matcher: Matcher;
  #engine: Engine = 'irregexp';

  /** @throws SyntaxError */
  static compile(source: string, options: PatternOptions = {}): Pattern {
    const { source: expanded } = expandBlocks(source);
    return new Pattern(source, expanded, parsePattern(expanded), options);
  }

  private constructor(source: string, expanded: string, syntax: Syntax, options: PatternOptions) {
    this.source = source;
    this.#expanded = expanded;
    this.name = options.name ?? source;
    this.groups = namesOf(syntax);
    this.literal = requiredLiteral(syntax.pattern);
    this.#guard = options.guard ?? new PatternGuard();
    this.#captures = capture(expanded, syntax, options.wanted ?? this.groups);
    this.#places = this.#captures.places;
    this.#matcher = new RegExp(this.#captures.source, FLAGS);
  }

  get engine(): Engine {
    return this.#engine;
  }

  /** Whether it has run away even on the linear engine, or could not be moved there: it matches nothing any more. */
  get isOff(): boolean {
    return this.#engine === 'off';
  }

  /** null where it does not match. */
  exec(text: string): PatternMatch | null {
    const guard = this.#guard;
    guard.began(this);
    const match = this.#matcher.exec(text);
    guard.ended();
    return match === null || this.#places === undefined ? match : arranged(match, this.#places);
  }

  test(text: string): boolean {
    const guard = this.#guard;
    guard.began(this);
    const isMatch = this.#matcher.test(text);
    guard.ended();
    return isMatch;
  }

  /** Goes on with the next slower engine: linear, where it can, or off. */
  demote(reason: string): Demotion {
    if (this.#engine === 'irregexp') {
      try {
        this.#matcher = this.#linear();
        this.#engine = 'linear';
        return { name: this.name, engine: 'linear', reason };
      } catch (error) {
        if (!(error instanceof NotLinearError)) throw error;
        this.#switchOff();
        const what = error.part === undefined ? error.message : `${error.message} ${error.part.raw}`;
        return { name: this.name, engine: 'off', reason: `${reason}, and the linear engine does not know ${what}` };
      }
    }
    this.#switchOff();
    return { name: this.name, engine: 'off', reason: `${reason}, on the linear engine, too` };
  }

  /** Makes good what being ended in mid-course has left behind. */
  reset(): void {
    if (this.#engine === 'linear') this.#matcher = this.#linear();
  }

  #linear(): Matcher {
    // Parsed again, as few are ever demoted: the trees of all would take memory for nothing.
    const syntax = parsePattern(this.#expanded);
    const kept = syntax.groups.filter(({ start }) => this.#captures.kept.includes(start));
    return compileLinear(syntax.pattern, kept);
  }

  #switchOff(): void {
    this.#engine = 'off';
    const guard = this.#guard;
    this.#matcher = {
      exec() {
        guard.abandoned += 1;
        return null;
      },
      test() {
        guard.abandoned += 1;
        return false;
      },
    };
  }
}

function namesOf({ groups }: Syntax): string[] {
  return [...new Set(groups.flatMap(({ name }) => name ?? []))];
}

function arranged(match: PatternMatch, places: readonly (readonly number[])[]): PatternMatch {
  const found: PatternMatch = [match[0]];
  for (const numbers of places) {
    const number = numbers.find((place) => match[place] !== undefined);
    found.push(number === undefined ? undefined : match[number]);
  }
  return found;
}

/** `.` matches every character: a line is one record, whatever is in it. @throws SyntaxError */
function compilePattern(pattern: string): RegExp {
  return new RegExp(expandBlocks(pattern).source, FLAGS);
}

/** Names of the named groups, in the order of the pattern. @throws SyntaxError */
export function groupNames(pattern: string): string[] {
  const { source } = compilePattern(pattern);
  // An empty alternative matches everything, and a match lists all groups, also those that took no part in it.
  return Object.keys(new RegExp(`${source}|`, FLAGS).exec('')?.groups ?? {});
}
