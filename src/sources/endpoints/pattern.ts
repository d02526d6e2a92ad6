// Regular expressions of the YAML on what other people's servers say. One that backtracks without end must not stop the exporter.

import { createContext, Script, type Context } from 'node:vm';

/** How long one pattern may look at what came for one expectation. */
export const MATCH_LIMIT_MS = 250;

export interface Match {
  readonly index: number;
  readonly length: number;
  /** What the named groups matched; those that took no part are left out. */
  readonly groups: Readonly<Record<string, string>>;
  /** What all groups matched, in order; undefined for those that took no part. */
  readonly captures: readonly (string | undefined)[];
}

/** The same, for one that needed more before: while it runs, nothing else does. */
const AGAIN_LIMIT_MS = 25;

/** The pattern needs more than its time on this text. */
export class RanAway extends Error {
  override readonly name = 'RanAway';
}

/**
 * Guarding a match costs more than most matches. Without repetitions within each other, one at each place of the text, and at each place
 * that a repetition may end, is tried at most: so many steps take some hundredths of a second.
 */
const PLAIN_STEPS = 10_000_000;

export class Pattern {
  readonly source: string;
  readonly #pattern: RegExp;
  /** Exponent of the steps that it may need, by the length of the text; Infinity where repetitions stand within others. */
  readonly #exponent: number;
  #ranAway = false;

  /** @throws SyntaxError where it is no regular expression */
  constructor(source: string, flags = '') {
    this.source = source;
    this.#pattern = new RegExp(source, flags);
    this.#exponent = exponentOf(source);
  }

  /** The names of its groups. */
  get groupNames(): readonly string[] {
    return groupNames(this.source, this.#pattern.flags);
  }

  /** The first match. @throws RanAway */
  find(text: string, limitMs = MATCH_LIMIT_MS): Match | undefined {
    const isPlain = (text.length + 1) ** this.#exponent <= PLAIN_STEPS;
    const found = isPlain ? this.#pattern.exec(text) : this.#guarded(text, limitMs);
    if (!found) return undefined;
    const groups = Object.entries(found.groups ?? {}).filter(([, value]) => value !== undefined);
    return { index: found.index, length: found[0].length, groups: Object.fromEntries(groups), captures: found.slice(1) };
  }

  #guarded(text: string, limitMs: number): RegExpExecArray | null {
    const limit = this.#ranAway ? Math.min(limitMs, AGAIN_LIMIT_MS) : limitMs;
    try {
      const found = guarded(this.#pattern, text, Math.max(1, Math.ceil(limit)));
      this.#ranAway = false;
      return found;
    } catch (error) {
      // Less than all of its time proves nothing.
      this.#ranAway ||= limitMs >= MATCH_LIMIT_MS;
      throw error;
    }
  }
}

/** One for the place where it begins, and one for each repetition, choices counted as such. */
function exponentOf(source: string): number {
  const bare = source.replaceAll(/\\[^1-9k]/g, 'x').replaceAll(/\[[^\]]*\]/g, 'x');
  if (/\)[*+?{]|\\/.test(bare)) return Infinity;
  return 1 + (bare.match(/[*+{|]|[^(*+?}]\?/g)?.length ?? 0);
}

/** Whether the pattern matches somewhere; one that runs away does not. */
export function matches(pattern: Pattern, text: string): boolean {
  try {
    return pattern.find(text) !== undefined;
  } catch (error) {
    if (error instanceof RanAway) return false;
    throw error;
  }
}

/** @throws SyntaxError where it is no regular expression */
export function groupNames(source: string, flags = ''): readonly string[] {
  // With nothing as an alternative it matches the empty text, and tells its groups.
  return Object.keys(new RegExp(`${source}|`, flags).exec('')?.groups ?? {});
}

interface Slot {
  pattern: RegExp;
  text: string;
  found: RegExpExecArray | null;
}

/** One context for all patterns: each costs memory of its own. */
let guard: { readonly slot: Slot; readonly context: Context; readonly script: Script } | undefined;

function guarded(pattern: RegExp, text: string, timeout: number): RegExpExecArray | null {
  guard ??= makeGuard();
  const { slot, context, script } = guard;
  slot.pattern = pattern;
  slot.text = text;
  slot.found = null;
  try {
    script.runInContext(context, { timeout });
    return slot.found;
  } catch {
    throw new RanAway(`the pattern needs more than ${timeout} ms`);
  } finally {
    slot.text = '';
  }
}

function makeGuard(): NonNullable<typeof guard> {
  const slot: Slot = { pattern: /(?:)/, text: '', found: null };
  return { slot, context: createContext({ slot }), script: new Script('slot.found = slot.pattern.exec(slot.text)') };
}
