// What is compared with intentions, as far as there are any: the bounds themselves, and the messages of places that have some.

import { COUNTED_WINDOWS, intended, judgedMessagesOver, recorded, type CountedWindow } from '../conventions.js';
import type { BoundSignal } from '../domain/flow.js';
import { COMPARED_WINDOWS } from './compared-windows.js';
import { OF_BOUND, PLACE, remembered } from './promql.js';
import { recording, type RecordingRule, type RuleFamily } from './rule.js';
import { block } from './text.js';

/** Signals that are computed from numbers of messages. */
export const COUNTED = ['messages', 'errors', 'rejects', 'failures', 'success'] as const satisfies readonly BoundSignal[];
const { bound, boundWanted, boundLeast, conservedStage, judgedMessages } = recorded;

/** Unique by construction; a bound whose value is changed is the new one at once. Most are on what just waits: those are looked at as they are. */
const settledBounds: RecordingRule = recording(
  bound,
  `max by (flow, env, stage, indicator, statistic, severity, side, window) (${remembered(intended.bound, '{statistic!="held"}')})`,
);

/** What is compared with several bounds is computed once. */
const wanted: RecordingRule = recording(boundWanted, `group by (${OF_BOUND}, statistic, window) (${bound.name})`);
const least: RecordingRule = recording(boundLeast, `max by (${OF_BOUND}, statistic, window) (${remembered(intended.boundTraffic)})`);

/** Values of labels; several with a bar between. */
export interface Selected {
  readonly indicator?: string;
  readonly statistic?: string;
  readonly window?: string;
}

export function selector(selected: Selected): string {
  return `{${Object.entries(selected)
    .map(([label, value]: [string, string]) => `${label}${value.includes('|') ? '=~' : '='}"${value}"`)
    .join(', ')}}`;
}

/** What has a bound: one series for each combination of the labels. */
export function bounded(by: string, selected: Selected): string {
  return `group by (${by}) (${boundWanted.name}${selector(selected)})`;
}

/** Rates over five minutes, summed up over a window; a day of hours, which are counts already. */
export function ratesOver(rate: string, hour: string, window: CountedWindow): string {
  if (window === '5m') return rate;
  return window === '1d' ? `sum_over_time(last_over_time(${hour}[10m])[1d:1h])` : `sum_over_time(${rate}[${window}:5m])`;
}

/** By what such a sum is multiplied to be a count; nothing over a day. */
export function toCount(window: CountedWindow): string {
  return window === '1d' ? '' : '300 * ';
}

/** Counts over a window of what is recorded over five minutes. */
export function over(rate: string, hour: string, window: CountedWindow): string {
  return `${toCount(window)}${ratesOver(rate, hour, window)}`;
}

/** Stages whose messages must be conserved. */
const conserved: RecordingRule = recording(
  conservedStage,
  `${recorded.stagePosition.name} and on (flow, env) ${remembered(intended.conservation)}`,
);

/** Stages that have a bound on a number or a share of messages. */
function counting(selected: Selected = {}): string {
  return `${bound.name}${selector({ indicator: COUNTED.join('|'), ...selected })}`;
}

/** Of a recorded vector, the places for which one of these asks. */
function askedBy(...asking: readonly string[]): string {
  return `and on (flow, env, stage) (${block(asking.join('\nor '))})`;
}

/** Places whose messages are looked at: counters of ten thousand flows are not summed up for those that ask for none of it. */
const messagesOfPlaces: RecordingRule = recording(
  judgedMessages,
  `${recorded.stageRate.name}\n${askedBy(counting(), conservedStage.name)}`,
);

/** What is made of a window counts as asked for too. */
const ASKED_BY: Readonly<Record<CountedWindow, string>> = { '5m': '1m|5m', '15m': '15m', '30m': '30m', '1h': '1h|1d', '1d': '1d' };
/** Over these, messages may have to be conserved. */
const CONSERVED: ReadonlySet<CountedWindow> = new Set(COMPARED_WINDOWS);

function messagesOver(window: CountedWindow): RecordingRule {
  const all = `round(${over(judgedMessages.name, judgedMessagesOver('1h').name, window)})`;
  const asking = [counting({ window: ASKED_BY[window] }), ...(CONSERVED.has(window) ? [conservedStage.name] : [])];
  return recording(judgedMessagesOver(window), `${all}\n${askedBy(...asking)}`);
}

/** What failed over a window, whole messages; nothing where none did. */
export function failedOver(outcomes: string, window: CountedWindow): string {
  const failing = `${recorded.failingRate.name}{outcome=~"${outcomes}"}`;
  // What is recorded over five minutes is one of now, not that of the last whole five minutes, as what it is divided by.
  const summed = window === '5m' ? failing : `sum_over_time(${failing}[${window}:5m])`;
  return `round(300 * sum by (${PLACE}) (${summed}))`;
}

export const judged: RuleFamily = {
  name: 'judged',
  about: 'Bounds of flows, and the messages of places that have some.',
  groups: [
    {
      name: 'vigie-judged',
      interval: '1m',
      rules: [
        settledBounds,
        wanted,
        least,
        conserved,
        messagesOfPlaces,
        ...COUNTED_WINDOWS.filter((window) => window !== '1d').map(messagesOver),
      ],
    },
    { name: 'vigie-judged-day', interval: '5m', rules: [messagesOver('1d')] },
  ],
};
