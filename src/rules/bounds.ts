// Signals and indicators beyond the bounds of their flows. GM3, NE6, CE13.
//
// All bounds of all flows are compared once, in steps of which each reads the few that the one before left: what is out of bounds, what of
// it is heard (planned work, closing hours), and what is told. Alerts read only that, and cost nothing while all is well.
// No stage hides another here: what waits, takes long or fails at a stage is measured there, and does not follow from the stage before.

import { boundValue, intended, observed, recorded, responses } from '../conventions.js';
import { BOUND_WINDOWS, type Bound, type BoundSignal } from '../domain/flow.js';
import type { Judged } from '../domain/maintenance.js';
import { boundAlerts, boundTells, growing } from './bound-alerts.js';
import { COUNTERS, gaugesOfPlaces, indicatorValues, timesOfMinute, timesOfPlaces, valuesOver, waiting } from './bound-values.js';
import { block, flowAlerts, relaxation, unlessSilent, withOwner } from './flow-alert.js';
import { PLACE, remembered } from './promql.js';
import { recording, type RecordingRule, type RuleFamily } from './rule.js';

/** What is not reported for a moment (a restart, a failed scrape or two) is taken to be what it was. */
const BRIDGE = '2m';

const { bound, suspect, outOfBounds, boundHeard, boundTold } = recorded;
const OF_BOUND = 'flow, env, stage, indicator';
const IDENTITY = `${PLACE}, indicator, statistic, side, window`;
const SEVERITIES = ['critical', 'warning'] as const satisfies readonly Bound['severity'][];
const SIDES = ['above', 'below'] as const satisfies readonly Bound['side'][];
const SIGN = { above: '>', below: '<' } as const;

const ofBacklogAge = `${bound.name}{indicator="backlog_age"}`;

const backlogs: readonly RecordingRule[] = [
  recording(
    recorded.backlogAge,
    `
    time() - (${recorded.backlogOldest.name} and on (flow, env, stage) ${ofBacklogAge})
    or on (${PLACE}) max by (${PLACE}) (${observed.backlog_oldest.name} == 0 and on (flow, env, stage) ${ofBacklogAge})`,
  ),
  recording(
    recorded.unanswered,
    `
    sum by (${PLACE}) (max by (${PLACE}, path) (${responses.pending.name}))
    and on (flow, env, stage) ${bound.name}{indicator="unanswered"}`,
  ),
];

/** A first look at all that there is: only what is beyond the loosest of its bounds is compared with each of them. */
function suspects(value: string, on: string, selector: string): string {
  const loosest = { above: 'min', below: 'max' } as const;
  return SIDES.map(
    (side) =>
      `${value} ${SIGN[side]} on (${on}) group_left () ${loosest[side]} by (${on}) (${bound.name}{statistic="held"${selector}, side="${side}"})`,
  ).join('\nor\n');
}

const suspected: RecordingRule = recording(
  suspect,
  [
    ...Object.entries(waiting).map(([indicator, { name }]) => {
      const found = suspects(`last_over_time(${name}[${BRIDGE}])`, 'flow, env, stage', `, indicator="${indicator}"`);
      return `label_replace(${block(found)}, "indicator", "${indicator}", "", "")`;
    }),
    suspects(indicatorValues, OF_BOUND, ''),
  ].join('\nor\n'),
);

type Compared = Pick<Bound, 'severity' | 'side' | 'window'>;

function beyond(value: string, on: string, { severity, side, window }: Compared, statistic?: 'held'): string {
  const [selector, label] = statistic === undefined ? ['', ''] : [`statistic="${statistic}", `, 'statistic, '];
  const bounds = `${bound.name}{${selector}severity="${severity}", side="${side}", window="${window}"}`;
  return `${value} ${SIGN[side]} on (${on}) group_left (${label}severity, side, window) ${bounds}`;
}

/** Of few messages it is known only where they were seen all the time; and where the flow was open all the time, unless it is a day. */
function fewMessages(below: string, window: string): string {
  const within = (set: string) =>
    `unless on (flow, env, indicator) label_replace(last_over_time(${set}[${window}]), "indicator", "messages", "", "")`;
  const seen = `(${block(below)})\n${within(recorded.blind.name)}`;
  if (window === '1d') return seen;
  return `${seen}\n${within(recorded.closed.name)}\nor\n(${block(seen)})\nand ${always('messages')}`;
}

/** Bounds that are judged around the clock. */
function always(indicator = ''): string {
  const labels = [...(indicator === '' ? [] : [`indicator="${indicator}"`]), 'hours="always"'];
  return `on (${OF_BOUND}, statistic, window) ${remembered(intended.bound, `{${labels.join(', ')}}`)}`;
}

/** Those of a day are recorded as rarely as a query looks back. */
function valuesNow(window: (typeof BOUND_WINDOWS)[number]): string {
  return window === '1d' ? `last_over_time(${boundValue('1d').name}[10m])` : boundValue(window).name;
}

