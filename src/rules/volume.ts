// How many messages come within the periods of expectations: too few, too many. GM3.

import { intended, measured, recorded } from '../conventions.js';
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
import { firstFailing, flowAlerts, type FlowAlertDefinition, holdsUp, unlessMuted, whoseSide } from './flow-alert.js';
import { recording, type RecordingRule, type RuleFamily } from './rule.js';
import { block } from './text.js';

const { periodMessages, timeUnmet, volumeUnmet, volumeFailed, volumeFirstFailed } = recorded;
const COUNTED = `${EXPECTATION}, period`;
const seenCount = `last_over_time(${measured.periodMessages.name}[${SIGHT}])`;

/**
 * Where a period begins as the one before ends, the count of what has ended is that of the one before as soon as it can be judged: it is
 * judged for so many seconds, and so for periods between which there is less time than that.
 */
const AFTERWARDS = 900;

/** What was known before a period began is of another one. So long, since the catalogue may be away for a moment. */
const justBegun = `(${each(intended.expectationStart, 'current')} > time() - 300)`;

/** Replicas count the same messages (max); paths carry different ones (sum). */
const counts: RecordingRule = recording(
  periodMessages,
  `
  sum by (${COUNTED}) (max by (${COUNTED}, path) (${seenCount}))
  or on (${COUNTED}) (${known(periodMessages)} unless on (${EXPECTATION}) ${justBegun})`,
);

/** Compared with what has no period, it has none either. */
const count = (period: 'current' | 'previous') => `${periodMessages.name}{period="${period}"}`;
const fewerThanMin = `< on (${EXPECTATION}) ${each(intended.expectationMin)}`;
const moreThanMax = `> on (${EXPECTATION}) ${each(intended.expectationMax)}`;

const start = each(intended.expectationStart, 'current');
const justEnded = [
  `and on (${EXPECTATION}) (${start} > time() - ${AFTERWARDS})`,
  `and on (${EXPECTATION}) (${start} - ${AFTERWARDS} < on (${EXPECTATION}) ${each(intended.expectationDeadline, 'previous')})`,
].join('\n');

const few = (period: 'current' | 'previous') => `${count(period)} ${fewerThanMin}`;
const many = (period: 'current' | 'previous') => `${count(period)} ${moreThanMax}`;

/** Too many are so at once, too few are not before the deadline. */
const now = [
  ofKind('FlowTooFew', `${few('current')}\nand on (${EXPECTATION}) (${each(intended.expectationDeadline, 'current')} < time())`),
  ofKind('FlowTooMany', many('current')),
];
const before = `(${block(`${ofKind('FlowTooFew', few('previous'))}\nor\n${ofKind('FlowTooMany', many('previous'))}`)})\n${justEnded}`;

/** Nothing at all is told of as missed. */
const outside = `(${block([...now, before].join('\nor\n'))})\nunless on (${EXPECTATION}, kind) ${ofKind('FlowTooFew', `${timeUnmet.name}{kind="FlowMissed"}`)}`;

/** FlowInJeopardy judges when things come, and goes on in planned work that mutes what judges how many. */
const fewYet = [soonDue, `and on (${EXPECTATION}) (${few('current')})`, ...unlessMuted('volume')].join('\n');

const unmet: RecordingRule = recording(volumeUnmet, `${outside}\nor\n${ofKind('FlowInJeopardy', fewYet)}`);

const FlowTooFew: FlowAlertDefinition = {
  name: 'FlowTooFew',
  judges: 'volume',
  critical: volumeFirstFailed.name,
  for: SIGHT,
  keepFiringFor: '2m',
  annotationOnly: ['kind'],
  summary: `{{ $labels.title }}: only {{ printf "%.0f" $value }} messages at ${at}${inEnv}`,
  description:
    `Of ${ofFlow}, {{ printf "%.0f" $value }} messages came to stage {{ $labels.stage }} within the period` +
    asked(`${intended.expectationMin.name}{${sameExpectation}}`, `; at least ${whole} are expected`) +
    ` (${expectation}).${whoseSide}${holdsUp}`,
  dashboard: DASHBOARD,
};

const FlowTooMany: FlowAlertDefinition = {
  name: 'FlowTooMany',
  judges: 'volume',
  warning: `${volumeFailed.name}{kind="FlowTooMany"}`,
  for: SIGHT,
  keepFiringFor: '2m',
  annotationOnly: ['kind'],
  summary: `{{ $labels.title }}: {{ printf "%.0f" $value }} messages at ${at}, more than expected${inEnv}`,
  description:
    `Of ${ofFlow}, {{ printf "%.0f" $value }} messages came to stage {{ $labels.stage }} within the period` +
    asked(`${intended.expectationStart.name}{${sameExpectation},period='current'}`, ` that began on ${moment}`) +
    asked(`${intended.expectationMax.name}{${sameExpectation}}`, `; at most ${whole} are expected`) +
    ` (${expectation}). Perhaps some were sent twice.${whoseSide}`,
  dashboard: DASHBOARD,
};

const alerts: readonly FlowAlertDefinition[] = [FlowTooFew, FlowTooMany];

export const volume: RuleFamily = {
  name: 'volume',
  about: 'How many messages come within the periods of expectations.',
  tells: alerts,
  groups: [
    {
      name: 'vigie-volume',
      interval: '30s',
      rules: [
        counts,
        unmet,
        asSeen(volumeFailed, volumeUnmet, { by: EXPECTATION, expr: seenCount }),
        recording(volumeFirstFailed, firstFailing(`${volumeFailed.name}{kind="FlowTooFew"}`)),
        ...flowAlerts('volume', alerts),
      ],
    },
  ],
};
