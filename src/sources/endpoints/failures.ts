// The ways in which a probe may fail that kinds have in common.

import type { Phase } from './phases.js';
import type { Failure, Reason } from './reasons.js';

export function failuresOf(phase: Phase, ...reasons: readonly Reason[]): readonly Failure[] {
  return reasons.map((reason) => ({ phase, reason }));
}

/** Of `dial`. */
export const DIAL_FAILURES: readonly Failure[] = [
  ...failuresOf('resolve', 'dns', 'timeout'),
  ...failuresOf('connect', 'refused', 'unreachable', 'timeout', 'reset'),
];
