// Messages are conserved: what enters a flow leaves it, is refused on the way, or waits. CE9.
//
// Whether an error ends a message or is tried again, nobody can tell from outside: as many as there are errors may be missing, none must.
// What has just entered may be under way: of the messages of now and of those of a quarter of an hour ago, the fewer are missed where
// too few have left, and the more are allowed for where too many have.

import { intended, judgedMessagesOver, recorded } from '../conventions.js';
import type { Conservation } from '../domain/flow.js';
import { NUMBER, shown } from './bound-alerts.js';
import { flowAlerts, type FlowAlertDefinition, holdsUp } from './flow-alert.js';
import { block } from './text.js';
import { PLACE, settled, withLabel } from './promql.js';
import { COMPARED_WINDOWS, eachWindow, unseenOver, whereOver } from './compared-windows.js';
import { recording, type RecordingRule, type RuleFamily } from './rule.js';

/** As long as a message may be on its way without waiting anywhere. */
const UNDER_WAY = '15m';
/** Fewer tell nothing of a share. */
const FEWEST = 20;

const { conservedStage, conservationSettled, conservedPart, conservedFailed, conservedPassed, conservedGrowth } = recorded;
const { conservedIn, conservedOut, conservedErrors, unaccounted, backlog, failingRate } = recorded;
const FLOW = 'flow, partner, env, window';

/** One for each flow, whatever it was a moment ago. */
const settledTolerance: RecordingRule = recording(
  conservationSettled,
  settled(intended.conservation, { identity: ['flow', 'env'], labels: ['stage', 'to', 'window'] }),
);

const ends = `${conservationSettled.name} ^ 0`;
const entrance = `${conservedStage.name} * on (flow, env, stage) group_left (window) (${ends})`;
const exit = `${conservedStage.name} * on (flow, env, stage) group_left (window) label_replace(${ends}, "stage", "$1", "to", "(.*)")`;

type Part = 'in' | 'out' | 'between';

function part(name: Part, positions: string): string {
  return withLabel('part', name, `group by (flow, env, stage, window) (${block(positions)})`);
}

const stages: RecordingRule = recording(
  conservedPart,
  [
    part('in', entrance),
    part('out', exit),
    part(
      'between',
      [
        conservedStage.name,
        `> on (flow, env) group_left () max by (flow, env) (${block(entrance)})`,
        `<= on (flow, env) group_left (window) max by (flow, env, window) (${block(exit)})`,
      ].join('\n'),
    ),
  ].join('\nor\n'),
);

/** Numbers of messages of places, over the window of their flow. */
function asked(value: (window: Conservation['window']) => string): string {
  return eachWindow((window) => `(${block(value(window))})\n${whereOver(conservationSettled, window)}`);
}

const failed: RecordingRule = recording(
  conservedFailed,
  asked((window) => `round(300 * sum_over_time(${failingRate.name}[${window}:5m]))`),
);

/** What passed without failing. */
const passed: RecordingRule = recording(
  conservedPassed,
  asked((window) => {
    const all = judgedMessagesOver(window).name;
    return `${all} - on (${PLACE}) sum by (${PLACE}) (${conservedFailed.name})\nor on (${PLACE}) ${all}`;
  }),
);

/** Where what waits was not seen yet when the window began, nobody knows by how much it has grown. */
const growth: RecordingRule = recording(
  conservedGrowth,
  asked((window) => `${backlog.name} - ${backlog.name} offset ${window}`),
);

/** Of the stages of one part, all together. */
function over(name: Part, value: string): string {
  return `sum by (${FLOW}) (${value} * on (flow, env, stage) group_left () ${conservedPart.name}{part="${name}"})`;
}

const entered: RecordingRule = recording(conservedIn, over('in', conservedPassed.name));

const none = `0 * ${conservedIn.name}`;
const waiting = `${backlog.name} and on (flow, env, stage) ${conservedPart.name}{part="between"}`;

