// Alerts on flows: what all of them carry, and what keeps them silent: planned work, closing hours, and what they depend on being down.

import { alertsOf, intended, recorded, type AlertFamily } from '../conventions.js';
import { kindsThat, type Judged } from '../domain/maintenance.js';
import { PLACE, withLabel } from './promql.js';
import { alert, recording, type AlertDefinition, type AlertingRule, type Hearing, type RecordingRule } from './rule.js';
import { block, indent } from './text.js';

type FlowSeverity = 'critical' | 'warning';

export interface FlowAlertDefinition extends Hearing, Omit<AlertDefinition, 'severity' | 'expr' | 'runbook' | 'annotationOnly'> {
  /**
   * What fails, as a vector with the labels flow and env, and partner, stage and more where they are known; the value is for the texts.
   * Of one with both, the critical one is hidden behind no warning: Alertmanager does that.
   */
  readonly critical?: string;
  readonly warning?: string;
  /** Where two definitions of a family have one name: a matcher on the labels of what fails that tells them apart. */
  readonly only?: string;
  /** Whether the labels of what fails hold a stage, whose origin the alert then carries. Default true. */
  readonly staged?: boolean;
  /** Labels that only the annotations need, beside those of the flow. */
  readonly annotationOnly?: readonly string[];
}

/** Descriptive labels of the flow that only the annotations need: an edited title ends no alert. */
export const ANNOTATION_ONLY: readonly string[] = ['title', 'runbook_url'];
const LABELS_OF_FLOW = 'team, criticality, priority, title, runbook_url';

/**
 * The alerts of a family: what fails, what of it is heard, and what is told, each recorded once for all of them, and the alerts, which
 * only read that. So joins with what is known of ten thousand flows are made once, not in each alert, and cost the same while all is well.
 *
 * EN1: outside production, what is critical is a warning, and so it is while planned work relaxes it. While the critical one fires, the
 * warning goes on behind it; Alertmanager hides it (red hides yellow).
 */
export function flowAlerts(name: AlertFamily, definitions: Definitions): (RecordingRule | AlertingRule)[] {
  const family = { ...alertsOf(name), definitions };
  return [
    // Alerts of one name that differ in what they select of what is told fail alike.
    recording(family.failing, union([...new Set(definitions.flatMap(failingOf))])),
    recording(family.heard, heard(family)),
    recording(family.told, carried(family)),
    ...definitions.flatMap((definition) => [
      ...(definition.critical === undefined ? [] : [told(family, definition, 'critical')]),
      // What is critical elsewhere too: see above.
      told(family, definition, 'warning'),
    ]),
  ];
}

type Definitions = readonly FlowAlertDefinition[];
type Family = ReturnType<typeof alertsOf> & { readonly definitions: Definitions };

const union = (vectors: readonly string[]) => vectors.join('\nor\n');

function severitiesOf(definition: FlowAlertDefinition): FlowSeverity[] {
  return (['critical', 'warning'] as const).filter((severity) => definition[severity] !== undefined);
}

/** With the labels alertname and severity, for which each alert puts its own, which are the same. */
function failingOf(definition: FlowAlertDefinition): string[] {
  return severitiesOf(definition).map((severity) =>
    withLabel('severity', severity, withLabel('alertname', definition.name, definition[severity] ?? '')),
  );
}

/** What fails of each definition, but for what keeps it silent. */
function heard({ failing, definitions }: Family): string {
  return union(
    alike(definitions, ({ judges, hours, evenIfHeld }) => ({ judges, hours, evenIfHeld })).map(({ saying, some }) => {
      const fails = select(failing.name, namesAmong(some, definitions));
      const heeded = saying.evenIfHeld
        ? fails
        : unlessHeld(fails, severalNames(some) ? `alertname, ${PLACE}` : PLACE, namesAmong(some, []));
      return [
        heeded,
        ...unlessMuted(saying.judges),
        ...(saying.hours === 'open' ? [`unless on (flow, env) ${recorded.closed.name}`] : []),
      ].join('\n');
    }),
  );
}

function severalNames(definitions: Definitions): boolean {
  return new Set(definitions.map(({ name }) => name)).size > 1;
}

/** What is heard, with the severity with which it is told, and with what alerts carry of its flow and stage. */
function carried(family: Family): string {
  const sides = alike(family.definitions, ({ staged = true }) => staged).map(({ saying: staged, some }) =>
    staged ? `(${block(asTold(family, some))})\n${withOrigin}` : asTold(family, some),
  );
  return `(${block(union(sides))})\n${withOwner}`;
}

