// The rules of a source as `vigie try` calls them, with what each of them must be able to read.

import { parseQuantity } from '../../units.js';
import { ownMetricDefinition } from '../definitions.js';
import type { CorrelationOptions, EventOptions, LogOptions, Meant, MetricOptions } from '../schema.js';
import type { WrittenRule } from './rule-miss.js';

/** A value without which a rule calls a line malformed. */
export interface Needed {
  /** What it is for: `bytes`, `id`. */
  readonly what: string;
  readonly field: string | undefined;
  readonly is: 'number' | 'positive' | 'text';
}

export interface NamedRule extends WrittenRule {
  /** As the rules of the source itself are called: `events.1`, `correlations.0 start`. */
  readonly id: string;
  readonly needs: readonly Needed[];
}

export function namedRules({ events = [], correlations = [], metrics = [], indicators = [], id }: LogOptions): NamedRule[] {
  return [
    ...events.map((event, index) => ({ id: `events.${index}`, name: eventName(event, index), ...meant(event), needs: eventNeeds(event) })),
    ...correlations.flatMap((one, index) => correlationRules(one, index, id)),
    ...metrics.map((one, index) => ({ id: `metrics.${index}`, name: `metric ${one.name}`, ...meant(one), needs: metricNeeds(one) })),
    ...indicators.map((one, index) => ({
      id: `indicators.${index}`,
      name: `indicator ${one.indicator}`,
      ...meant(one),
      needs: [{ what: 'value', field: fieldOf(one.value), is: 'number' as const }],
    })),
  ];
}

export function ignoreName(index: number): string {
  return `ignore ${index + 1}`;
}

function meant({ match, when }: Meant): Pick<WrittenRule, 'match' | 'when'> {
  return { match, when };
}

function eventName({ flow, stage }: EventOptions, index: number): string {
  const about = typeof stage === 'string' ? ` (stage ${stage})` : typeof flow === 'string' ? ` (flow ${flow})` : '';
  return `event ${index + 1}${about}`;
}

function eventNeeds({ bytes, duration }: EventOptions): Needed[] {
  return Object.entries({ bytes, duration }).flatMap(([what, written]) =>
    written === undefined ? [] : [{ what, field: fieldOf(written), is: 'positive' as const }],
  );
}

function metricNeeds(metric: MetricOptions): Needed[] {
  const { value } = metric;
  const is = ownMetricDefinition(metric).type === 'counter' ? 'positive' : 'number';
  return value === undefined ? [] : [{ what: 'value', field: fieldOf(value), is }];
}

function correlationRules(one: CorrelationOptions, index: number, id: string | undefined): NamedRule[] {
  return (['start', 'end'] as const).map((part) => ({
    id: `correlations.${index} ${part}`,
    name: `correlation ${index + 1} ${part}`,
    ...meant(one[part]),
    needs: [{ what: 'id', field: one[part].id ?? one.id ?? id, is: 'text' }],
  }));
}

function fieldOf(written: string): string {
  return parseQuantity(written)?.field ?? written;
}
