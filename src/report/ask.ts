// The questions of a report to Prometheus: recorded series where they are, raw counters else.

import { intended, observed, ofDuration, ofTraffic, recorded } from '../conventions.js';
import { formatDuration } from '../domain/duration.js';
import type { Sample } from '../prometheus/answer.js';
import type { Prometheus } from '../prometheus/client.js';
import { DAY, HOUR, MINUTE, partsOf, type Part, type Period } from './period.js';
import type { Durations, Traffic } from './totals.js';

/** How far a recorded sum is looked back for: twice the interval at which it is recorded. */
const LOOKBACK = { '5m': '2m', '1h': '10m', '1d': '30m' } as const;
/** More would be more than Prometheus reads in one query. */
const MOST_STEPS = 8_000;
const COVERAGE_STEPS = 200;

export type Origin = 'recorded' | 'raw';

/** What of a period Prometheus has anything of, to a two-hundredth of it. */
export interface Coverage {
  readonly origin: Origin;
  readonly from: number;
  readonly to: number;
  /** Of the whole period; below 1 where there are gaps, or where it does not reach that far back. */
  readonly ratio: number;
}

export interface AlertHistory {
  readonly name: string;
  readonly severity: string;
  readonly flow: string | undefined;
  readonly partner: string | undefined;
  readonly team: string | undefined;
  readonly env: string | undefined;
  /** How often it began, or was there at the beginning. */
  readonly times: number;
  /** How long it fired in all, to the step. */
  readonly seconds: number;
}

/** A Prometheus duration of the whole seconds that are just less: both ends of a range may count. */
function within(ms: number): string {
  return formatDuration(ms - 1000);
}

/** Whole minutes, so long that there are no more steps than that. */
function stepOf({ from, to }: Period, most: number): number {
  return Math.max(MINUTE, Math.ceil((to - from) / most / MINUTE) * MINUTE);
}

/** @returns undefined where there is nothing at all */
export async function coverage(prometheus: Prometheus, period: Period): Promise<Coverage | undefined> {
  const step = stepOf(period, COVERAGE_STEPS);
  const found = async (origin: Origin, metric: string): Promise<Coverage | undefined> => {
    const range = { from: period.from + step, to: period.to, step };
    const query = `group(last_over_time(${metric}[${formatDuration(step)}]))`;
    const points = range.from > range.to ? [] : ((await prometheus.queryRange(query, range))[0]?.points ?? []);
    const [first, last] = [points[0], points.at(-1)];
    if (!first || !last) return undefined;
    const steps = Math.floor((range.to - range.from) / step) + 1;
    const to = period.to - last.epochMs < step ? period.to : last.epochMs;
    return { origin, from: first.epochMs - step, to, ratio: points.length / steps };
  };
  const of = partsOf(period)[0]?.window ?? '5m';
  const sums = await found('recorded', ofTraffic('env', of).messages.name);
  if (sums && sums.ratio === 1) return sums;
  const raw = await found('raw', observed.messages.name);
  return raw && raw.ratio > (sums?.ratio ?? 0) ? raw : sums;
}

/** Messages, failures and bytes of each flow and partner. */
export function traffic(prometheus: Prometheus, period: Period, origin: Origin): Promise<Traffic[]> {
  return origin === 'recorded' ? recordedTraffic(prometheus, period) : rawTraffic(prometheus, period);
}

async function recordedTraffic(prometheus: Prometheus, period: Period): Promise<Traffic[]> {
  const kinds = ['messages', 'failed', 'bytes'] as const;
  const found = { messages: new Map<string, Sample>(), failed: new Map<string, Sample>(), bytes: new Map<string, Sample>() };
  for (const part of partsOf(period)) {
    for (const kind of kinds) {
      const samples = await prometheus.query(
        sumOf(ofTraffic('flow_partner_env', part.window)[kind].name, part),
        part.to - (part.to % part.step),
      );
      for (const { labels, value } of samples) {
        const key = keyOf(labels, labels['outcome']);
        found[kind].set(key, { labels, value: (found[kind].get(key)?.value ?? 0) + value });
      }
    }
  }
  return [...found.messages.values()].map(({ labels, value }) => ({
    ...placeOf(labels),
    messages: value,
    errors: found.failed.get(keyOf(labels, 'error'))?.value ?? 0,
    rejected: found.failed.get(keyOf(labels, 'rejected'))?.value ?? 0,
    bytes: found.bytes.get(keyOf(labels))?.value,
  }));
}

/** The steps of a subquery are at multiples of the step, so that the series is moved to where the part ends. */
function sumOf(metric: string, { from, to, step, window }: Part): string {
  const shift = to % step;
  const moved = shift === 0 ? '' : ` offset -${formatDuration(shift)}`;
  return `sum_over_time(last_over_time(${metric}[${LOOKBACK[window]}]${moved})[${within(to - from)}:${formatDuration(step)}])`;
}