const out: RecordingRule = recording(
  outOfBounds,
  BOUND_WINDOWS.flatMap((window) =>
    SEVERITIES.flatMap((severity) =>
      SIDES.flatMap((side) => {
        const which = { severity, side, window };
        const computed = (value: string, over: string) => {
          const found = beyond(value, `${OF_BOUND}, statistic`, which);
          return side === 'below' ? fewMessages(found, over) : found;
        };
        return [
          beyond(suspect.name, OF_BOUND, which, 'held'),
          computed(valuesNow(window), window),
          // What is counted is never judged over less than 5m.
          ...(window === '1m' ? [computed(`${boundValue('5m').name}{indicator=~"${COUNTERS}"}`, '5m')] : []),
        ];
      }),
    ),
  ).join('\nor\n'),
);

/** What of a flow bounds judge that is not simply its bounds: planned work mutes and relaxes by it. */
const ELSE_JUDGED: readonly { readonly judges: Judged; readonly signals: readonly BoundSignal[] }[] = [
  { judges: 'volume', signals: ['messages'] },
  { judges: 'acknowledgements', signals: ['unanswered', 'answer_time'] },
];

/** Selectors of signals with the conditions that hold for them; one for all where they are the same. */
function byJudgement(conditionsOf: (judges: Judged) => readonly string[]): { indicator: string; conditions: readonly string[] }[] {
  const conditions = conditionsOf('bounds');
  const differing = ELSE_JUDGED.filter(({ judges }) => conditionsOf(judges).join() !== conditions.join());
  const others = differing.flatMap(({ signals }) => signals).join('|');
  return [
    { indicator: others === '' ? '' : `indicator!~"${others}"`, conditions },
    ...differing.map(({ judges, signals }) => ({ indicator: `indicator=~"${signals.join('|')}"`, conditions: conditionsOf(judges) })),
  ];
}

const audible = byJudgement((judges) => unlessSilent(judges))
  .map(({ indicator, conditions }) => [`${outOfBounds.name}${indicator === '' ? '' : `{${indicator}}`}`, ...conditions].join('\n'))
  .join('\nor\n');

const heard: RecordingRule = recording(
  boundHeard,
  [`(${block(audible)})`, `unless on (flow, env) ${recorded.closed.name}`, 'or', `(${block(audible)})`, `and ${always()}`].join('\n'),
);

const heardOf = (severity: Bound['severity'], indicator: string) =>
  `${boundHeard.name}{severity="${severity}"${indicator === '' ? '' : `, ${indicator}`}}`;
const unrelaxed = (severity: Bound['severity']) =>
  byJudgement((judges) => relaxation(judges).without).map(({ indicator, conditions }) =>
    [heardOf(severity, indicator), ...conditions].join('\n'),
  );

/** EN1, EN13: what is critical is a warning outside production and in a load test, where a warning is not told. Of one thing, one warning. */
const asCritical = `(${block(unrelaxed('critical').join('\nor\n'))})\nunless on (env) ${recorded.notProduction.name}`;
const asWarning = [
  ...unrelaxed('warning'),
  `${heardOf('critical', '')} and on (env) ${recorded.notProduction.name}`,
  ...byJudgement((judges) => relaxation(judges).onlyIn).flatMap(({ indicator, conditions }) =>
    conditions.map((condition) => `${heardOf('critical', indicator)}\n${condition}`),
  ),
].join(`\nor on (${IDENTITY})\n`);

/** What is of the flow as a whole is looked for on our side. */
const sides = `on (flow, env, stage) group_left (origin) (
  ${recorded.stagePosition.name} > bool 0
  or label_replace(${recorded.flow.name}, "origin", "internal", "", "")
)`;

const told: RecordingRule = recording(
  boundTold,
  `(${block(
    `label_replace(${block(asCritical)}, "told", "critical", "", "")\nor\nlabel_replace(${block(asWarning)}, "told", "warning", "", "")`,
  )})\n${withOwner}\n* ${sides}`,
);

/**
 * More wait than half an hour ago, when some waited already, and nothing has passed since; and the flow has been open since then. A place
 * of which no messages are counted has none that pass: there it is enough that more and more wait.
 */
const stuck: RecordingRule = recording(
  recorded.backlogStuck,
  `
  last_over_time(${recorded.backlog.name}[${BRIDGE}]) > (last_over_time(${recorded.backlog.name}[${BRIDGE}] offset 30m) > 0)
  unless on (${PLACE}) (${recorded.leaving.name} > 0)
  unless on (${PLACE}) (resets(${recorded.backlog.name}[30m]) > 0)
  unless on (flow, env) last_over_time(${recorded.closed.name}[30m])`,
);

export const bounds: RuleFamily = {
  name: 'bounds',
  about: 'Signals and indicators beyond the bounds of their flows, and messages that are stuck.',
  tells: [...boundTells, growing],
  groups: [
    {
      name: 'vigie-bound-values',
      interval: '1m',
      rules: [...timesOfPlaces, ...(['15m', '30m', '1h'] as const).map(valuesOver)],
    },
    { name: 'vigie-bound-values-day', interval: '5m', rules: [valuesOver('1d')] },
    {
      name: 'vigie-bounds',
      interval: '30s',
      rules: [
        ...backlogs,
        ...gaugesOfPlaces,
        ...timesOfMinute,
        valuesOver('1m'),
        valuesOver('5m'),
        suspected,
        out,
        heard,
        told,
        ...boundAlerts,
      ],
    },
    { name: 'vigie-stuck', interval: '1m', rules: [stuck, ...flowAlerts([growing])] },
  ],
};
