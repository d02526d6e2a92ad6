// Objectives of flows: how fast they use up their error budgets, over several windows, and how much is left of them. GM12.
// https://sre.google/workbook/alerting-on-slos/#6-multiwindow-multi-burn-rate-alerts

import { intended, ofDuration, recorded } from '../conventions.js';
import { OBJECTIVE_DAYS } from '../domain/flow.js';
import type { MetricDefinition } from '../domain/observation.js';
import { flowAlerts, type FlowAlertDefinition, whoseSide } from './flow-alert.js';
import { remembered, where } from './promql.js';
import { recording, type RuleFamily } from './rule.js';

const {
  objectiveAllowed: allowed,
  objectiveMessages: messages,
  objectiveMisses: misses,
  objectiveMessagesHourly: messagesHourly,
  objectiveMissesHourly: missesHourly,
  objectiveBurn: burn,
  objectiveBurnSure: burnSure,
  objectiveBurning: burning,
  objectiveBudget: budget,
} = recorded;

const OBJECTIVE = 'flow, env, stage, objective';
const STAGE = 'flow, env, stage';

/** One bad message of three at night wakes nobody: so many must have missed the objective within the long window, of so many. */
const FEWEST_MISSES = 5;
const FEWEST_MESSAGES = 10;

/** However loose the objective is: where so many miss it, it burns. The burn rate of one of 90 % cannot be more than 10. */
const BURNS_AT = 0.8;

/** The burn rates of the workbook: the long window says that it matters, the short one that it still goes on. */
const BURNS = [
  { severity: 'critical', long: '1h', short: '5m', rate: 14.4 },
  { severity: 'critical', long: '6h', short: '30m', rate: 6 },
  { severity: 'warning', long: '1d', short: '2h', rate: 3 },
  { severity: 'warning', long: '3d', short: '6h', rate: 1 },
] as const;

/** Objectives on the time (le) or on the outcome (no le), as a vector of ones. */
const objectives = (selector: string, by = OBJECTIVE) => `group by (${by}) (${remembered(intended.objectiveRatio, selector)})`;

/** Of all flows it is recorded already how many messages passed a stage, and within which time. */
const { buckets } = ofDuration('5m');
const within = (le: string) => `300 * ${buckets.name}${le}`;
const passed = `300 * ${recorded.stageTotal.name}`;
const failed = `300 * sum by (${STAGE}) (${recorded.failingRate.name}{outcome="error"})`;

const allMessages = `
  max by (${OBJECTIVE}) (
    ${within('{le="+Inf"}')} * on (${STAGE}) group_right () ${objectives('{le!=""}')}
    or ${passed} * on (${STAGE}) group_right () ${objectives('{le=""}')}
  )`;

/** Where no bucket ends at the time of the objective nothing is told. */
const allMisses = `
  clamp_min(
    ${messages.name} - on (${OBJECTIVE}) max by (${OBJECTIVE}) (
      ${within('')} * on (${STAGE}, le) group_right () ${objectives('', `${OBJECTIVE}, le`)}
    ),
    0
  )
  or on (${OBJECTIVE}) max by (${OBJECTIVE}) (
    (${failed} or 0 * ${passed}) * on (${STAGE}) group_right () ${objectives('{le=""}')}
  )`;

/** Adds up windows that lie side by side, whatever the number of samples in them; a window that is missing counts as 0. */
function total({ name }: MetricDefinition, window: string, step: '5m' | '1h'): string {
  return `sum_over_time(last_over_time(${name}[${step}])[${window}:${step}])`;
}

/** Days are added up from hours. */
function totals(window: string): { missed: string; of: string } {
  return window.endsWith('d')
    ? { missed: total(missesHourly, window, '1h'), of: total(messagesHourly, window, '1h') }
    : { missed: total(misses, window, '5m'), of: total(messages, window, '5m') };
}

function labelled(window: string, share: string): string {
  return `label_replace(${share} / ${allowed.name}, "window", "${window}", "", "")`;
}

function shortBurn(window: string): string {
  if (window === '5m') return labelled(window, `${misses.name} / (${messages.name} > 0)`);
  const { missed, of } = totals(window);
  return labelled(window, `${missed} / (${of} > 0)`);
}