/** No answer where something waits and nobody knows by how much it has grown. */
const accounted: RecordingRule = recording(
  conservedOut,
  [
    over('out', conservedPassed.name),
    `+ (${block(`${over('between', `${conservedFailed.name}{outcome="rejected"}`)}\nor ${none}`)})`,
    `+ (${block(`${over('between', conservedGrowth.name)}\nor ${none}\nunless on (flow, partner, env) (${waiting})`)})`,
  ].join('\n'),
);

const errors: RecordingRule = recording(conservedErrors, over('between', `${conservedFailed.name}{outcome="error"}`));

const before = `${conservedIn.name} offset ${UNDER_WAY}`;
const fewer = `(${conservedIn.name} < ${before} or ${before})`;
const more = `(${conservedIn.name} > ${before} or ${before})`;
const tolerated = `${conservedIn.name} * on (flow, env, window) group_left () ${conservationSettled.name}`;

/** Of an hour it counts as well what was seen of it a quarter of an hour ago. */
const unseen = eachWindow((window) => unseenOver(window, window === '1h' ? '75m' : '1d'));

const missing: RecordingRule = recording(
  unaccounted,
  `
  (
    (
      ${fewer} - ${conservedOut.name} > (${tolerated} + ${conservedErrors.name} or ${tolerated})
      or
      ${more} - ${conservedOut.name} < -(${tolerated})
    )
    and on (${FLOW}) ${conservedIn.name} >= ${FEWEST}
    unless on (flow, env, window) (${block(unseen)})
  )
  * on (flow, env, window) group_left (stage, from)
  label_replace(
    label_replace(${ends}, "from", "$1", "stage", "(.*)"),
    "stage", "$1", "to", "(.*)"
  )`,
);

const place = 'flow={{ $labels.flow }},env={{ $labels.env }},partner={{ $labels.partner }},window={{ $labels.window }}';
const came = shown(`${conservedIn.name}{${place}}`, ' Of ', NUMBER, ' that passed {{ $labels.from }}, ');
const left = shown(`${conservedOut.name}{${place}}`, '', NUMBER, ' left, were rejected or wait');
const surplus = shown(`abs(${unaccounted.name}{${place}})`, '', NUMBER, ' messages too many left');
const count = `{{ $value | printf "%.0f" }}`;

/** Sums of a day are of whole hours, what waits is of now: a batch that leaves is missing from both for up to an hour. */
const SETTLED = { '1h': UNDER_WAY, '1d': '75m' } as const;

function notConserved(window: Conservation['window']): FlowAlertDefinition {
  return {
    name: 'FlowNotConserved',
    judges: 'conservation',
    critical: unaccounted.name,
    only: `window="${window}"`,
    for: SETTLED[window],
    keepFiringFor: '5m',
    labels: { window },
    summary: `{{ $labels.title }}: {{ if gt $value 0.0 }}${count} messages are nowhere{{ else }}${surplus}{{ end }}{{ with $labels.partner }} for {{ . }}{{ end }} ({{ $labels.env }})`,
    description:
      `Flow {{ $labels.flow }}{{ with $labels.partner }} with partner {{ . }}{{ end }}, from stage {{ $labels.from }} to {{ $labels.stage }}, over {{ $labels.window }}:` +
      `${came}${left}. {{ if gt $value 0.0 }}Messages were lost on the way.{{ else }}Messages were sent twice, or entered without being counted.{{ end }}${holdsUp}`,
    dashboard: ['env', 'flow', 'partner'],
  };
}

const alerts: readonly FlowAlertDefinition[] = COMPARED_WINDOWS.map(notConserved);

export const conservation: RuleFamily = {
  name: 'conservation',
  about: 'Messages that enter a flow and are nowhere, or leave it without having entered.',
  tells: alerts,
  groups: [
    {
      name: 'vigie-conservation',
      interval: '1m',
      rules: [settledTolerance, stages, failed, passed, growth, entered, accounted, errors, missing, ...flowAlerts('conservation', alerts)],
    },
  ],
};
