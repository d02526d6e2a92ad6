// Two paths of a stage carry the same messages: an old way and a new one side by side. CE10.

import { intended, observed, recorded } from '../conventions.js';
import type { Parity } from '../domain/flow.js';
import { asked, whole } from './annotations.js';
import { block, flowAlert, holdsUp } from './flow-alert.js';
import { PLACE, remembered } from './promql.js';
import { recording, type RecordingRule, type RuleFamily } from './rule.js';
import { perSecond } from './traffic.js';

const WINDOWS = ['1h', '1d'] as const satisfies readonly Parity['window'][];
/** Fewer tell nothing of a share. */
const FEWEST = 20;

const { pathMessages, pathMessagesHour, pathMessagesOver, pathsDisagree, blind } = recorded;
const ON = `${PLACE}, path, other, window`;

/** One comparison for each stage. */
const declared = `max by (flow, env, stage, path, other, window) (${remembered(intended.parity)})`;

const byPath: RecordingRule = recording(
  pathMessages,
  `
  ${perSecond(`${observed.messages.name}{path!=""}`, `${PLACE}, path`)}
  and on (flow, env, stage) ${remembered(intended.parity)}`,
);

const both: RecordingRule = recording(
  pathMessagesOver,
  WINDOWS.map((window) => {
    const messages = window === '1h' ? pathMessagesHour.name : `sum_over_time(last_over_time(${pathMessagesHour.name}[10m])[1d:1h])`;
    return `label_replace(round(${messages}), "window", "${window}", "", "")`;
  }).join('\nor\n'),
);

/** The one path of each comparison, and the other: of which nothing was counted is 0. */
const one = `${pathMessagesOver.name} * on (flow, env, stage, path, window) group_left (other) (${declared} >= bool 0)`;
const other = `
  label_replace(${pathMessagesOver.name}, "other", "$1", "path", "(.*)")
  * on (flow, env, stage, other, window) group_left (path) (${declared} >= bool 0)`;

const pairs = `
  max by (${ON}) (${block(one)}) or on (${ON}) 0 * max by (${ON}) (${block(other)})`;
const others = `
  max by (${ON}) (${block(other)}) or on (${ON}) 0 * max by (${ON}) (${block(one)})`;

const differing: RecordingRule = recording(
  pathsDisagree,
  `
  (
    abs((${block(pairs)}) - (${block(others)}))
    / (
      (${block(`(${block(pairs)}) >= (${block(others)})\nor\n${others}`)}) >= ${FEWEST}
    )
  )
  > on (flow, env, stage, path, other, window) group_left () ${declared}
  unless on (flow, env, window) (${block(
    WINDOWS.map((window) => `label_replace(count_over_time(${blind.name}[${window}:1m]) > 5, "window", "${window}", "", "")`).join(
      '\nor\n',
    ),
  )})`,
);

const carried = (label: 'path' | 'other') =>
  asked(
    `${pathMessagesOver.name}{flow={{ $labels.flow }},env={{ $labels.env }},partner={{ $labels.partner }},stage={{ $labels.stage }},path={{ $labels.${label} }},window={{ $labels.window }}}`,
    whole,
    'none',
  );

export const parity: RuleFamily = {
  name: 'parity',
  about: 'Two paths of a stage that do not carry the same messages.',
  groups: [
    {
      name: 'vigie-parity',
      interval: '1m',
      rules: [
        byPath,
        recording(pathMessagesHour, `300 * sum_over_time(${pathMessages.name}[1h:5m])`),
        both,
        differing,
        ...flowAlert({
          name: 'FlowPathsDisagree',
          judges: 'conservation',
          warning: pathsDisagree.name,
          for: '30m',
          keepFiringFor: '5m',
          summary: `{{ $labels.title }}: {{ $labels.path }} and {{ $labels.other }} differ by {{ $value | humanizePercentage }} at {{ $labels.stage }}{{ with $labels.partner }} for {{ . }}{{ end }} ({{ $labels.env }})`,
          description:
            `Over {{ $labels.window }}, ${carried('path')} messages of flow {{ $labels.flow }}{{ with $labels.partner }} with partner {{ . }}{{ end }} passed stage {{ $labels.stage }}` +
            ` by {{ $labels.path }}, and ${carried('other')} by {{ $labels.other }}: both should carry the same.${holdsUp}`,
          dashboard: ['env', 'flow', 'partner'],
        }),
      ],
    },
  ],
};
