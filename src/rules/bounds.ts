// Signals and indicators beyond the bounds of their flows. GM3, NE6, CE13.
//
// All bounds of all flows are compared once, in steps of which each reads the few that the one before left: what is out of bounds, what of
// it is heard (planned work, closing hours), and what is told. Alerts read only that, and cost nothing while all is well.
// No stage hides another here: what waits, takes long or fails at a stage is measured there, and does not follow from the stage before.

import { boundValue, intended, observed, recorded, responses } from '../conventions.js';
import { BOUND_SIGNALS, BOUND_WINDOWS, type Bound, type BoundSignal } from '../domain/flow.js';
import type { Judged } from '../domain/maintenance.js';
import { boundAlerts, boundTells, growing } from './bound-alerts.js';
import { COUNTERS, gaugesOfPlaces, indicatorValues, timesOfMinute, timesOfPlaces, valuesOver, waiting } from './bound-values.js';
import { flowAlerts, relaxation, unlessHeld, unlessMuted, withOwner } from './flow-alert.js';
import { block } from './text.js';
import { OF_BOUND, PLACE, remembered, withLabel } from './promql.js';
import { recording, type RecordingRule, type RuleFamily } from './rule.js';

/** What is not reported for a moment (a restart, a failed scrape or two) is taken to be what it was. */
const BRIDGE = '2m';

const { bound, crossed, suspect, beyondBounds, outOfBounds, boundHeard, boundTold } = recorded;
const IDENTITY = `${PLACE}, indicator, statistic, side, window`;
const SEVERITIES = ['critical', 'warning'] as const satisfies readonly Bound['severity'][];
const SIDES = ['above', 'below'] as const satisfies readonly Bound['side'][];
const SIGN = { above: '>', below: '<' } as const;

const boundsOn = (indicator: BoundSignal) => remembered(intended.bound, `{indicator="${indicator}"}`);
const ofBacklogAge = `and on (flow, env, stage) ${boundsOn('backlog_age')}`;

const backlogs: readonly RecordingRule[] = [
  recording(
    recorded.backlogAge,
    `
    time() - min by (${PLACE}) (${observed.backlog_oldest.name} > 0 ${ofBacklogAge})
    or on (${PLACE}) max by (${PLACE}) (${observed.backlog_oldest.name} ${ofBacklogAge})`,
  ),
  recording(
    recorded.unanswered,
    `
    sum by (${PLACE}) (max by (${PLACE}, path) (${responses.pending.name}))
    and on (flow, env, stage) ${boundsOn('unanswered')}`,
  ),
];

/** What bounds must be crossed by without a break: as it is now, by what it is told from others, and the bounds on it. */
const HELD: readonly {
  readonly value: string;
  readonly on: string;
  readonly indicator: string;
  readonly labelled: (found: string) => string;
}[] = [
  ...Object.entries(waiting).map(([signal, { name }]) => ({
    value: `last_over_time(${name}[${BRIDGE}])`,
    on: 'flow, env, stage',
    indicator: `indicator="${signal}"`,
    labelled: (found: string) => withLabel('indicator', signal, found),
  })),
  { value: indicatorValues, on: OF_BOUND, indicator: `indicator!~"${BOUND_SIGNALS.join('|')}"`, labelled: (found) => found },
];

/** A first look at all that there is: which bounds are crossed by anybody. Most are by nobody. */
const crossings: RecordingRule = recording(
  crossed,
  HELD.flatMap(({ value, on, indicator }) =>
    SIDES.map((side) => {
      const bounds = remembered(intended.bound, `{statistic="held", ${indicator}, side="${side}"}`);
      const settled = `max by (${OF_BOUND}, statistic, severity, side, window) (${bounds})`;
      const [sign, farthest] = side === 'above' ? ['<', 'max'] : ['>', 'min'];
      return `${settled} ${sign} on (${on}) group_left () ${farthest} by (${on}) (${value})`;
    }),
  ).join('\nor\n'),
);

/** And a second one: by whom. Only that is compared with each bound. */
const suspected: RecordingRule = recording(
  suspect,
  HELD.map(({ value, on, indicator, labelled }) =>
    labelled(
      SIDES.map((side) => {
        const loosest = side === 'above' ? 'min' : 'max';
        return `${value} ${SIGN[side]} on (${on}) group_left () ${loosest} by (${on}) (${crossed.name}{${indicator}, side="${side}"})`;
      }).join('\nor\n'),
    ),
  ).join('\nor\n'),
);

type Compared = Pick<Bound, 'severity' | 'side' | 'window'>;

function beyond(value: string, { severity, side, window }: Compared, statistic?: 'held'): string {
  const [on, bounds, labels] =
    statistic === undefined
      ? [`${OF_BOUND}, statistic`, bound.name, 'severity, side, window']
      : [OF_BOUND, crossed.name, 'statistic, severity, side, window'];
  return `${value} ${SIGN[side]} on (${on}) group_left (${labels}) ${bounds}{severity="${severity}", side="${side}", window="${window}"}`;
}

/** Bounds that are judged around the clock. */
const always = `on (${OF_BOUND}, statistic, window) ${remembered(intended.bound, '{hours="always"}')}`;

/** Those of a day are recorded as rarely as a query looks back. */
function valuesNow(window: (typeof BOUND_WINDOWS)[number]): string {
  return window === '1d' ? `last_over_time(${boundValue('1d').name}[10m])` : boundValue(window).name;
}

