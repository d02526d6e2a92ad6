// Recording rules over what passes and what waits, for each place. NE7.
//
// Raw counters are read over five minutes only, and exactly: what a counter is now less what it was five minutes ago, at whole minutes.
// rate() and increase() stretch what they see to the whole window, so that a batch of 1,000 messages would count as 840 or 1,050, by where
// it falls between two scrapes. Five minutes that follow each other have a moment in common and no message, so that twelve of them are an
// hour, 24 hours a day, and nothing is lost or counted twice.

import { PLACE } from './promql.js';
import { observed, recorded } from '../conventions.js';
import { recording, type RecordingRule, type RuleFamily } from './rule.js';

/**
 * What a counter has grown by in five minutes, per second. Replicas see the same messages (max), paths carry different ones (sum).
 * The first line is the exact one: delta() over six minutes of five whole ones in between is their difference, times 6/5. The second is for
 * where it has no answer: a counter that was reset, and an exporter that has just begun. What a counter holds when it is first seen is its
 * past, and no traffic.
 *
 * @param summed labels that are not in `by` and tell different messages from each other
 */
export function perSecond(name: string, by: string, summed = 'path'): string {
  const identity = `${by}, ${summed}`;
  return [
    `sum by (${by}) (`,
    `  max by (${identity}) (delta(${name}[6m:1m])) >= 0`,
    `  or max by (${identity}) (increase(${name}[6m]))`,
    `) / 360`,
  ].join('\n');
}

/** By the same counters, the first stage at which something is counted: not each flow has a source that sees its first stage. */
const entry: RecordingRule = recording(
  recorded.entryStage,
  `
  ${recorded.stagePosition.name}
  == on (flow, env) group_left ()
  min by (flow, env) (${recorded.stagePosition.name} and on (flow, env, stage) last_over_time(${recorded.stageTotal.name}[15m]))`,
);

export const traffic: RuleFamily = {
  name: 'traffic',
  about: 'Messages that pass the stages, and those that wait.',
  groups: [
    {
      name: 'vigie-traffic',
      interval: '1m',
      rules: [
        recording(recorded.stageRate, perSecond(observed.messages.name, PLACE, 'path, outcome')),
        recording(recorded.failingRate, `${perSecond(`${observed.messages.name}{outcome=~"error|rejected"}`, `${PLACE}, outcome`)} > 0`),
        recording(recorded.stageTotal, `sum by (flow, env, stage) (${recorded.stageRate.name})`),
        entry,
        // Each is of five minutes.
        recording(
          recorded.leaving,
          `max_over_time(${recorded.stageRate.name}[26m]) and on (${PLACE}) last_over_time(${recorded.backlog.name}[2m]) > 0`,
        ),
      ],
    },
    {
      name: 'vigie-backlog',
      interval: '30s',
      rules: [recording(recorded.backlog, `sum by (${PLACE}) (max by (${PLACE}, path) (${observed.backlog.name}))`)],
    },
  ],
};
