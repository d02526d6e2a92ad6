// Two paths of a stage carry the same messages: an old way and a new one side by side. CE10.

import { intended, observed, recorded } from '../conventions.js';
import { NUMBER, shown } from './bound-alerts.js';
import { flowAlerts, type FlowAlertDefinition, holdsUp } from './flow-alert.js';
import { block } from './text.js';
import { PLACE, settled } from './promql.js';
import { eachWindow, unseenOver, whereOver } from './compared-windows.js';
import { recording, type RecordingRule, type RuleFamily } from './rule.js';
import { perSecond } from './traffic.js';

/** Fewer tell nothing of a share. */
const FEWEST = 20;

const { paritySettled, pathMessages, pathMessagesHour, pathMessagesOver, pathOne, pathOther, pathsDisagree } = recorded;

/** One comparison for each flow, whatever it was a moment ago; the value is its tolerance. */
const settledTolerance: RecordingRule = recording(
  paritySettled,
  settled(intended.parity, { identity: ['flow', 'env'], labels: ['stage', 'path', 'other', 'window'] }),
);

const byPath: RecordingRule = recording(
  pathMessages,
  `
  ${perSecond(`${observed.messages.name}{path!=""}`, `${PLACE}, path`, 'outcome')}
  and on (flow, env) ${paritySettled.name}`,
);

const MESSAGES = {
  '1h': pathMessagesHour.name,
  '1d': `sum_over_time(last_over_time(${pathMessagesHour.name}[10m])[1d:1h])`,
} as const;

const carried: RecordingRule = recording(
  pathMessagesOver,
  eachWindow((window) => `round(${MESSAGES[window]})\n${whereOver(paritySettled, window)}`),
);

const asOther = `label_replace(${pathMessagesOver.name}, "other", "$1", "path", "(.*)")`;
const onPath = 'on (flow, env, stage, path) group_left (other)';
const onOther = 'on (flow, env, stage, other) group_left (path)';

/** Where nothing was counted by the one path, it is 0. */
const either: readonly RecordingRule[] = [
  recording(
    pathOne,
    `${pathMessagesOver.name} * ${onPath} (${paritySettled.name} ^ 0)\nor 0 * (${asOther} * ${onOther} ${paritySettled.name})`,
  ),
  recording(
    pathOther,
    `${asOther} * ${onOther} (${paritySettled.name} ^ 0)\nor 0 * (${pathMessagesOver.name} * ${onPath} ${paritySettled.name})`,
  ),
];

const differing: RecordingRule = recording(
  pathsDisagree,
  `
  abs(${pathOne.name} - ${pathOther.name})
  / ((${pathOne.name} >= ${pathOther.name} or ${pathOther.name}) >= ${FEWEST})
  > on (flow, env) group_left ()
  ${paritySettled.name}
  unless on (flow, env, window)
  (${block(eachWindow((window) => unseenOver(window)))})`,
);

const place = ['flow', 'env', 'partner', 'stage', 'path', 'other', 'window'].map((label) => `${label}={{ $labels.${label} }}`).join(',');
const number = (metric: { readonly name: string }) => shown(`${metric.name}{${place}}`, '', NUMBER, '');

const disagreeing: FlowAlertDefinition = {
  name: 'FlowPathsDisagree',
  judges: 'conservation',
  warning: pathsDisagree.name,
  for: '30m',
  keepFiringFor: '5m',
  summary: `{{ $labels.title }}: {{ $labels.path }} and {{ $labels.other }} differ by {{ $value | humanizePercentage }} at {{ $labels.stage }}{{ with $labels.partner }} for {{ . }}{{ end }} ({{ $labels.env }})`,
  description:
    `Over {{ $labels.window }}, ${number(pathOne)} messages of flow {{ $labels.flow }}{{ with $labels.partner }} with partner {{ . }}{{ end }} passed stage {{ $labels.stage }}` +
    ` by {{ $labels.path }}, and ${number(pathOther)} by {{ $labels.other }}: both should carry the same.${holdsUp}`,
  dashboard: ['env', 'flow', 'partner'],
};

const alerts: readonly FlowAlertDefinition[] = [disagreeing];

export const parity: RuleFamily = {
  name: 'parity',
  about: 'Two paths of a stage that do not carry the same messages.',
  tells: alerts,
  groups: [
    {
      name: 'vigie-parity',
      interval: '1m',
      rules: [
        settledTolerance,
        byPath,
        recording(pathMessagesHour, `300 * sum_over_time(${pathMessages.name}[1h:5m])`),
        carried,
        ...either,
        differing,
        ...flowAlerts('parity', alerts),
      ],
    },
  ],
};
