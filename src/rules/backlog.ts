// Messages that wait: more (or fewer) than the bounds of the flow allow, for as long as they say. GM3, NE6.

import { intended, observed, recorded } from '../conventions.js';
import { BOUND_WINDOWS, type Bound } from '../domain/flow.js';
import { settled } from './promql.js';
import { alert, recording, type AlertingRule, type RecordingRule, type RuleFamily } from './rule.js';

/** A backlog that is not reported for a moment (a restart, a failed scrape or two) is taken to be what it was. */
const BRIDGE = '2m';

const PLACE = 'flow, partner, env, stage';
const INDICATOR = 'backlog' satisfies Bound['indicator'];

/** The backlog of every place that is beyond the bound of this severity and side. */
function beyond(severity: Bound['severity'], side: Bound['side']): string {
  const bound = settled(intended.bound, {
    identity: ['flow', 'env'],
    labels: ['severity', 'side', 'window'],
    selector: `{indicator="${INDICATOR}", severity="${severity}", side="${side}"}`,
  });
  const joined = `${side === 'above' ? '>' : '<'} on (flow, env) group_left (severity, side, window)`;
  return `last_over_time(${recorded.backlog.name}[${BRIDGE}])\n${joined}\n${bound}`;
}

/**
 * All bounds of all flows are joined here, once for each severity and side, so that the alerts below read only what is out of
 * bounds, and cost nothing while all is well.
 */
const outOfBounds: RecordingRule = recording(
  recorded.backlogOutOfBounds,
  [beyond('critical', 'above'), beyond('critical', 'below'), beyond('warning', 'above'), beyond('warning', 'below')].join('\nor\n'),
);

const crossed = (severity: Bound['severity'], window: string) =>
  `${recorded.backlogOutOfBounds.name}{severity="${severity}", window="${window}"}`;

const described = `* on (flow, env) group_left (team, criticality, origin, title, runbook_url) ${recorded.flow.name}`;

const place = `flow={{ $labels.flow }},env={{ $labels.env }}`;

/** A query whose first value is shown, with what stands around it; nothing where there is no value. */
function shown(query: string, before: string, format: string, after: string): string {
  const labels = [...query.matchAll(/\{\{ \$labels\.(\w+) \}\}/g)].map(([, label]) => ` $labels.${label}`).join('');
  const pattern = query.replaceAll(/\{\{ \$labels\.\w+ \}\}/g, '%q');
  return `{{ with printf "${pattern}"${labels} | query }}${before}{{ . | first | value | ${format} }}${after}{{ end }}`;
}

const bound = shown(
  `${intended.bound.name}{${place},indicator='${INDICATOR}',severity={{ $labels.severity }},side={{ $labels.side }}}`,
  '; its {{ $labels.severity }} bound is {{ if eq $labels.side "above" }}more{{ else }}fewer{{ end }} than ',
  'printf "%.0f"',
  '',
);

const oldest = shown(
  `time() - ${recorded.backlogOldest.name}{${place},partner={{ $labels.partner }},stage={{ $labels.stage }}}`,
  ' The oldest has waited for ',
  'humanizeDuration',
  '.',
);

const passed = shown(
  `300 * sum(${recorded.messageRate.name}{${place},partner={{ $labels.partner }},stage={{ $labels.stage }}})`,
  ' In the last 5 minutes ',
  'printf "%.0f"',
  ' messages passed the stage.',
);

function backlogAlert(severity: Bound['severity'], window: string): AlertingRule {
  return alert({
    name: 'FlowBacklogOutOfBounds',
    severity,
    expr: `(\n${severity === 'critical' ? inProduction(window) : capped(window)}\n)\n${described}`,
    // "Without a break" is what `for` means. It costs nothing, where min_over_time() over a day would read every sample
    // of every flow, and would fire on the first sample of a series that is one sample long.
    for: window,
    keepFiringFor: '2m',
    labels: { window },
    annotationOnly: ['title', 'runbook_url', 'side'],
    summary: `{{ $labels.title }}: {{ printf "%.0f" $value }} messages wait at {{ $labels.stage }} for {{ $labels.partner }} ({{ $labels.env }})`,
    description:
      `{{ printf "%.0f" $value }} messages of flow {{ $labels.flow }} with partner {{ $labels.partner }} wait at stage {{ $labels.stage }}${bound}.` +
      ` It has been so for at least {{ $labels.window }}.${oldest}${passed}{{ with $labels.origin }} The fault is looked for first on this side: {{ . }}.{{ end }}`,
    runbook: '{{ $labels.runbook_url }}',
    dashboard: ['env', 'flow', 'partner'],
  });
}

function inProduction(window: string): string {
  return `  ${crossed('critical', window)}\n  unless on (env) ${recorded.notProduction.name}`;
}

/**
 * EN1: outside production a critical bound is a warning. While the critical one fires in production, the warning goes on
 * behind it; Alertmanager hides it (red hides yellow), so that it is there at once when red ends.
 */
function capped(window: string): string {
  return [
    `  ${crossed('warning', window)}`,
    `  or on (${PLACE}) (`,
    `    ${crossed('critical', window)}`,
    `    and on (env) ${recorded.notProduction.name}`,
    `  )`,
  ].join('\n');
}

export const backlog: RuleFamily = {
  name: 'backlog',
  about: 'Messages that wait.',
  groups: [
    {
      name: 'vigie-backlog',
      interval: '15s',
      rules: [
        recording(recorded.backlog, `max by (${PLACE}) (${observed.backlog.name})`),
        recording(recorded.backlogOldest, `min by (${PLACE}) (${observed.backlog_oldest.name} > 0)`),
        outOfBounds,
        ...BOUND_WINDOWS.flatMap((window) => [backlogAlert('critical', window), backlogAlert('warning', window)]),
      ],
    },
  ],
};
