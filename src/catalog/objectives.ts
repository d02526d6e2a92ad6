// Objectives of a flow as intentions.

import { intended } from '../conventions.js';
import { canonicalNumber } from '../domain/bucket-label.js';
import type { Flow } from '../domain/flow.js';
import type { Observation } from '../domain/observation.js';
import { present } from './labels.js';

/** `le` is that of the bucket as Prometheus keeps it, 14400.0, so that rules can join the two; without it errors are meant. */
export function objectiveIntentions({ name: flow, objectives = [] }: Flow, env: string): Observation[] {
  return objectives.map(({ name: objective, stage, threshold, ratio, days }) => ({
    metric: intended.objectiveRatio,
    labels: present({
      flow,
      env,
      stage,
      objective,
      le: threshold === undefined ? undefined : canonicalNumber(threshold),
      window: `${days}d`,
    }),
    value: ratio,
  }));
}
