// What a log source defines and feeds: metrics of the user's own naming, and signals of stages.

import { RESPONSE_BUCKETS, type Signal } from '../../conventions.js';
import { coveredStages, type Coverage } from '../../domain/coverage.js';
import type { MetricDefinition } from '../../domain/observation.js';
import type { CheckContext, Claim } from '../kind.js';
import { indicatorClaim } from '../indicator.js';
import { definitionOf } from '../own-metric.js';
import type { CorrelationOptions, EventOptions, IndicatorOptions, LogOptions, MetricOptions } from './schema.js';

export function ownMetricDefinitions({ metrics = [] }: LogOptions): MetricDefinition[] {
  return metrics.map(ownMetricDefinition);
}

export function ownMetricDefinition(metric: MetricOptions): MetricDefinition {
  return definitionOf(metric.type === 'histogram' ? { buckets: RESPONSE_BUCKETS, ...metric } : metric);
}

/** What a rule says of the places it feeds. */
type Placed = Pick<EventOptions, 'flow' | 'partner' | 'stage' | 'flows' | 'stages'>;

/** Which places the lines of the rule may name, as far as the YAML tells. */
export function coverageOf({ flow, partner, stage, flows, stages }: Placed): Coverage {
  return {
    ...(typeof flow === 'string' ? { flow } : {}),
    ...(typeof partner === 'string' ? { partner } : {}),
    ...(typeof stage === 'string' ? { stage } : {}),
    ...(flows ? { flows } : {}),
    ...(stages ? { stages } : {}),
  };
}

function signalsOfEvent({ bytes, duration }: EventOptions): Signal[] {
  const signals: Signal[] = ['messages', 'last_message'];
  if (bytes !== undefined) signals.push('bytes');
  if (duration !== undefined) signals.push('duration');
  return signals;
}

function signalsOfCorrelation({ end }: CorrelationOptions): Signal[] {
  const signals: Signal[] = ['duration', 'backlog', 'backlog_oldest'];
  if (end.outcome !== undefined) signals.push('messages', 'last_message');
  return signals;
}

/**
 * Several events of one source may feed the same stage: a line belongs to one of them only, so nothing counts twice. Correlations see
 * every line: what one of them counts, no event and no other correlation may count as well.
 */
export function logClaims({ events = [], correlations = [], indicators = [] }: LogOptions, context: CheckContext): Claim[] {
  const ofEvents = new Map<string, Claim>();
  for (const [index, event] of events.entries()) {
    for (const claim of claimsOf(event, signalsOfEvent(event), ['events', index], context)) {
      const key = JSON.stringify([claim.signal, claim.flow, claim.stage, claim.partner]);
      if (!ofEvents.has(key)) ofEvents.set(key, claim);
    }
  }
  const ofCorrelations = correlations.flatMap((correlation, index) =>
    claimsOf(correlation, signalsOfCorrelation(correlation), ['correlations', index], context),
  );
  const ofIndicators = indicators.flatMap((one, index) => indicatorClaims(one, index, context));
  return [...ofEvents.values(), ...ofCorrelations, ...ofIndicators];
}

function indicatorClaims(one: IndicatorOptions, index: number, context: CheckContext): Claim[] {
  const { flow, partner } = one;
  return indicatorClaim(one, { flow, partner: typeof partner === 'string' ? partner : undefined, at: ['indicators', index] }, context);
}

function claimsOf(rule: Placed, signals: readonly Signal[], at: Claim['at'], { flows }: CheckContext): Claim[] {
  const coverage = coverageOf(rule);
  const { partner } = coverage;
  return coveredStages(flows, coverage).flatMap(({ flow, stage }) =>
    signals.map((signal) => ({ signal, flow: flow.name, stage, ...(partner === undefined ? {} : { partner }), at })),
  );
}
