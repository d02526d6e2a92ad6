// How soon somebody should look at a flow: its criticality, and the messages at stake. NE10.

import { ofTraffic, recorded } from '../conventions.js';
import { recording, type RecordingRule, type RuleFamily } from './rule.js';

const { flow, large, priority } = recorded;
/** It is recorded every quarter of an hour. */
const day = `last_over_time(${ofTraffic('flow_env', '1d').messages.name}[20m])`;

/** A flow becomes large above this multiple of the mean, and stays so until it is below the other: a label that flaps ends alerts. */
const BECOMES = 1.2;
const STAYS = 0.8;

const timesMean = (factor: number) => `on (env) group_left () ${factor} * avg by (env) (${day})`;

/** Against the mean of the flows of its environment; it reads what itself said before. */
const isLarge: RecordingRule = recording(
  large,
  `
  ${day} > ${timesMean(BECOMES)}
  or (${day} > ${timesMean(STAYS)} and on (flow, env) ${large.name})`,
);

const flows = (criticality: string) => `group by (flow, env) (${flow.name}{criticality="${criticality}"})`;
const whileLarge = `on (flow, env) ${large.name}`;

/** Volume lifts a flow by one, from its criticality. */
const PRIORITIES = {
  P1: `${flows('critical')} or ${flows('high')} and ${whileLarge}`,
  P2: `${flows('high')} unless ${whileLarge} or ${flows('medium')} and ${whileLarge}`,
  P3: `${flows('medium')} unless ${whileLarge} or ${flows('low')} and ${whileLarge}`,
  P4: `${flows('low')} unless ${whileLarge}`,
} as const;

const priorities: RecordingRule = recording(
  priority,
  Object.entries(PRIORITIES)
    .map(([name, which]) => `label_replace(${which}, "priority", "${name}", "", "")`)
    .join('\nor\n'),
);

export const priorityFamily: RuleFamily = {
  name: 'priority',
  about: 'How soon somebody should look at each flow.',
  // Rarely enough to be cheap, and often enough that what was said last holds until it is said again.
  groups: [{ name: 'vigie-priority', interval: '1m', rules: [isLarge, priorities] }],
};
