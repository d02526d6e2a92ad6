// When messages come, against when they are expected: missed, in jeopardy, silent, early; jobs too long or too short; resets not done.
// GM3, GM11, EN3, CE13, EN9.

import { intended, observed, recorded } from '../conventions.js';
import type { MetricDefinition } from '../domain/observation.js';
import { asked, moment, whole } from './annotations.js';
import {
  asSeen,
  at,
  DASHBOARD,
  each,
  EXPECTATION,
  expectation,
  inEnv,
  known,
  ofFlow,
  ofKind,
  sameExpectation,
  SIGHT,
  soonDue,
} from './expectations.js';
import { firstFailing, flowAlerts, type FlowAlertDefinition, holdsUp, whoseSide } from './flow-alert.js';
import { PLACE, remembered } from './promql.js';
import { recording, type RecordingRule, type RuleFamily } from './rule.js';
import { indent } from './text.js';

const { lastMessage, lastOfFew, timeUnmet, timeFailed, timeFirstFailed, volumeFailed } = recorded;
const seenMessage = `last_over_time(${observed.last_message.name}[${SIGHT}])`;

/** Replicas and paths: the newest. An exporter that starts anew and knows of no message yet does not undo what was known. */
const newest: RecordingRule = recording(
  lastMessage,
  `
  max by (${PLACE}) (${observed.last_message.name} > 0)
  or on (${PLACE}) ${known(lastMessage)}
  or on (${PLACE}) max by (${PLACE}) (${observed.last_message.name} == 0)`,
);

/** Few flows ask for more than that something comes in time: what they ask is looked up among them. */
const ofFew: RecordingRule = recording(
  lastOfFew,
  `${lastMessage.name} and on (flow, env) (\n${[
    intended.expectationEarliest,
    intended.expectationLongest,
    intended.expectationShortest,
    intended.resetStart,
  ]
    .map((metric) => `  ${remembered(metric)}`)
    .join('\n  or\n')}\n)`,
);

const noneSince = (start: string) => `(${start} > on (${PLACE}) group_left () ${lastMessage.name})`;

/** Of two periods that were missed one after the other, the older deadline: it has been late since then at least. */
const missed = `
  min by (${EXPECTATION}) (
    max by (${EXPECTATION}, period) (${remembered(intended.expectationDeadline)}) < time()
    and on (${EXPECTATION}, period)
      ${noneSince(`max by (${EXPECTATION}, period) (${remembered(intended.expectationStart)})`)}
  )`;

const nothingYet = `
  ${soonDue}
  and on (${EXPECTATION}) ${noneSince(each(intended.expectationStart, 'current'))}`;

/** A flow that opens has the whole interval from then on. */
const overInterval = `time() - ${each(intended.expectationInterval)}`;
const silent = `
  ${overInterval} > on (${PLACE}) group_left () ${lastMessage.name}
  and on (${EXPECTATION}) (${overInterval} > on (flow, env) group_left () max by (flow, env) (${remembered(intended.windowLastChange)}))
  and on (flow, env) (max by (flow, env) (${remembered(intended.windowOpen)}) == 1)`;

const JOB = `${EXPECTATION}, since`;
const ofJob = (metric: typeof intended.expectationLongest | typeof intended.expectationShortest) =>
  `max by (${JOB}) (${remembered(metric)})`;
const jobs = (metric: typeof intended.expectationLongest | typeof intended.expectationShortest) =>
  `group by (${JOB}) (${remembered(metric)})`;
/** When each job began last, by the stage at which it begins. */
const began = `label_replace(${lastOfFew.name}, "since", "$1", "stage", "(.*)")`;
const sinceBegin = `on (flow, partner, env, since) group_left ()`;

/** The value is when it began. */
const tooLong = `
  0 * ${jobs(intended.expectationLongest)} + ${sinceBegin} ${began}
  > on (${PLACE}) group_left () ${lastOfFew.name}
  < on (${JOB}) time() - ${ofJob(intended.expectationLongest)}`;

const unmet: RecordingRule = recording(
  timeUnmet,
  [ofKind('FlowMissed', missed), ofKind('FlowInJeopardy', nothingYet), ofKind('FlowSilent', silent), ofKind('FlowTooLong', tooLong)].join(
    '\nor\n',
  ),
);