function longBurn(window: string): string {
  const { missed, of } = totals(window);
  return labelled(window, `(${missed} >= ${FEWEST_MISSES}) / (${of} >= ${FEWEST_MESSAGES})`);
}

function burns({ severity, long, short, rate }: (typeof BURNS)[number]): string {
  const tooFast = (metric: MetricDefinition, window: string) =>
    `${metric.name}{window="${window}"} > on (${OBJECTIVE}) group_left () clamp_max(${BURNS_AT} / ${allowed.name}, ${rate})`;
  return [
    `label_replace(`,
    `  ${tooFast(burnSure, long)}`,
    `  and on (${OBJECTIVE}) ${tooFast(burn, short)},`,
    `  "severity", "${severity}", "", ""`,
    `)`,
  ].join('\n');
}

const left = (days: number) => {
  const sum = ({ name }: MetricDefinition) => `sum_over_time(${name}[${days}d])`;
  const own = objectives(`{window="${days}d"}`, `${OBJECTIVE}, window`);
  return [`(1 - ${sum(missesHourly)} / (${sum(messagesHourly)} > 0) / ${allowed.name})`, `* on (${OBJECTIVE}) group_right () ${own}`].join(
    '\n',
  );
};

const asked = (metric: MetricDefinition, by = '') =>
  `{{ with printf "max${by} (${metric.name}{flow=%q,env=%q,stage=%q,objective=%q})" $labels.flow $labels.env $labels.stage $labels.objective | query }}{{ with first . }}`;

const burningFast: FlowAlertDefinition = {
  name: 'FlowObjectiveBurning',
  judges: 'objectives',
  critical: `max by (${OBJECTIVE}) (${burning.name}{severity="critical"})`,
  warning: `max by (${OBJECTIVE}) (${burning.name}{severity="warning"})`,
  for: '3m',
  keepFiringFor: '10m',
  summary: `{{ $labels.title }}: objective "{{ $labels.objective }}" uses up its error budget {{ printf "%.1f" $value }} times too fast${where}`,
  description:
    `At stage {{ $labels.stage }} of flow {{ $labels.flow }} too many messages miss the objective "{{ $labels.objective }}"` +
    `${asked(intended.objectiveRatio, ' by (le, window)')}: over {{ .Labels.window }}, {{ humanizePercentage .Value }} of them are to` +
    ` {{ with .Labels.le }}pass it within {{ humanizeDuration . }}{{ else }}end without an error{{ end }}{{ end }}{{ end }}.` +
    ` They do so {{ printf "%.1f" $value }} times as often as the objective allows.` +
    `${asked(budget)}{{ if gt .Value 0.0 }} {{ humanizePercentage .Value }} of its error budget is left.{{ else }} Its error budget is used up.{{ end }}{{ end }}{{ end }}` +
    whoseSide,
  dashboard: ['env', 'flow'],
};

const alerts: readonly FlowAlertDefinition[] = [burningFast];

export const objectiveFamily: RuleFamily = {
  name: 'objectives',
  about: 'Objectives of flows, and the speed at which they use up their error budgets.',
  tells: alerts,
  groups: [
    {
      name: 'vigie-objectives',
      interval: '1m',
      rules: [
        recording(allowed, `1 - max by (${OBJECTIVE}) (${remembered(intended.objectiveRatio)})`),
        recording(messages, allMessages),
        recording(misses, allMisses),
        recording(burn, BURNS.map(({ short }) => shortBurn(short)).join('\nor\n')),
        recording(burnSure, BURNS.map(({ long }) => longBurn(long)).join('\nor\n')),
        recording(burning, BURNS.map(burns).join('\nor\n')),
        ...flowAlerts('objectives', alerts),
      ],
    },
    {
      // What is added up over days is written seldom, and reads only what was written seldom.
      name: 'vigie-objectives-hourly',
      interval: '1h',
      rules: [recording(messagesHourly, total(messages, '1h', '5m')), recording(missesHourly, total(misses, '1h', '5m'))],
    },
    {
      name: 'vigie-objectives-budget',
      interval: '2m',
      rules: [recording(budget, OBJECTIVE_DAYS.map(left).join('\nor\n'))],
    },
  ],
};
