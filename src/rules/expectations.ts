// What rules on expectations share: the words in which they speak of a place and a period, and what is judged where nobody sees.

import { intended, recorded } from '../conventions.js';
import type { MetricDefinition } from '../domain/observation.js';
import { PLACE, remembered, withLabel } from './promql.js';
import { recording, type RecordingRule } from './rule.js';

export const EXPECTATION = `${PLACE}, expectation`;
export const DASHBOARD = ['env', 'flow', 'partner'];

/** Messages may be seen two minutes after they came: sources look, and Prometheus scrapes, from time to time. */
export const SIGHT = '2m';

type Period = 'current' | 'previous';

/** One intention of each expectation, however many catalogues export it. */
export function each(metric: MetricDefinition, period?: Period): string {
  return `max by (${EXPECTATION}) (${remembered(metric, period && `{period="${period}"}`)})`;
}

/** Past its time of warning, and not past its deadline; the value is the deadline. */
export const soonDue = [
  `${each(intended.expectationDeadline, 'current')} >= time()`,
  `and on (${EXPECTATION}) (${each(intended.expectationWarning)} <= time())`,
].join('\n');

/** Gives what fails the name of the alert that tells of it. */
export function ofKind(alert: string, expr: string): string {
  return withLabel('kind', alert, expr);
}

/**
 * Of what fails, what may be told: anew only what somebody sees, and what is told already for as long as it is not known to have recovered.
 * Both `unmet` and what it is computed from outlast that nobody sees them.
 */
export function asSeen(
  failed: MetricDefinition,
  unmet: MetricDefinition,
  seen: { readonly by: string; readonly expr: string },
): RecordingRule {
  return recording(
    failed,
    `
    ${unmet.name} unless on (flow, env) ${recorded.blind.name} and on (${seen.by}) ${seen.expr}
    or
    ${unmet.name} and on (${EXPECTATION}, kind)
      label_replace(ALERTS{expectation!="", alertstate="firing"}, "kind", "$1", "alertname", "(.*)")`,
  );
}

/** An observation that was seen once is known while its stage is declared, also where its exporter is gone or starts anew. */
export function known(metric: MetricDefinition): string {
  return `(${metric.name} and on (flow, env, stage) ${recorded.stagePosition.name})`;
}

/** In a summary: where it is that something fails. */
export const at = `{{ $labels.stage }}{{ with $labels.partner }} for {{ . }}{{ end }}`;
export const inEnv = `{{ if $labels.env }} ({{ $labels.env }}){{ end }}`;

/** In a description. */
export const ofFlow = `flow {{ $labels.flow }}{{ with $labels.partner }} with partner {{ . }}{{ end }}`;
export const expectation = `expectation "{{ $labels.expectation }}"`;
/** The identity of an expectation as selector of a query. */
export const sameExpectation = ['flow', 'env', 'partner', 'stage', 'expectation']
  .map((label) => `${label}={{ $labels.${label} }}`)
  .join(',');
