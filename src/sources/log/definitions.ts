// What a log source defines and feeds: metrics of the user's own naming, and signals of stages.

import type { Signal } from '../../conventions.js';
import { coveredStages, type Coverage } from '../../domain/coverage.js';
import type { MetricDefinition } from '../../domain/observation.js';
import type { CheckContext, Claim } from '../kind.js';
import { definitionOf } from '../own-metric.js';
import type { EventOptions, LogOptions } from './schema.js';

export function ownMetricDefinitions({ metrics = [] }: LogOptions): MetricDefinition[] {
  return metrics.map(definitionOf);
}

/** Which places the lines of the event may name, as far as the YAML tells. */
export function coverageOf({ flow, partner, stage, flows, stages }: EventOptions): Coverage {
  return {
    ...(typeof flow === 'string' ? { flow } : {}),
    ...(typeof partner === 'string' ? { partner } : {}),
    ...(typeof stage === 'string' ? { stage } : {}),
    ...(flows ? { flows } : {}),
    ...(stages ? { stages } : {}),
  };
}

function signalsOf({ bytes, duration }: EventOptions): Signal[] {
  const signals: Signal[] = ['messages', 'last_message'];
  if (bytes !== undefined) signals.push('bytes');
  if (duration !== undefined) signals.push('duration');
  return signals;
}

/** Several events of one source may feed the same stage: a line belongs to one of them only, so nothing counts twice. */
export function logClaims({ events = [] }: LogOptions, { flows }: CheckContext): Claim[] {
  const claims = new Map<string, Claim>();
  for (const [index, event] of events.entries()) {
    const { partner } = coverageOf(event);
    for (const { flow, stage } of coveredStages(flows, coverageOf(event))) {
      for (const signal of signalsOf(event)) {
        const key = JSON.stringify([signal, flow.name, stage, partner]);
        if (claims.has(key)) continue;
        claims.set(key, { signal, flow: flow.name, stage, ...(partner === undefined ? {} : { partner }), at: ['events', index] });
      }
    }
  }
  return [...claims.values()];
}
