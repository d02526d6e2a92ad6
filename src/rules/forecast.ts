// Values that grow towards a bound, and will cross it soon if they go on so. NE9.

import { intended, recorded } from '../conventions.js';
import type { Bound } from '../domain/flow.js';
import { asked } from './annotations.js';
import { indicatorValues, waiting } from './bound-values.js';
import { flowAlerts, type FlowAlertDefinition, holdsUp, whoseSide } from './flow-alert.js';
import { PLACE, remembered, where } from './promql.js';
import { recording, type RecordingRule, type RuleFamily } from './rule.js';

const VALUE = `${PLACE}, indicator`;
const OF_FLOW = 'flow, env, stage, indicator';
/** The trend is that of the last hour, and it still goes on. */
const TREND = '1h';
const STILL = '15m';
/** Of the samples of the hour, one a minute. */
const FEWEST_SAMPLES = 30;

const { foreseen, boundForeseen, trend, boundAhead } = recorded;
const forecast = (selector: string) => remembered(intended.boundForecast, selector);

/** Only of what is to be told ahead, so that the trends of all else need not be computed. */
const values: RecordingRule = recording(
  foreseen,
  [
    ...Object.entries(waiting).map(
      ([indicator, { name }]) =>
        `label_replace(${name} and on (flow, env, stage) ${forecast(`{indicator="${indicator}"}`)}, "indicator", "${indicator}", "", "")`,
    ),
    `${indicatorValues} and on (${OF_FLOW}) ${forecast('')}`,
  ].join('\nor\n'),
);

/** Of several bounds of the same severity and side, the one that is reached first. */
const bounds: RecordingRule = recording(
  boundForeseen,
  (
    [
      ['min', 'above'],
      ['max', 'below'],
    ] as const
  )
    .map(
      ([nearest, side]) =>
        `${nearest} by (${OF_FLOW}, severity, side) (${remembered(intended.bound, `{side="${side}"}`)} and on (${OF_FLOW}, severity, side) ${forecast('')})`,
    )
    .join('\nor\n'),
);

function within(severity: Bound['severity'], side: Bound['side']): string {
  const selector = `{severity="${severity}", side="${side}"}`;
  const above = side === 'above';
  const bound = `${boundForeseen.name}${selector}`;
  const left = above
    ? `(-1 * ${foreseen.name} + on (${OF_FLOW}) group_left (severity, side) ${bound} >= 0)`
    : `(${foreseen.name} - on (${OF_FLOW}) group_left (severity, side) ${bound} >= 0)`;
  const speed = above ? trend.name : `-1 * ${trend.name}`;
  return [
    left,
    `/ on (${VALUE}) group_left () (${speed})`,
    // Neither where it moves away from the bound.
    `>= 0 < on (${OF_FLOW}) group_left () max by (${OF_FLOW}) (${forecast(selector)})`,
    `and on (${VALUE}) deriv(${foreseen.name}[${STILL}]) ${above ? '>' : '<'} 0`,
  ].join('\n');
}

const ahead: RecordingRule = recording(
  boundAhead,
  `(\n${[within('critical', 'above'), within('critical', 'below'), within('warning', 'above'), within('warning', 'below')].join('\nor\n')}\n)\n` +
    `and on (${VALUE}) count_over_time(${foreseen.name}[${TREND}]) >= ${FEWEST_SAMPLES}`,
);

const ofAlert =
  'flow={{ $labels.flow }},env={{ $labels.env }},partner={{ $labels.partner }},stage={{ $labels.stage }},indicator={{ $labels.indicator }}';
const ofBound =
  'flow={{ $labels.flow }},env={{ $labels.env }},stage={{ $labels.stage }},indicator={{ $labels.indicator }},side={{ $labels.side }}';

/** What of the flow, in words. */
const what = [
  `{{ if eq $labels.indicator "backlog" }}messages waiting`,
  `{{ else if eq $labels.indicator "backlog_age" }}age of the oldest message waiting, in seconds`,
  `{{ else if eq $labels.indicator "unanswered" }}messages without an answer`,
  `{{ else }}indicator "{{ $labels.indicator }}"{{ end }}`,
].join('');

const at = `{{ with $labels.stage }} at stage {{ . }}{{ end }}{{ with $labels.partner }} with partner {{ . }}{{ end }}`;

const boundsAhead = [true, false].map((staged): FlowAlertDefinition => ({
  name: 'FlowBoundAhead',
  judges: 'forecast',
  warning: `min by (${VALUE}, side) (${boundAhead.name}{stage${staged ? '!=' : '='}""})`,
  staged,
  only: `stage${staged ? '!=' : '='}""`,
  hours: 'open',
  for: '5m',
  keepFiringFor: '10m',
  summary: `{{ $labels.title }}: ${what}: will be {{ if eq $labels.side "above" }}above{{ else }}below{{ end }} the bound in {{ humanizeDuration $value }}${where}`,
  description:
    `In flow {{ $labels.flow }}${at}: ${what}. It is${asked(`${foreseen.name}{${ofAlert}}`, ' {{ . | printf "%.4g" }}')} now` +
    asked(
      `sort(${intended.bound.name}{${ofBound}})`,
      ', the nearest bound {{ if eq $labels.side "above" }}above{{ else }}below{{ end }} is {{ . | printf "%.4g" }}',
    ) +
    `, and if it goes on as in the last hour it will be beyond it in {{ humanizeDuration $value }}. There is time to do something about it.${whoseSide}${holdsUp}`,
  dashboard: ['env', 'flow', 'partner'],
}));

export const forecastFamily: RuleFamily = {
  name: 'forecast',
  about: 'Values that grow towards a bound.',
  tells: boundsAhead,
  groups: [
    {
      name: 'vigie-forecast',
      interval: '1m',
      rules: [values, bounds, recording(trend, `deriv(${foreseen.name}[${TREND}])`), ahead, ...flowAlerts('forecast', boundsAhead)],
    },
  ],
};