const newestCame = asked(
  `${lastMessage.name}{flow={{ $labels.flow }},env={{ $labels.env }},partner={{ $labels.partner }},stage={{ $labels.stage }}} > 0`,
  ` The newest one came on ${moment}.`,
  ' None has ever come.',
);

const FlowMissed: FlowAlertDefinition = {
  name: 'FlowMissed',
  judges: 'freshness',
  critical: `time() - ${timeFirstFailed.name}{kind="FlowMissed"}`,
  for: SIGHT,
  keepFiringFor: '2m',
  annotationOnly: ['kind'],
  summary: `{{ $labels.title }}: nothing at ${at}, due {{ humanizeDuration $value }} ago${inEnv}`,
  description:
    `Of ${ofFlow}, something was expected at stage {{ $labels.stage }}` +
    asked(`${timeFailed.name}{${sameExpectation},kind='FlowMissed'}`, ` by ${moment}`) +
    ` (${expectation}), and {{ humanizeDuration $value }} later nothing has come.${newestCame}${whoseSide}${holdsUp}`,
  dashboard: DASHBOARD,
};

const inJeopardy = `
  ${timeFailed.name}{kind="FlowInJeopardy"}
  or on (${EXPECTATION}) ${volumeFailed.name}{kind="FlowInJeopardy"}`;

const FlowInJeopardy: FlowAlertDefinition = {
  name: 'FlowInJeopardy',
  judges: 'freshness',
  warning: `(\n${indent(firstFailing(inJeopardy, `${inJeopardy}\n  or ${timeFailed.name}{kind=~"FlowMissed|FlowSilent"}`))}\n)\n- time()`,
  for: SIGHT,
  // Past its deadline until it counts as missed.
  keepFiringFor: '3m',
  annotationOnly: ['kind'],
  summary: `{{ $labels.title }}: {{ humanizeDuration $value }} left, and not enough at ${at}${inEnv}`,
  description:
    `Of ${ofFlow}, ` +
    asked(`${intended.expectationMin.name}{${sameExpectation}} > 1`, `at least ${whole} messages are`, 'something is') +
    ` expected at stage {{ $labels.stage }} within {{ humanizeDuration $value }} (${expectation}), and ` +
    asked(`${recorded.periodMessages.name}{${sameExpectation},period='current'} > 0`, `${whole} have come yet.`, 'nothing has come yet.') +
    `${newestCame}${whoseSide}${holdsUp}`,
  dashboard: DASHBOARD,
};

const FlowSilent: FlowAlertDefinition = {
  name: 'FlowSilent',
  judges: 'freshness',
  critical: `time() - ${timeFirstFailed.name}{kind="FlowSilent"}`,
  for: SIGHT,
  keepFiringFor: '2m',
  annotationOnly: ['kind'],
  summary: `{{ $labels.title }}: nothing at ${at} for more than {{ humanizeDuration $value }}${inEnv}`,
  description:
    `Of ${ofFlow}, something is expected at stage {{ $labels.stage }} every {{ humanizeDuration $value }} while it is open (${expectation}), and nothing comes.` +
    `${newestCame}${whoseSide}${holdsUp}`,
  dashboard: DASHBOARD,
};

/** Of the current periods of those that say how early something may come. */
const ofEarly = (metric: MetricDefinition) =>
  `max by (${EXPECTATION}) (${remembered(metric, '{period="current"}')} and on (${EXPECTATION}) ${remembered(intended.expectationEarliest)})`;

const FlowEarly: FlowAlertDefinition = {
  name: 'FlowEarly',
  judges: 'freshness',
  warning: `
    (${each(intended.expectationEarliest, 'current')} > on (${PLACE}) group_left () ${lastOfFew.name})
    - on (${PLACE}) group_left () ${lastOfFew.name}
    and on (${EXPECTATION}) (${ofEarly(intended.expectationStart)} <= on (${PLACE}) group_left () ${lastOfFew.name})
    and on (${EXPECTATION}) (${ofEarly(intended.expectationDeadline)} > time())`,
  keepFiringFor: '2m',
  summary: `{{ $labels.title }}: {{ humanizeDuration $value }} too early at ${at}${inEnv}`,
  description:
    `Of ${ofFlow}, a message came to stage {{ $labels.stage }} {{ humanizeDuration $value }} before the time from which it is expected` +
    asked(`${intended.expectationEarliest.name}{${sameExpectation},period='current'}`, ` (${moment})`) +
    `, ${expectation}. It may lack what was to come in until then, so look whether it is complete.${whoseSide}`,
  dashboard: DASHBOARD,
};