/** Messages at the first stage at which some are counted, failures at all: as the recorded sums have it. */
async function rawTraffic(prometheus: Prometheus, period: Period): Promise<Traffic[]> {
  const range = formatDuration(period.to - period.from);
  const grown = (metric: string, by: string) =>
    `sum by (flow, partner, env, stage${by}) (max by (flow, partner, env, stage, path${by}) (increase(${metric}[${range}])))`;
  const counts = await prometheus.query(grown(observed.messages.name, ', outcome'), period.to);
  const bytes = await prometheus.query(grown(observed.bytes.name, ''), period.to);
  const stages = await prometheus.query(`max by (flow, env, stage) (last_over_time(${intended.stage.name}[${range}]))`, period.to);
  const positions = new Map(stages.map(({ labels, value }) => [`${labels['flow']}\n${labels['env']}\n${labels['stage']}`, value]));
  const position = ({ labels }: Sample) => positions.get(`${labels['flow']}\n${labels['env']}\n${labels['stage']}`) ?? Infinity;
  const entries = new Map<string, number>();
  for (const count of counts) {
    const flow = `${count.labels['flow']}\n${count.labels['env']}`;
    entries.set(flow, Math.min(entries.get(flow) ?? Infinity, position(count)));
  }
  const places = new Map(counts.map(({ labels }) => [keyOf(labels), labels]));
  return [...places].map(([key, labels]) => {
    const mine = counts.filter((count) => keyOf(count.labels) === key);
    const entry = entries.get(`${labels['flow']}\n${labels['env']}`);
    const carried = bytes.filter((each) => keyOf(each.labels) === key).map(({ value }) => value);
    return {
      ...placeOf(labels),
      messages: total(mine.filter((count) => position(count) === entry)),
      errors: total(mine.filter((count) => count.labels['outcome'] === 'error')),
      rejected: total(mine.filter((count) => count.labels['outcome'] === 'rejected')),
      bytes: carried.length === 0 ? undefined : Math.max(...carried),
    };
  });
}

/** How long the stages took, of replicas and partners together. */
export async function durations(prometheus: Prometheus, period: Period, origin: Origin): Promise<Durations[]> {
  const range = formatDuration(period.to - period.from);
  const name = `${observed.duration.name}_bucket`;
  const query =
    origin === 'recorded'
      ? `avg_over_time(${ofDuration('1h').buckets.name}[${range}])`
      : `sum by (flow, env, stage, le) (max by (flow, partner, env, stage, path, le) (rate(${name}[${range}])))`;
  const stages = new Map<string, { flow: string; env: string; stage: string; buckets: { le: number; count: number }[] }>();
  for (const { labels, value } of await prometheus.query(query, period.to)) {
    const { flow = '', env = '', stage = '', le = '' } = labels;
    const key = `${flow}\n${env}\n${stage}`;
    const known = stages.get(key) ?? { flow, env, stage, buckets: [] };
    known.buckets.push({ le: le === '+Inf' ? Infinity : Number(le), count: value });
    stages.set(key, known);
  }
  return [...stages.values()].map((each) => ({ ...each, buckets: each.buckets.toSorted((a, b) => a.le - b.le) }));
}

/** The share of the time in which a state was good, by flow and environment. */
export async function shareOfTime(prometheus: Prometheus, period: Period, state: 'technical' | 'functional'): Promise<Sample[]> {
  return prometheus.query(`avg_over_time(${recorded[state].name}[${formatDuration(period.to - period.from)}])`, period.to);
}

/** The team and the title of each flow: as they were last. */
export async function owners(prometheus: Prometheus, period: Period): Promise<Map<string, { team: string; title: string }>> {
  const range = `[${formatDuration(period.to - period.from)}:${formatDuration(stepOf(period, COVERAGE_STEPS))}]`;
  const found = new Map<string, { team: string; title: string; at: number }>();
  for (const name of [intended.flow.name, recorded.flow.name]) {
    const query = `max by (flow, env, team, title) (max_over_time(timestamp(${name})${range}))`;
    for (const { labels, value } of await prometheus.query(query, period.to)) {
      const key = `${labels['flow']}\n${labels['env']}`;
      if ((found.get(key)?.at ?? 0) > value) continue;
      found.set(key, { team: labels['team'] ?? '', title: labels['title'] ?? '', at: value });
    }
  }
  return found;
}

/** Alerts that fired, those of flows and of what watches them. */
export async function alerts(prometheus: Prometheus, period: Period): Promise<AlertHistory[]> {
  const step = stepOf(period, MOST_STEPS);
  const labels = 'alertname, severity, flow, partner, env, team, stage, source, endpoint';
  const fired = `max by (${labels}) (max_over_time(ALERTS{alertstate="firing", alertname=~"(Flow|Vigie).*", alertname!="VigieWatchdog"}[${formatDuration(step)}]))`;
  const series = await prometheus.queryRange(fired, { from: period.from + step, to: period.to, step });
  return series.map(({ labels: { alertname = '', severity = '', flow, partner, team, env }, points }) => ({
    name: alertname,
    severity,
    flow,
    partner,
    team,
    env,
    times: points.filter(({ epochMs }, index) => epochMs - (points[index - 1]?.epochMs ?? -Infinity) > step).length,
    seconds: (points.length * step) / 1000,
  }));
}

function total(samples: readonly Sample[]): number {
  return samples.reduce((all, { value }) => all + value, 0);
}

function placeOf({ flow = '', partner = '', env = '' }: Sample['labels']) {
  return { flow, partner, env };
}

function keyOf(labels: Sample['labels'], outcome?: string): string {
  return [labels['flow'], labels['partner'], labels['env'], outcome].join('\n');
}

/** Long periods are looked at in days, which hold hours. */
export const LONGEST = 400 * DAY;
export const SHORTEST = HOUR;
