// What bounds are compared with: statistics of signals over the windows that bounds name, only of places that have bounds on them.

import {
  boundValue,
  COUNTED_WINDOWS,
  intended,
  judgedMessagesOver,
  observed,
  QUANTILES,
  recorded,
  responses,
  type CountedWindow,
} from '../conventions.js';
import { askedOf, SIGNAL_STATISTICS, TIMES } from '../domain/bound.js';
import type { BoundSignal, Statistic } from '../domain/flow.js';
import type { MetricDefinition } from '../domain/observation.js';
import { bounded, COUNTED, failedOver, over, ratesOver, selector, toCount } from './judged.js';
import { OF_BOUND, PLACE, settled, withLabel } from './promql.js';
import { recording, type RecordingRule } from './rule.js';
import { block } from './text.js';

const {
  judgedDurations,
  judgedDurationSum,
  judgedDurationsHour,
  judgedDurationSumHour,
  judgedDurationsMinute,
  judgedDurationSumMinute,
  judgedGauge,
  judgedGaugeOver,
} = recorded;

/** Signals by what they are computed from. */
const WAITING = ['backlog', 'backlog_age', 'unanswered'] as const satisfies readonly BoundSignal[];
export const COUNTERS = COUNTED.join('|');

const SECONDS: Readonly<Record<CountedWindow, number>> = { '5m': 300, '15m': 900, '30m': 1800, '1h': 3600, '1d': 86_400 };

/** The value of a signal for those who have a bound on this statistic of it over this window, with the labels that say so. */
function keyed(value: string, indicator: BoundSignal, statistic: Statistic, window: CountedWindow): string {
  const has = bounded(`${OF_BOUND}, statistic`, { indicator, statistic, window: counted(window) });
  return `(${block(value)})\n* on (flow, env, stage) group_left (indicator, statistic) ${has}`;
}

/** A bound over 1m on a number or a share of messages is judged over 5m. */
function counted(window: CountedWindow): string {
  return window === '5m' ? '1m|5m' : window;
}

/**
 * Takes out where fewer messages passed than the bound asks for.
 * @param indicator of which the bound is, where the labels that are compared by do not say so
 */
function enough(messages: string, by: string, indicator: string | undefined, statistic: Statistic, window: string): string {
  const least = `${recorded.boundLeast.name}${selector({ ...(indicator !== undefined && { indicator }), statistic, window })}`;
  const partner = by.replace('flow,', 'flow, partner,');
  return `unless on (${partner}) (${messages} < on (${by}) group_left () ${window.includes('|') ? `max by (${by}) (${least})` : least})`;
}

/** Of a share nothing is recorded where nothing failed: it is within its bound. */
function shares(window: CountedWindow): string[] {
  const all = judgedMessagesOver(window).name;
  const share = (indicator: BoundSignal, value: string) =>
    keyed(`${value}\n${enough(all, 'flow, env, stage', indicator, 'ratio', counted(window))}`, indicator, 'ratio', window);
  return [
    share('errors', `${failedOver('error', window)} / ${all}`),
    share('rejects', `${failedOver('rejected', window)} / ${all}`),
    share('failures', `${failedOver('error|rejected', window)} / ${all}`),
    share('success', `(${all} - ${failedOver('error|rejected', window)}) / ${all}`),
  ];
}

function numbers(window: CountedWindow): string[] {
  const all = judgedMessagesOver(window).name;
  return [keyed(all, 'messages', 'sum', window), keyed(`${all} / ${SECONDS[window]}`, 'messages', 'rate', window)];
}

/** Times of messages and of answers, side by side. */
const histograms = { duration: observed.duration.name, answer_time: responses.duration.name } as const;

/** Matches what is asked, by its statistic, its window, or both. */
function asking(statistic: string, window: string): string {
  return `asked=~"(.+,)?${askedOf({ statistic, window })}(,.+)?"`;
}
const ANY = '[^,]+';

/** All that is asked of a place goes with its buckets, so that what nobody asks for is not even looked at. */
function ofHistograms(series: 'bucket' | 'sum', labels: string, window: '1m' | '5m'): string {
  return TIMES.map((indicator) => {
    const rate = `sum by (${PLACE}${labels}) (max by (${PLACE}, path${labels}) (rate(${histograms[indicator]}_${series}[${window}])))`;
    const asked = settled(intended.asked, {
      identity: ['flow', 'env', 'stage'],
      labels: ['indicator', 'asked'],
      selector: `{indicator="${indicator}"${window === '1m' ? `, ${asking(ANY, '1m')}` : ''}}`,
    });
    return `${rate}\n* on (flow, env, stage) group_left (indicator, asked) ${asked}`;
  }).join('\nor\n');
}

/** A minute needs two scrapes; where they are rarer, five minutes are looked at. */
function ofMinute(series: 'bucket' | 'sum', labels: string, fiveMinutes: string): string {
  return `${ofHistograms(series, labels, '1m')}\nor\n${fiveMinutes}{${asking(ANY, '1m')}}`;
}

