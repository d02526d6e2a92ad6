// Why no rule took a record. The rules are compiled once more for it, since those of the source have seen other records by then.

import { createFormat, type FormatReader } from '../counting/format.js';
import { Line } from '../counting/line.js';
import { Matchers, type Matcher } from '../counting/matcher.js';
import type { Fields } from '../formats/fields.js';
import { expandBlocks } from '../patterns/blocks.js';
import { PatternGuard, STOPPED } from '../patterns/guard.js';
import type { PieceInfo } from '../reading/sink.js';
import type { LogOptions } from '../schema.js';
import { namedRules } from './named-rules.js';
import { RuleProbe, type RuleMiss } from './rule-miss.js';

/** Somebody may have misspelt any of them. */
class EveryKey extends Set<string> {
  override has(): boolean {
    return true;
  }
}

/** A regular expression, and what its groups have captured last. */
interface Grouped {
  readonly matcher: Matcher;
  fields(): Record<string, unknown>;
}

interface ProbedRule {
  readonly probe: RuleProbe;
  readonly match: Grouped | undefined;
}

/** The fields of a record, with those that each rule finds in it; undefined where it does not fit the format. */
type Found = { readonly all: Fields; readonly own: readonly Fields[] } | undefined;

export class RecordMisses {
  readonly #guard: PatternGuard;
  readonly #format: FormatReader;
  readonly #formatGroups: readonly Grouped[];
  readonly #formatProbe: RuleProbe | undefined;
  readonly #fileName: Grouped | undefined;
  readonly #rules: readonly ProbedRule[];
  readonly #line = new Line();

  private constructor(options: LogOptions, matchers: Matchers, format: FormatReader) {
    const { format: written, file_name: fileName } = options;
    this.#guard = matchers.guard;
    this.#format = format;
    this.#formatGroups = format.matchers.map(grouped);
    this.#formatProbe = hasRegex(written) ? new RuleProbe({ name: 'format', match: written.regex }, expand) : undefined;
    this.#fileName = fileName === undefined ? undefined : grouped(matchers.create(fileName, 'file_name'));
    this.#rules = namedRules(options).map((rule) => ({
      probe: new RuleProbe(rule, expand),
      match: rule.match === undefined ? undefined : grouped(matchers.create(rule.match, `${rule.id} match`)),
    }));
  }

  static async of(options: LogOptions): Promise<RecordMisses> {
    const matchers = new Matchers(new PatternGuard());
    return new RecordMisses(options, matchers, await createFormat(options.format, matchers, new EveryKey()));
  }

  /** Of a record that no rule took. */
  of(text: string, info: PieceInfo): RuleMiss[] {
    const found = this.#watched(() => this.#read(text, info));
    if (!found) return this.#formatProbe ? missesOf([this.#formatProbe.miss(text, {})]) : [];
    return missesOf(this.#rules.map(({ probe }, index) => probe.miss(text, { ...found.all, ...found.own[index] })));
  }

  #read(text: string, { path, header }: PieceInfo): Found {
    const line = this.#line;
    line.begin(text);
    if (this.#format.read(line, header) !== 'read') return undefined;
    const ofPath = this.#fileName?.matcher.match(path) ? this.#fileName.fields() : {};
    const all = Object.assign({}, ofPath, line.fields, ...this.#formatGroups.map((one) => one.fields()));
    return { all, own: this.#rules.map(({ match }) => (match?.matcher.match(text) ? match.fields() : {})) };
  }

  /** A pattern that runs away is stopped here, too. */
  #watched<T>(action: () => T): T {
    for (;;) {
      const result = this.#guard.run(action);
      if (result !== STOPPED) return result;
    }
  }
}

function hasRegex(format: LogOptions['format']): format is { regex: string } {
  return typeof format === 'object' && 'regex' in format && typeof format.regex === 'string';
}

function missesOf(misses: readonly (RuleMiss | undefined)[]): RuleMiss[] {
  return misses.filter((miss) => miss !== undefined);
}

function grouped(matcher: Matcher): Grouped {
  const readers = matcher.groups.map((group) => [group, matcher.reader(group)] as const);
  return {
    matcher,
    fields: () => Object.fromEntries(readers.map(([group, read]) => [group, read?.()]).filter(([, value]) => value !== undefined)),
  };
}

/** What a building block stands for. */
function expand(block: string): string | undefined {
  try {
    const { source } = expandBlocks(block);
    return source === block ? undefined : source;
  } catch {
    return undefined;
  }
}
