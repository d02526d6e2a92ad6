// What a flow is compared with, as intentions: what entered it, another path of it, and what is usual at the hour.

import { intended } from '../conventions.js';
import type { Flow } from '../domain/flow.js';
import type { Observation } from '../domain/observation.js';

export function comparisonIntentions({ name: flow, conservation = [], parity = [], anomalies = [] }: Flow, env: string): Observation[] {
  return [
    ...conservation.map(({ from, to, tolerance, window }) => ({
      metric: intended.conservation,
      labels: { flow, env, stage: from, to, window },
      value: tolerance,
    })),
    ...parity.map(({ stage, paths: [path, other], tolerance, window }) => ({
      metric: intended.parity,
      labels: { flow, env, stage, path, other, window },
      value: tolerance,
    })),
    ...anomalies.flatMap(({ stage, below, above }) =>
      Object.entries({ below, above }).flatMap(([side, value]) =>
        value === undefined ? [] : [{ metric: intended.anomaly, labels: { flow, env, stage, side }, value }],
      ),
    ),
  ];
}