const FlowTooLong: FlowAlertDefinition = {
  name: 'FlowTooLong',
  judges: 'freshness',
  critical: `time() - ${timeFailed.name}{kind="FlowTooLong"}`,
  for: SIGHT,
  keepFiringFor: '2m',
  annotationOnly: ['kind', 'since'],
  summary: `{{ $labels.title }}: running for {{ humanizeDuration $value }}, not at ${at} yet${inEnv}`,
  description:
    `Of ${ofFlow}, what was at stage {{ $labels.since }} {{ humanizeDuration $value }} ago has not reached stage {{ $labels.stage }}` +
    asked(`${intended.expectationLongest.name}{${sameExpectation}}`, '; {{ humanizeDuration . }} are allowed') +
    ` (${expectation}). It hangs, or has more to do than usual.${whoseSide}${holdsUp}`,
  dashboard: DASHBOARD,
};

const FlowTooShort: FlowAlertDefinition = {
  name: 'FlowTooShort',
  judges: 'freshness',
  warning: `
    0 * ${jobs(intended.expectationShortest)} + on (${PLACE}) group_left () ${lastOfFew.name}
    - ${sinceBegin} (${began} > 0)
    >= 0
    < on (${JOB}) ${ofJob(intended.expectationShortest)}
    and on (${PLACE}) (${lastOfFew.name} > time() - 3600)`,
  keepFiringFor: '2m',
  annotationOnly: ['since'],
  summary: `{{ $labels.title }}: done after {{ humanizeDuration $value }} at ${at}${inEnv}`,
  description:
    `Of ${ofFlow}, what was at stage {{ $labels.since }} reached stage {{ $labels.stage }} {{ humanizeDuration $value }} later` +
    asked(`${intended.expectationShortest.name}{${sameExpectation}}`, '; it takes {{ humanizeDuration . }} at least') +
    ` (${expectation}). It may have ended before its work was done, so look at what it wrote.${whoseSide}`,
  dashboard: DASHBOARD,
};

const RESET = 'flow, partner, env, maintenance, stage';

const FlowResetNotDone: FlowAlertDefinition = {
  name: 'FlowResetNotDone',
  judges: 'freshness',
  warning: `
    time() - (max by (${RESET}) (${remembered(intended.resetDue)}) < time())
    unless on (${RESET}) (max by (${RESET}) (${remembered(intended.resetStart)}) <= on (${PLACE}) group_left () ${lastOfFew.name})`,
  evenIfHeld: true,
  staged: false,
  keepFiringFor: '5m',
  summary: `{{ $labels.title }}: the planned reset {{ $labels.maintenance }}{{ with $labels.partner }} for {{ . }}{{ end }} is not done, {{ humanizeDuration $value }} late${inEnv}`,
  description:
    `The data of ${ofFlow} were to be reset ({{ $labels.maintenance }}) {{ humanizeDuration $value }} ago` +
    `{{ if $labels.stage }}, and nothing has come to stage {{ $labels.stage }} that shows it{{ else }}, and the YAML does not say that it was done{{ end }}.` +
    ` Do it, or move it in the YAML.`,
  dashboard: DASHBOARD,
};

const alerts: readonly FlowAlertDefinition[] = [
  FlowMissed,
  FlowInJeopardy,
  FlowSilent,
  FlowEarly,
  FlowTooLong,
  FlowTooShort,
  FlowResetNotDone,
];

export const freshness: RuleFamily = {
  name: 'freshness',
  about: 'When messages come, against when they are expected.',
  tells: alerts,
  groups: [
    {
      name: 'vigie-freshness',
      interval: '30s',
      rules: [
        newest,
        ofFew,
        unmet,
        asSeen(timeFailed, timeUnmet, { by: PLACE, expr: seenMessage }),
        recording(timeFirstFailed, firstFailing(`${timeFailed.name}{kind=~"FlowMissed|FlowSilent"}`)),
        ...flowAlerts('freshness', alerts),
      ],
    },
  ],
};
