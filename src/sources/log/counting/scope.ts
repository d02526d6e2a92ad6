// Which fields a line has where, found out once: groups of a rule's own patterns come first, then what the format tells, then the file's name.

import { fieldReader } from '../formats/fields.js';
import type { Line } from './line.js';
import type { Matcher } from './matcher.js';

/** Tells a field of the line that is being understood. */
export type ReadField = (line: Line) => unknown;

export class Scope {
  /** @param matchers whose named groups are fields; earlier ones go before later ones, and all of them before the keys of the line */
  constructor(
    private readonly matchers: readonly Matcher[],
    /** Patterns whose groups are looked at last. */
    private readonly last: readonly Matcher[] = [],
    /** The keys of lines that somebody reads; what a format finds beside them it may leave out. */
    readonly keys: Set<string> = new Set(),
    /** Where somebody wants to know them: the fields that are read, in the order in which they were asked for. */
    readonly used?: Map<string, ReadField> | undefined,
  ) {}

  /** The one of a rule, whose fields are noted apart from those of others. */
  ofRule(): Scope {
    return this.used ? new Scope(this.matchers, this.last, this.keys, new Map()) : this;
  }

  /** All groups of the patterns, those of a rule first. */
  get groups(): string[] {
    return [...new Set([...this.matchers, ...this.last].flatMap(({ groups }) => groups))];
  }

  /** The same with patterns of a rule. */
  with(matchers: readonly Matcher[]): Scope {
    return new Scope([...matchers, ...this.matchers], this.last, this.keys, this.used);
  }

  reader(name: string): ReadField {
    const read = this.#find(name);
    this.used?.set(name, read);
    return read;
  }

  #find(name: string): ReadField {
    const group = firstReader(this.matchers, name);
    if (group) return group;
    this.keys.add(name);
    const key = fieldReader(name);
    const fallback = firstReader(this.last, name);
    return fallback ? ({ fields }) => key(fields) ?? fallback() : ({ fields }) => key(fields);
  }
}

function firstReader(matchers: readonly Matcher[], name: string): (() => string | undefined) | undefined {
  for (const matcher of matchers) {
    const reader = matcher.reader(name);
    if (reader) return reader;
  }
  return undefined;
}
