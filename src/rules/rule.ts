// What a rule is, and how alerts are built so that each of them carries the same labels, annotations and links.
// https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/

import { LINK_LABELS, recorded } from '../conventions.js';
import type { Judged } from '../domain/maintenance.js';
import type { MetricDefinition } from '../domain/observation.js';
import { dedent } from './text.js';

/** `none` is for what reports that alerting works, not that something fails. */
export type Severity = 'critical' | 'warning' | 'none';

/** Rules in the form in which Prometheus reads them. */
export interface RecordingRule {
  readonly record: string;
  readonly expr: string;
  /** In place of those that the expression gives. */
  readonly labels?: Readonly<Record<string, string>>;
}

export interface AlertingRule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly keep_firing_for?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface RuleGroup {
  readonly name: string;
  /** How often it is evaluated, as a Prometheus duration. */
  readonly interval: string;
  readonly rules: readonly (RecordingRule | AlertingRule)[];
}

/** What decides whether an alert on a flow is heard. */
export interface Hearing {
  readonly name: string;
  /** What of the flow it judges: planned work mutes or relaxes by it. */
  readonly judges: Judged;
  /** `open`: not outside the opening hours of the flow. Default `always`. */
  readonly hours?: 'open' | 'always';
  /** Whether it is told although something that the flow depends on is down. Default false: what is down is told of by itself. */
  readonly evenIfHeld?: boolean;
}

/** One family is one file: src/rules/<name>.ts, rendered to alertmanager/rules/<name>.yml. */
export interface RuleFamily {
  readonly name: string;
  /** What it judges, in a sentence. */
  readonly about: string;
  readonly groups: readonly RuleGroup[];
  /** Its alerts on flows. */
  readonly tells?: readonly Hearing[];
}

export interface AlertDefinition {
  readonly name: string;
  /** Its labels must hold no label of a target (instance, job): aggregate first. */
  readonly expr: string;
  readonly severity: Severity;
  /** How long it must hold before it fires. */
  readonly for?: string;
  /** How long it goes on firing after it held last: a source that flaps rings once. */
  readonly keepFiringFor?: string;
  /** Labels beside severity and level, and those of the expression. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Labels that only the annotations need. They are taken off, so that an edited title does not end one alert and start another. */
  readonly annotationOnly?: readonly string[];
  /** One line: what, where. */
  readonly summary: string;
  /** What, since when, how much, whose side; to be understood at 3 a.m. */
  readonly description: string;
  /** URL of the runbook. Default: the section on this alert in docs/tasks/alerts.md. */
  readonly runbook?: string;
  /** Variables of the operations dashboard, as label names: `['flow', 'env']`. */
  readonly dashboard: readonly string[];
}

export function recording(metric: MetricDefinition, expr: string): RecordingRule {
  return { record: metric.name, expr: dedent(expr) };
}

/** Of alerts that are on no flow: those on flows have the priority of their flow. */
const PRIORITIES: Readonly<Record<Severity, string>> = { critical: 'P2', warning: 'P3', none: 'P4' };

/** Of Vigie itself, not of a flow: names begin with Vigie or Flow. */
const isOnFlow = (name: string) => name.startsWith('Flow');

export function alert(definition: AlertDefinition): AlertingRule {
  const dropped = (definition.annotationOnly ?? []).map((label) => [label, '']);
  return {
    alert: definition.name,
    expr: dedent(definition.expr),
    ...(definition.for !== undefined && { for: definition.for }),
    ...(definition.keepFiringFor !== undefined && { keep_firing_for: definition.keepFiringFor }),
    labels: {
      severity: definition.severity,
      level: 'N0',
      ...(!isOnFlow(definition.name) && { priority: PRIORITIES[definition.severity] }),
      ...definition.labels,
      ...Object.fromEntries(dropped),
    },
    annotations: {
      summary: definition.summary,
      description: definition.description,
      runbook_url: definition.runbook ?? docsLink(definition.name),
      dashboard: dashboardLink(definition.dashboard),
    },
  };
}

/**
 * EN1: critical in production, warning elsewhere. Two rules rather than a computed severity, so that each states its own.
 * What names no environment, or an unknown one, is critical: a doubt must not make an alert quieter.
 */
export function cappedAlert(definition: Omit<AlertDefinition, 'severity'>): AlertingRule[] {
  const expr = dedent(definition.expr);
  return [
    alert({ ...definition, severity: 'critical', expr: `${expr}\nunless on (env) ${recorded.notProduction.name}` }),
    alert({ ...definition, severity: 'warning', expr: `${expr}\nand on (env) ${recorded.notProduction.name}` }),
  ];
}

/** What can only be a fault of our own carries that as its origin. */
export function onOurSide<Rule extends RecordingRule | AlertingRule>(rule: Rule): Rule | AlertingRule {
  return 'alert' in rule ? { ...rule, labels: { ...rule.labels, origin: 'internal' } } : rule;
}

function docsLink(alertName: string): string {
  return `{{ with $externalLabels.${LINK_LABELS.docs} }}{{ . }}/{{ end }}docs/tasks/alerts.md#${alertName.toLowerCase()}`;
}

function dashboardLink(variables: readonly string[]): string {
  const query = ['from=now-6h', 'to=now', ...variables.map((label) => `var-${label}={{ $labels.${label} }}`)].join('&');
  return `{{ $externalLabels.${LINK_LABELS.grafana} }}/d/vigie-operations?${query}`;
}
