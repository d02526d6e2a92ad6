// All rules of a source, asked for each record: those that cannot fit are passed over in one go.

import { PatternSet } from '../patterns/prefilter.js';
import type { LineCondition } from './condition.js';
import type { Levels } from './levels.js';
import type { Line } from './line.js';
import type { Rule } from './rule.js';

export interface RuleSet {
  /** Lines that no rule sees. */
  readonly ignore: readonly LineCondition[];
  /** The first that fits takes the line. */
  readonly events: readonly Rule[];
  /** Each of them sees every line. */
  readonly others: readonly Rule[];
  readonly levels: Levels | undefined;
}

export type Understood = 'matched' | 'unmatched' | 'malformed' | 'ignored';

export class Rules {
  readonly #levels: Levels | undefined;
  readonly #conditions: readonly LineCondition[];
  /** At the places of their conditions; nothing at those of noise. */
  readonly #rules: readonly (Rule | undefined)[];
  readonly #firstOther: number;
  readonly #patterns: PatternSet;

  constructor({ ignore, events, others, levels }: RuleSet) {
    this.#levels = levels;
    const rules = [...events, ...others];
    this.#conditions = [...ignore, ...rules.map(({ condition }) => condition)];
    this.#rules = [...ignore.map(() => undefined), ...rules];
    this.#firstOther = ignore.length + events.length;
    this.#patterns = new PatternSet(this.#conditions.map(({ pattern }) => pattern));
  }

  understand(line: Line): Understood {
    const patterns = this.#patterns;
    const count = patterns.candidates(line.text);
    let matched = false;
    let malformed = false;
    let taken = false;
    let leveled = this.#levels === undefined;
    for (let candidate = 0; candidate < count; candidate++) {
      const at = patterns.found[candidate] ?? 0;
      const isEvent = at < this.#firstOther;
      if (taken && isEvent) continue;
      const rule = this.#rules[at];
      if (rule !== undefined && !leveled) leveled = this.#level(line);
      if (this.#conditions[at]?.fits(line) !== true) continue;
      if (rule === undefined) return 'ignored';
      taken ||= isEvent;
      malformed = rule.take(line) === 'malformed' || malformed;
      matched = true;
    }
    if (!leveled) this.#level(line);
    if (malformed) return 'malformed';
    return matched ? 'matched' : 'unmatched';
  }

  /** Noise is not counted by level: it comes first. */
  #level(line: Line): true {
    this.#levels?.take(line);
    return true;
  }
}
