// Messages of the last hour against what is usual at this hour of the week. A flow that falls to zero is seen. NE9.

import { intended, recorded } from '../conventions.js';
import { kindsThat } from '../domain/maintenance.js';
import type { MetricDefinition } from '../domain/observation.js';
import { asked, whole } from './annotations.js';
import { firstFailing, flowAlerts, type FlowAlertDefinition, holdsUp, whoseSide } from './flow-alert.js';
import { PLACE, remembered, where } from './promql.js';
import { recording, type RecordingRule, type RuleFamily } from './rule.js';

const HOURS_OF_WEEK = 168;
/** As far back as Prometheus keeps data; by default these are two weeks. */
const WEEKS = [1, 2, 3, 4] as const;
/** Of one week alone it is not known what is usual in it. */
const FEWEST_WEEKS = 2;
/** Of fewer messages an hour a share tells nothing. */
const FEWEST = 20;

/** After a change of the clock what is usual comes an hour earlier or later, counted in UTC. */
const SHIFTS = { earlier: 1, same: 0, later: -1 } as const;

const { watchedRate, messagesHour, interrupted, comparableHour, usualHour, unusual } = recorded;

const anomaly = (side: string) => `max by (flow, env, stage) (${remembered(intended.anomaly, side)})`;

/** An hour in which the flow was closed, or nobody saw it, or planned work changed what passes, is like no other. */
const notLikeOthers: RecordingRule = recording(
  interrupted,
  `
  group by (flow, partner, env) (
    last_over_time(${recorded.closed.name}[1h])
    or last_over_time(${recorded.blind.name}[1h])
    or last_over_time(${recorded.maintained.name}{kind=~"${kindsThat('mutes', 'anomaly').join('|')}"}[1h])
  )`,
);

/** Only of what is watched, so that the hour of all else need not be added up. */
const watched: RecordingRule = recording(watchedRate, `${recorded.stageRate.name} and on (flow, env, stage) ${anomaly('')}`);
const lastHour: RecordingRule = recording(messagesHour, `300 * sum_over_time(${watchedRate.name}[1h:5m])`);

const unlessInterrupted = `
  unless on (flow, partner, env) ${interrupted.name}
  unless on (flow, env) ${interrupted.name}{partner=""}`;

const comparable: RecordingRule = recording(
  comparableHour,
  `
  ${messagesHour.name}${unlessInterrupted}`,
);

/** The same hour of each past week, `shift` hours earlier. */
const pastWeeks = (shift: number) =>
  WEEKS.map((week) => `label_replace(${comparableHour.name} offset ${week * HOURS_OF_WEEK + shift}h, "week", "${week}", "", "")`).join(
    ' or ',
  );

const usual: RecordingRule = recording(
  usualHour,
  `(\n${Object.entries(SHIFTS)
    .map(([name, shift]) => `label_replace(quantile by (${PLACE}) (0.5, ${pastWeeks(shift)}), "shift", "${name}", "", "")`)
    .join('\nor\n')}\n)\nand on (${PLACE}) (count by (${PLACE}) (${pastWeeks(SHIFTS.same)}) >= ${FEWEST_WEEKS})`,
);

/** Nothing at all is no series, where an exporter knows of no zero. */
const orNothing = `(${messagesHour.name} or on (${PLACE}) 0 * min by (${PLACE}) (${usualHour.name}))`;

const beyond = (side: 'below' | 'above', limit: string) => `
  label_replace(
    ${side === 'below' ? `${orNothing} <` : `${messagesHour.name} >`} on (${PLACE}) (
      ${limit} * on (flow, env, stage) group_left () ${anomaly(`{side="${side}"}`)}
    ),
    "side", "${side}", "", ""
  )`;

const byPlace = (aggregation: 'min' | 'max', { name }: MetricDefinition) => `${aggregation} by (${PLACE}) (${name})`;

/** What was seen to be unusual is so while nobody sees the flow. */
const unusualNow: RecordingRule = recording(
  unusual,
  `
  (${beyond('below', `(${byPlace('min', usualHour)} >= ${FEWEST})`)}
  or${beyond('above', `clamp_min(${byPlace('max', usualHour)}, ${FEWEST})`)}
  )${unlessInterrupted}
  or (${unusual.name} and on (flow, env) ${recorded.blind.name})`,
);

const flowUnusual: FlowAlertDefinition = {
  name: 'FlowUnusual',
  judges: 'anomaly',
  warning: firstFailing(unusual.name),
  for: '5m',
  keepFiringFor: '10m',
  summary: `{{ $labels.title }}: {{ if eq $labels.side "below" }}far fewer{{ else }}many more{{ end }} messages than usual{{ with $labels.partner }} with {{ . }}{{ end }} at {{ $labels.stage }}${where}`,
  description:
    `{{ printf "%.0f" $value }} messages of flow {{ $labels.flow }}{{ with $labels.partner }} with partner {{ . }}{{ end }} passed stage {{ $labels.stage }} in the last hour` +
    asked(
      `${usualHour.name}{flow={{ $labels.flow }},env={{ $labels.env }},partner={{ $labels.partner }},stage={{ $labels.stage }},shift='same'}`,
      `; ${whole} are usual at this hour of the week`,
    ) +
    `.{{ if eq $labels.side "below" }} Either there is less to send today, or something on the way stands still.` +
    `{{ else }} Something is sent again and again, a backlog is being sent, or there is more than usual.{{ end }}${whoseSide}${holdsUp}`,
  dashboard: ['env', 'flow', 'partner'],
};

const alerts: readonly FlowAlertDefinition[] = [flowUnusual];

export const anomalyFamily: RuleFamily = {
  name: 'anomaly',
  about: 'Messages of the last hour against what is usual at this hour of the week.',
  tells: alerts,
  groups: [
    {
      name: 'vigie-anomaly',
      // What has been recorded can be looked back at for 5 minutes, and one evaluation may fail.
      interval: '2m',
      rules: [watched, lastHour, notLikeOthers, comparable, usual, unusualNow, ...flowAlerts('anomaly', alerts)],
    },
  ],
};
