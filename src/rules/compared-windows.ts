// The windows over which messages of one flow are compared with each other: what enters with what leaves, one path with another.

import { recorded } from '../conventions.js';
import type { Conservation } from '../domain/flow.js';
import type { MetricDefinition } from '../domain/observation.js';

type ComparedWindow = Conservation['window'];

export const COMPARED_WINDOWS: readonly ComparedWindow[] = ['1h', '1d'];

export function eachWindow(expr: (window: ComparedWindow) => string): string {
  return COMPARED_WINDOWS.map(expr).join('\nor\n');
}

/** Only of flows of which this is settled over the window, which becomes a label. */
export function whereOver(settled: MetricDefinition, window: ComparedWindow): string {
  return `* on (flow, env) group_left (window) (${settled.name}{window="${window}"} ^ 0)`;
}

/** Where a source has seen nothing for more than five minutes of the window (or of the reach), nothing is known of it. */
export function unseenOver(window: ComparedWindow, reach: string = window): string {
  return `label_replace(count_over_time(${recorded.blind.name}[${reach}:1m]) > 5, "window", "${window}", "", "")`;
}
