// Alerts on flows: what all of them carry, and what keeps them silent: planned work, closing hours, and what they depend on being down.

import { intended, recorded } from '../conventions.js';
import { kindsThat, type Judged } from '../domain/maintenance.js';
import { alert, type AlertDefinition, type AlertingRule } from './rule.js';
import { dedent, indent } from './text.js';

export interface FlowAlertDefinition extends Omit<AlertDefinition, 'severity' | 'expr' | 'runbook' | 'annotationOnly'> {
  /** What of the flow it judges: planned work mutes or relaxes by it. */
  readonly judges: Judged;
  /**
   * What fails, as a vector with the labels flow and env, and partner, stage and more where they are known; the value is for the texts.
   * Of one with both, the critical one is hidden behind no warning: Alertmanager does that.
   */
  readonly critical?: string;
  readonly warning?: string;
  /** `open`: not outside the opening hours of the flow. Default `always`. */
  readonly hours?: 'open' | 'always';
  /** Whether the labels of `critical` and `warning` hold a stage, whose origin the alert then carries. Default true. */
  readonly staged?: boolean;
  /** Whether it is told although something that the flow depends on is down. Default false: what is down is told of by itself. */
  readonly evenIfHeld?: boolean;
  /** Labels that only the annotations need, beside those of the flow. */
  readonly annotationOnly?: readonly string[];
}

/** Descriptive labels of the flow that only the annotations need: an edited title ends no alert. */
export const ANNOTATION_ONLY: readonly string[] = ['title', 'runbook_url'];
const LABELS_OF_FLOW = 'team, criticality, priority, title, runbook_url';

/**
 * The critical and the warning rule. EN1: outside production, what is critical is a warning, and so it is while planned work relaxes it.
 * While the critical one fires, the warning goes on behind it; Alertmanager hides it (red hides yellow).
 */
export function flowAlert({ critical, warning, ...definition }: FlowAlertDefinition): AlertingRule[] {
  const relaxed = active('relaxes', definition.judges);
  const capped =
    critical === undefined
      ? undefined
      : [
          `(${block(critical)})`,
          `and on (env) ${recorded.notProduction.name}`,
          ...(relaxed === undefined ? [] : onlyIn(relaxed).map((condition) => `or (${block(critical)})\n${condition}`)),
        ];
  const yellow = [warning === undefined ? undefined : [`(${block(warning)})`, ...without(relaxed)].join('\n'), capped?.join('\n')].filter(
    (part) => part !== undefined && part !== '',
  );
  const red = critical && [`(${block(critical)})`, ...without(relaxed), `unless on (env) ${recorded.notProduction.name}`].join('\n');
  return [
    ...(red ? [told(definition, 'critical', red)] : []),
    ...(yellow.length > 0 ? [told(definition, 'warning', yellow.join('\nor\n'))] : []),
  ];
}

type Told = Omit<FlowAlertDefinition, 'critical' | 'warning'>;

function told(
  { judges, hours, staged, evenIfHeld, annotationOnly = [], ...rest }: Told,
  severity: 'critical' | 'warning',
  expr: string,
): AlertingRule {
  const silent = [...unlessSilent(judges, evenIfHeld), ...(hours === 'open' ? [`unless on (flow, env) ${recorded.closed.name}`] : [])];
  return alert({
    ...rest,
    severity,
    expr: [`(${block([`(${block(expr)})`, ...silent].join('\n'))})`, withOwner, ...(staged === false ? [] : [withOrigin])].join('\n'),
    labels: { ...(staged === false && { origin: 'internal' }), ...rest.labels },
    annotationOnly: [...ANNOTATION_ONLY, ...annotationOnly],
    runbook: '{{ $labels.runbook_url }}',
  });
}

/** Gives what is told of a flow what alerts carry of it. */
export const withOwner = `* on (flow, env) group_left (${LABELS_OF_FLOW}) ${recorded.flowOwner.name}`;
/** And what is told of a stage, on whose side it is. */
export const withOrigin = `* on (flow, env, stage) group_left (origin) group by (flow, env, stage, origin) (${recorded.stagePosition.name})`;

/** Conditions that take out what planned work mutes, and what follows from something that is down. */
export function unlessSilent(judges: Judged, evenIfHeld = false): string[] {
  return [...without(active('mutes', judges)), ...(evenIfHeld ? [] : without(recorded.held.name))];
}

/** Planned work that makes a critical alert a warning, and silences a warning: conditions for what it does not concern, and for what it does. */
export function relaxation(judges: Judged): { readonly without: readonly string[]; readonly onlyIn: readonly string[] } {
  const relaxed = active('relaxes', judges);
  return { without: without(relaxed), onlyIn: relaxed === undefined ? [] : onlyIn(relaxed) };
}

export function block(expr: string): string {
  return `\n${indent(dedent(expr))}\n`;
}

/** Flows that planned work mutes or relaxes now; undefined where no kind does. */
function active(effect: 'mutes' | 'relaxes', judged: Judged): string | undefined {
  const kinds = kindsThat(effect, judged);
  return kinds.length === 0 ? undefined : `${recorded.maintained.name}{kind=~"${kinds.join('|')}"}`;
}

/** Conditions that take out what is in the set: of the partner, or of the whole flow. */
function without(set: string | undefined): string[] {
  return set === undefined ? [] : [`unless on (flow, partner, env) ${set}`, `unless on (flow, env) ${ofWholeFlow(set)}`];
}

/** Conditions of which one holds for what is in the set. */
function onlyIn(set: string): string[] {
  return [`and on (flow, partner, env) ${set}`, `and on (flow, env) ${ofWholeFlow(set)}`];
}

function ofWholeFlow(set: string): string {
  return set.includes('{') ? set.replace('}', ', partner=""}') : `${set}{partner=""}`;
}

/** Where an alert judges more than one thing: takes out of a part of it what planned work mutes of that part. */
export function unlessMuted(judged: Judged): string {
  return without(active('mutes', judged)).join('\n');
}

/**
 * Of what fails, the stage that a message reaches first, of each flow and partner: what follows from it is not told as well. GM11.
 * `among`: everything that counts as a failing stage, where that is more.
 */
export function firstFailing(failing: string, among = failing): string {
  const position = `on (flow, env, stage) group_left () ${recorded.stagePosition.name}`;
  return [
    `(${block(failing)})`,
    `and on (flow, partner, env, stage)`,
    `  bottomk by (flow, partner, env) (1, group by (flow, partner, env, stage) (${block(among)}) * ${position})`,
  ].join('\n');
}

/** In a description: the flows that wait for this one. */
export const holdsUp = [
  `{{ with printf "group by (flow) (${intended.dependency.name}{kind='flow',dependency=%q,env=%q})" $labels.flow $labels.env | query }}`,
  ` It holds up: {{ range $index, $each := sortByLabel "flow" . }}{{ if $index }}, {{ end }}{{ .Labels.flow }}{{ end }}.{{ end }}`,
].join('');

/** In a description: on whose side to look first. Needs the label origin. */
export const whoseSide = [
  `{{ if eq $labels.origin "partner" }} It is looked for first on the side of the partner{{ with $labels.partner }} ({{ . }}){{ end }}.`,
  `{{ else }} It is looked for first on our own side.{{ end }}`,
].join('');