export const timesOfPlaces: readonly RecordingRule[] = [
  recording(judgedDurations, ofHistograms('bucket', ', le', '5m')),
  recording(judgedDurationSum, ofHistograms('sum', '', '5m')),
  ...(
    [
      [judgedDurationsHour, judgedDurations],
      [judgedDurationSumHour, judgedDurationSum],
    ] as const
  ).map(([hour, rate]) => recording(hour, over(`${rate.name}{${asking(ANY, '1d')}}`, '', '1h'))),
];

export const timesOfMinute: readonly RecordingRule[] = [
  recording(judgedDurationsMinute, ofMinute('bucket', ', le', judgedDurations.name)),
  recording(judgedDurationSumMinute, ofMinute('sum', '', judgedDurationSum.name)),
];

function times(window: '1m' | CountedWindow): string[] {
  // Quantiles are the same of rates as of counts; averages nearly so, but what is at its bound to the dot shall not be beyond it.
  // What was asked before the YAML was edited counts too.
  const summed = (of: string, labels: string, minute: MetricDefinition, rate: MetricDefinition, hour: MetricDefinition) =>
    `sum without (${labels}) (${window === '1m' ? `${minute.name}${of}` : ratesOver(`${rate.name}${of}`, `${hour.name}${of}`, window)})`;
  const buckets = (statistic: Statistic, le = '', labels = 'asked') =>
    summed(`{${asking(statistic, window)}${le}}`, labels, judgedDurationsMinute, judgedDurations, judgedDurationsHour);
  const sums = (statistic: Statistic) =>
    summed(`{${asking(statistic, window)}}`, 'asked', judgedDurationSumMinute, judgedDurationSum, judgedDurationSumHour);
  const factor = window === '1m' ? '60 * ' : toCount(window);
  const all = (statistic: Statistic, labels = 'asked') => `${factor}${buckets(statistic, ', le="+Inf"', labels)}`;
  const timed = (value: string, statistic: Statistic) =>
    withLabel('statistic', statistic, `${value}\n${enough(`round(${all(statistic)})`, OF_BOUND, undefined, statistic, window)}`);
  return [
    ...QUANTILES.map(([statistic, quantile]) => timed(`histogram_quantile(${quantile}, ${buckets(statistic)}) >= 0`, statistic)),
    timed(`${factor}${sums('avg')} / (${all('avg', 'asked, le')} > 0)`, 'avg'),
  ];
}

/** An indicator of the flow as a whole is what is the greatest of its stages. */
export const indicatorValues = `(
  last_over_time(${recorded.indicator.name}{stage!=""}[2m])
  or max by (flow, partner, env, indicator) (last_over_time(${recorded.indicator.name}[2m]))
)`;

const COMPUTED_OF_GAUGES = ['avg', 'min', 'max', ...QUANTILES.map(([name]) => name)] as const;

/** Signals that are gauges, as they are now. */
export const waiting = {
  backlog: recorded.backlog,
  backlog_age: recorded.backlogAge,
  unanswered: recorded.unanswered,
} as const satisfies Readonly<Record<(typeof WAITING)[number], object>>;

export const gaugesOfPlaces: readonly RecordingRule[] = [
  recording(
    judgedGauge,
    [
      ...WAITING.map(
        (indicator) =>
          `${waiting[indicator].name} * on (flow, env, stage) group_left (indicator) ${bounded(OF_BOUND, { indicator, statistic: SIGNAL_STATISTICS[indicator].filter((one) => one !== 'held').join('|') })}`,
      ),
      `${indicatorValues} and on (${OF_BOUND}) ${bounded(OF_BOUND, { statistic: COMPUTED_OF_GAUGES.join('|') })}`,
    ].join('\nor\n'),
  ),
  recording(
    judgedGaugeOver,
    (['1m', ...COUNTED_WINDOWS] as const)
      .map(
        (window) =>
          `${judgedGauge.name} * on (${OF_BOUND}) group_left (window) ${bounded(`${OF_BOUND}, window`, { statistic: COMPUTED_OF_GAUGES.join('|'), window })}`,
      )
      .join('\nor\n'),
  ),
];

/** Over a day, averages and quantiles are of values five minutes apart; the least and the greatest are of all. */
function gauges(window: '1m' | CountedWindow): string[] {
  const all = `${judgedGaugeOver.name}{window="${window}"}`;
  const sampled = window === '1d' ? `${all}[1d:5m]` : `${all}[${window}]`;
  const values: Readonly<Record<(typeof COMPUTED_OF_GAUGES)[number], string>> = {
    avg: `avg_over_time(${sampled})`,
    min: `min_over_time(${all}[${window}])`,
    max: `max_over_time(${all}[${window}])`,
    p50: `quantile_over_time(0.5, ${sampled})`,
    p95: `quantile_over_time(0.95, ${sampled})`,
    p99: `quantile_over_time(0.99, ${sampled})`,
  };
  return COMPUTED_OF_GAUGES.map(
    (statistic) =>
      `${values[statistic]}\n* on (${OF_BOUND}) group_left (statistic) ${recorded.boundWanted.name}${selector({ statistic, window })}`,
  );
}

export function valuesOver(window: '1m' | CountedWindow): RecordingRule {
  const ofCounters = window === '1m' ? [] : [...numbers(window), ...shares(window)];
  return recording(boundValue(window), [...gauges(window), ...times(window), ...ofCounters].join('\nor\n'));
}