function asTold({ heard: heardAll, definitions }: Family, chosen: Definitions): string {
  const heardAs = (severity: FlowSeverity) => {
    const having = definitions.filter((definition) => definition[severity] !== undefined);
    return alike(
      chosen.filter((definition) => having.includes(definition)),
      ({ judges }) => relaxation(judges),
    ).map(({ saying, some }) => ({
      vector: select(heardAll.name, [
        ...(definitions.some((definition) => definition[severity === 'critical' ? 'warning' : 'critical'] !== undefined)
          ? [`severity="${severity}"`]
          : []),
        ...namesAmong(some, having),
      ]),
      ...saying,
    }));
  };
  const unrelaxed = (severity: FlowSeverity) =>
    heardAs(severity).map(({ vector, without: conditions }) => [vector, ...conditions].join('\n'));
  const capped = heardAs('critical').flatMap(({ vector, onlyIn: conditions }) =>
    [`and on (env) ${recorded.notProduction.name}`, ...conditions].map((condition) => `${vector}\n${condition}`),
  );
  const critical = unrelaxed('critical');
  return union([
    ...(critical.length > 0 ? [`(${block(union(critical))})\nunless on (env) ${recorded.notProduction.name}`] : []),
    ...unrelaxed('warning'),
    ...(capped.length > 0 ? [withLabel('severity', 'warning', union(capped))] : []),
  ]);
}

interface Alike<T> {
  /** What all of them say. */
  readonly saying: T;
  readonly some: Definitions;
}

function alike<T>(definitions: Definitions, of: (definition: FlowAlertDefinition) => T): Alike<T>[] {
  const found = new Map<string, { readonly saying: T; readonly some: FlowAlertDefinition[] }>();
  for (const definition of definitions) {
    const saying = of(definition);
    const key = JSON.stringify(saying);
    const { some } = found.get(key) ?? { some: [] };
    found.set(key, { saying, some: [...some, definition] });
  }
  return [...found.values()];
}

/** Matchers that select these among all of the others; none where they are all. */
function namesAmong(some: Definitions, all: Definitions): string[] {
  if (all.length > 0 && all.every((definition) => some.includes(definition))) return [];
  const names = [...new Set(some.map(({ name }) => name))];
  const alone = some.length === 1 ? some[0]?.only : undefined;
  const others = all.filter(({ name }) => !names.includes(name));
  return [
    ...(all.length === 0 || others.length > 0 ? [`alertname${names.length === 1 ? '=' : '=~'}"${names.join('|')}"`] : []),
    ...(alone === undefined || all.length === 0 ? [] : [alone]),
  ];
}

function select(metric: string, matchers: readonly string[]): string {
  return matchers.length === 0 ? metric : `${metric}{${matchers.join(', ')}}`;
}

function told(family: Family, definition: FlowAlertDefinition, severity: FlowSeverity): AlertingRule {
  const { name, staged = true, summary, description, dashboard, annotationOnly = [] } = definition;
  const selected = [
    ...namesAmong([definition], family.definitions),
    ...(definition.critical === undefined ? [] : [`severity="${severity}"`]),
  ];
  return alert({
    name,
    severity,
    expr: select(family.told.name, selected),
    ...(definition.for !== undefined && { for: definition.for }),
    ...(definition.keepFiringFor !== undefined && { keepFiringFor: definition.keepFiringFor }),
    labels: { ...(!staged && { origin: 'internal' }), ...definition.labels },
    annotationOnly: [...ANNOTATION_ONLY, ...annotationOnly],
    summary,
    description,
    runbook: '{{ $labels.runbook_url }}',
    dashboard,
  });
}

/** Gives what is told of a flow what alerts carry of it. */
export const withOwner = `* on (flow, env) group_left (${LABELS_OF_FLOW}) ${recorded.flowOwner.name}`;
/** And what is told of a stage, on whose side it is. */
const withOrigin = `* on (flow, env, stage) group_left (origin) (${recorded.stagePosition.name} ^ 0)`;

/** Conditions that take out what planned work mutes of what is judged. */
export function unlessMuted(judges: Judged): string[] {
  return without(active('mutes', judges));
}

/**
 * Takes out what follows from something that is down, but for what is told already: that would look as if it had recovered.
 *
 * @param by labels that what fails and the alert on it have in common
 * @param matchers select these alerts
 */
export function unlessHeld(fails: string, by: string, matchers: readonly string[]): string {
  return [
    '(',
    ...[
      fails,
      ...without(recorded.held.name),
      'or',
      `${fails} and on (${by}) ${select('ALERTS', ['alertstate="firing"', ...matchers])}`,
    ].map(indent),
    ')',
  ].join('\n');
}

/** Planned work that makes a critical alert a warning, and silences a warning: conditions for what it does not concern, and for what it does. */
export function relaxation(judges: Judged): { readonly without: readonly string[]; readonly onlyIn: readonly string[] } {
  const relaxed = active('relaxes', judges);
  return { without: without(relaxed), onlyIn: relaxed === undefined ? [] : onlyIn(relaxed) };
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