/** What is counted is never judged over less than 5m: of a number, a fifth is that of a minute. */
const ofCounters = [
  `${boundValue('5m').name}{indicator=~"${COUNTERS}", statistic!="sum"}`,
  `(${boundValue('5m').name}{statistic="sum"} / 5)`,
];

const values: RecordingRule = recording(
  beyondBounds,
  BOUND_WINDOWS.flatMap((window) =>
    SEVERITIES.flatMap((severity) =>
      SIDES.flatMap((side) => {
        const which = { severity, side, window };
        return [
          beyond(suspect.name, which, 'held'),
          beyond(valuesNow(window), which),
          ...(window === '1m' ? ofCounters.map((value) => beyond(value, which)) : []),
        ];
      }),
    ),
  ).join('\nor\n'),
);

/** Of few messages it is known only where they were seen all the time; and where the flow was open all the time, unless it is a day. */
function fewMessages(window: (typeof BOUND_WINDOWS)[number]): string[] {
  const over = window === '1m' ? '5m' : window;
  const few = `${beyondBounds.name}{window="${window}"}`;
  const seen = `${few} unless on (flow, env) last_over_time(${recorded.blind.name}[${over}])`;
  if (window === '1d') return [seen];
  return [`${seen} unless on (flow, env) last_over_time(${recorded.closed.name}[${over}])`, `${seen} and ${always}`];
}

/**
 * What is told already, of what nobody sees any more: a source that goes away looks like no recovery. What another source sees is as that
 * one says.
 */
function unseen(selector: string, on: string, seen: string): string {
  return `(
  ${outOfBounds.name}{${selector}}
  and on (flow, env) ${recorded.blind.name}
  and on (${IDENTITY}) ALERTS{alertname!="FlowBoundAhead", alertstate="firing"}
  unless on (${on}) (${block(seen)})
)`;
}

const alreadyTold = [
  ...Object.entries(waiting).map(([signal, { name }]) =>
    unseen(`statistic="held", indicator="${signal}"`, PLACE, `last_over_time(${name}[${BRIDGE}])`),
  ),
  unseen(
    `statistic="held", indicator!~"${BOUND_SIGNALS.join('|')}"`,
    'flow, partner, env, indicator',
    `last_over_time(${recorded.indicator.name}[${BRIDGE}])`,
  ),
  ...BOUND_WINDOWS.map((window) =>
    unseen(
      `statistic!="held", window="${window}"`,
      `${PLACE}, indicator, statistic`,
      window === '1m' ? `${valuesNow('1m')} or ${valuesNow('5m')}` : valuesNow(window),
    ),
  ),
];

const out: RecordingRule = recording(
  outOfBounds,
  [
    `${beyondBounds.name}{indicator!="messages"}`,
    `${beyondBounds.name}{side="above"}`,
    // All others are there already.
    ...BOUND_WINDOWS.flatMap(fewMessages),
    ...alreadyTold,
  ].join('\nor\n'),
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

/** Alerts on bounds are told from others by the indicator that they carry. */
const audible = byJudgement(unlessMuted)
  .map(({ indicator, conditions }) => {
    const beyondBound = `${outOfBounds.name}${indicator === '' ? '' : `{${indicator}}`}`;
    return [unlessHeld(beyondBound, `${PLACE}, indicator`, ['alertname!="FlowBoundAhead"']), ...conditions].join('\n');
  })
  .join('\nor\n');

/** What of it waits until the flow opens. */
const asleep = [`${outOfBounds.name} and on (flow, env) ${recorded.closed.name}`, `unless ${always}`].join('\n');

const heard: RecordingRule = recording(boundHeard, `(${block(audible)})\nunless (${block(asleep)})`);

const heardOf = (severity: Bound['severity'], indicator: string) =>
  `${boundHeard.name}{severity="${severity}"${indicator === '' ? '' : `, ${indicator}`}}`;
const unrelaxed = (severity: Bound['severity']) =>
  byJudgement((judges) => relaxation(judges).without).map(({ indicator, conditions }) =>
    [heardOf(severity, indicator), ...conditions].join('\n'),
  );

/** EN1, EN13: what is critical is a warning outside production and in a load test, where a warning is not told. Of one thing, one warning. */
const asCritical = `(${block(unrelaxed('critical').join('\nor\n'))})\nunless on (env) ${recorded.notProduction.name}`;
const capped = [
  `${heardOf('critical', '')} and on (env) ${recorded.notProduction.name}`,
  ...byJudgement((judges) => relaxation(judges).onlyIn).flatMap(({ indicator, conditions }) =>
    conditions.map((condition) => `${heardOf('critical', indicator)}\n${condition}`),
  ),
].join('\nor\n');
const asWarning = `${unrelaxed('warning').join('\nor\n')}\nor on (${IDENTITY}) (${block(capped)})`;

/** What is of the flow as a whole is looked for on our side. */
const sides = `on (flow, env, stage) group_left (origin) (
  ${recorded.stagePosition.name} ^ 0
  or group by (flow, env, origin) (label_replace(${boundHeard.name}, "origin", "internal", "", ""))
)`;

const told: RecordingRule = recording(
  boundTold,
  `(${block(`${withLabel('told', 'critical', asCritical)}\nor\n${withLabel('told', 'warning', asWarning)}`)})\n${withOwner}\n* ${sides}`,
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
        crossings,
        suspected,
        values,
        out,
        heard,
        told,
        ...boundAlerts,
      ],
    },
    { name: 'vigie-stuck', interval: '1m', rules: [stuck, ...flowAlerts('stuck', [growing])] },
  ],
};
