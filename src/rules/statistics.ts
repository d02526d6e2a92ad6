// What passed, added up by flow, partner, team and environment over five minutes, an hour, a day, a week and a month. NE7, GM10.
//
// Each window is made of the one before, without gaps and overlaps, and each level of the one below: it costs little for ten thousand flows.

import { PLACE } from './promql.js';
import {
  observed,
  ofDuration,
  ofTraffic,
  QUANTILES,
  recorded,
  TRAFFIC_LEVELS,
  trafficLevels,
  TRAFFIC_WINDOWS,
  type TrafficLevel,
  type TrafficWindow,
} from '../conventions.js';
import { recording, type RecordingRule, type RuleFamily } from './rule.js';
import { perSecond } from './traffic.js';

const FIVE_MINUTES = 300;

/** The levels above the first are sums of it; teams are joined. */
function atLevel(level: TrafficLevel, kind: 'messages' | 'failed' | 'bytes', window: TrafficWindow): RecordingRule {
  const base = ofTraffic('flow_partner_env', window)[kind].name;
  const by = [...TRAFFIC_LEVELS[level], ...(kind === 'failed' ? ['outcome'] : [])].join(', ');
  const of = level === 'team_env' ? `${base} * on (flow, env) group_left (team) ${recorded.flow.name}` : base;
  return recording(ofTraffic(level, window)[kind], `sum by (${by}) (${of})`);
}

/** How each window is made, and how often: what is recorded less often than every five minutes is read with last_over_time(). */
const WINDOWS = {
  '5m': { group: '', interval: '1m', made: '' },
  '1h': { group: '-hours', interval: '5m', made: '[1h:5m]' },
  '1d': { group: '-days', interval: '15m', made: '[1d:1h]' },
  '7d': { group: '-weeks', interval: '1h', made: '[7d:1d]' },
  '30d': { group: '-months', interval: '1h', made: '[30d:1d]' },
} as const satisfies Readonly<Record<TrafficWindow, object>>;

/** What each window is made of: non-overlapping ones of the window before, weeks and months of days. */
function madeOf(metricOver: (window: TrafficWindow) => string, window: Exclude<TrafficWindow, '5m'>, function_: 'sum' | 'avg'): string {
  const below = { '1h': '5m', '1d': '1h', '7d': '1d', '30d': '1d' } as const;
  const bridged = { '1h': metricOver('5m'), '1d': `last_over_time(${metricOver('1h')}[15m])` };
  const part = window === '1h' ? bridged['1h'] : window === '1d' ? bridged['1d'] : `last_over_time(${metricOver(below[window])}[1h])`;
  return `${function_}_over_time(${part}${WINDOWS[window].made})`;
}

const KINDS = ['messages', 'failed', 'bytes'] as const;

/** Of what has never failed there is no number: of ten thousand flows that are well there would be as many zeros of each kind. */
const failedBefore = ofTraffic('flow_partner_env', '5m').failed.name;

const base5m: RecordingRule[] = [
  recording(
    ofTraffic('flow_partner_env', '5m').messages,
    `${FIVE_MINUTES} * sum by (flow, partner, env) (${recorded.stageRate.name} and on (flow, env, stage) ${recorded.entryStage.name})`,
  ),
  recording(
    ofTraffic('flow_partner_env', '5m').failed,
    `
    ${FIVE_MINUTES} * sum by (flow, partner, env, outcome) (${recorded.failingRate.name})
    or 0 * last_over_time(${failedBefore}[1h]) and on (flow, partner, env) ${ofTraffic('flow_partner_env', '5m').messages.name}`,
  ),
  recording(
    ofTraffic('flow_partner_env', '5m').bytes,
    `${FIVE_MINUTES} * max by (flow, partner, env) (\n${perSecond(observed.bytes.name, PLACE)}\n)`,
  ),
];

function baseOver(window: TrafficWindow): RecordingRule[] {
  if (window === '5m') return base5m;
  return KINDS.map((kind) =>
    recording(
      ofTraffic('flow_partner_env', window)[kind],
      madeOf((one) => ofTraffic('flow_partner_env', one)[kind].name, window, 'sum'),
    ),
  );
}

/** What entered and what failed, side by side. */
function ratio(level: TrafficLevel, window: TrafficWindow): RecordingRule {
  const { messages, failed, failedRatio } = ofTraffic(level, window);
  return recording(failedRatio, `${failed.name} / on (${TRAFFIC_LEVELS[level].join(', ')}) group_left () (${messages.name} > 0)`);
}

function summed(window: TrafficWindow): RecordingRule[] {
  return [
    ...baseOver(window),
    ...trafficLevels.filter((level) => level !== 'flow_partner_env').flatMap((level) => KINDS.map((kind) => atLevel(level, kind, window))),
    ...trafficLevels.map((level) => ratio(level, window)),
  ];
}

function durationRate(series: string, labels: string): string {
  return `sum by (flow, env, stage${labels}) (max by (${PLACE}, path${labels}) (rate(${series}[5m])))`;
}

/** Quantiles do not add up, buckets do: they are kept for each window. */
function timed(window: TrafficWindow): RecordingRule[] {
  const { buckets, sum, mean, ...quantiles } = ofDuration(window);
  const duration = observed.duration.name;
  return [
    recording(
      buckets,
      window === '5m' ? durationRate(`${duration}_bucket`, ', le') : madeOf((one) => ofDuration(one).buckets.name, window, 'avg'),
    ),
    recording(sum, window === '5m' ? durationRate(`${duration}_sum`, '') : madeOf((one) => ofDuration(one).sum.name, window, 'avg')),
    recording(mean, `${sum.name} / ignoring (le) (${buckets.name}{le="+Inf"} > 0)`),
    // Of no message there is no quantile, but NaN.
    ...QUANTILES.map(([name, quantile]) => recording(quantiles[name], `histogram_quantile(${quantile}, ${buckets.name}) >= 0`)),
  ];
}

export const statistics: RuleFamily = {
  name: 'statistics',
  about: 'What passed, by flow, partner, team and environment.',
  groups: TRAFFIC_WINDOWS.map((window) => ({
    name: `vigie-statistics${WINDOWS[window].group}`,
    interval: WINDOWS[window].interval,
    rules: [...summed(window), ...timed(window)],
  })),
};
