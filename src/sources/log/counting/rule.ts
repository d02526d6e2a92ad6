// What all rules of a log source have in common.

import type { Condition } from './condition.js';
import type { Line } from './line.js';

/** `malformed`: taken, but a value in the line cannot be read. */
export type Verdict = 'matched' | 'malformed';

export interface Rule {
  /** For people and metrics: `events.1`, `metrics.0`. */
  readonly name: string;
  readonly condition: Condition;
  /** Puts what the line says into what is pending; the condition fits. */
  take(line: Line): Verdict;
}

/** What a rule wants to tell somebody of a line: a value that the YAML does not declare. */
export type TellUndeclared = (label: 'flow' | 'partner' | 'stage' | 'outcome', value: string) => void;
