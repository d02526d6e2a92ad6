// The statistics of flows over a period, and of the one before it. GM10, NE11.

import type { Prometheus } from '../prometheus/client.js';
import { alerts, coverage, durations, owners, shareOfTime, traffic, type AlertHistory, type Coverage } from './ask.js';
import { before, type Period } from './period.js';
import { mean, quantile, ratio, sum, type Durations, type Traffic } from './totals.js';

export const DIMENSIONS = ['flow', 'partner', 'team', 'env'] as const;
export type Dimension = (typeof DIMENSIONS)[number];

/** What is not known is undefined, and never 0. */
export interface Row {
  /** Of the flow, partner, team or environment. */
  readonly name: string;
  readonly env: string;
  /** Of the flow. */
  readonly title: string | undefined;
  readonly messages: number | undefined;
  /** In the period before. */
  readonly messagesBefore: number | undefined;
  readonly errors: number | undefined;
  readonly rejected: number | undefined;
  readonly errorRatio: number | undefined;
  readonly rejectRatio: number | undefined;
  readonly bytes: number | undefined;
  /** Seconds, of the stage with the greatest p95. */
  readonly p50: number | undefined;
  readonly p95: number | undefined;
  readonly p99: number | undefined;
  /** That stage, with its flow. */
  readonly slowest: string | undefined;
  readonly missedDeadlines: number;
  readonly outOfBoundsSeconds: number;
  readonly alerts: number;
  readonly alertsBefore: number | undefined;
  /** Share of the time in which all worked that the flow needs; of several flows the mean. */
  readonly availability: number | undefined;
  /** Share of the time in which its messages passed as they should. */
  readonly inOrder: number | undefined;
}

/** An alert that came again and again. */
export interface Recurrent {
  readonly alert: string;
  readonly severity: string;
  readonly name: string;
  readonly env: string;
  readonly times: number;
  readonly seconds: number;
}

export interface Report {
  readonly by: Dimension;
  readonly period: Period;
  readonly covered: Coverage;
  /** Undefined where Prometheus has nothing of the period before. */
  readonly before: { readonly period: Period; readonly covered: Coverage } | undefined;
  readonly rows: readonly Row[];
  readonly recurrent: readonly Recurrent[];
}

const MISSED = /^Flow(Missed|Silent|ExpectedFileMissing)$/;
const OUT_OF_BOUNDS = /^Flow.*OutOfBounds/;
const MOST_RECURRENT = 20;

/** The labels by which what is found goes into rows. */
interface Place {
  readonly flow?: string | undefined;
  readonly partner?: string | undefined;
  readonly team?: string | undefined;
  readonly env?: string | undefined;
}

/**
 * @returns undefined where Prometheus has nothing of the period
 * @throws PrometheusError
 */
export async function makeReport(prometheus: Prometheus, period: Period, by: Dimension): Promise<Report | undefined> {
  const covered = await coverage(prometheus, period);
  if (!covered) return undefined;
  const known = await owners(prometheus, period);
  const earlier = before(period);
  const coveredBefore = await coverage(prometheus, earlier);
  const nameOf = (place: Place) =>
    by === 'team'
      ? (place.team ?? known.get(`${place.flow}\n${place.env}`)?.team ?? '')
      : by === 'env'
        ? (place.env ?? '')
        : (place[by] ?? '');
  const grouped = <T extends Place>(all: readonly T[]) =>
    Map.groupBy(
      all.filter((each) => nameOf(each) !== ''),
      (each) => `${nameOf(each)}\n${each.env ?? ''}`,
    );

  const fired = await alerts(prometheus, period);
  const found = {
    traffic: grouped(await traffic(prometheus, period, covered.origin)),
    durations: grouped(await durations(prometheus, period, covered.origin)),
    available: grouped(placed(await shareOfTime(prometheus, period, 'technical'))),
    inOrder: grouped(placed(await shareOfTime(prometheus, period, 'functional'))),
    alerts: grouped(fired),
    trafficBefore: grouped(coveredBefore ? await traffic(prometheus, earlier, coveredBefore.origin) : []),
    alertsBefore: grouped(coveredBefore ? await alerts(prometheus, earlier) : []),
  };
  const keys = new Set([found.traffic, found.trafficBefore, found.alerts, found.available].flatMap((each) => [...each.keys()]));
  const rows = [...keys].toSorted().map((key): Row => {
    const [name = '', env = ''] = key.split('\n');
    const told = found.alerts.get(key) ?? [];
    return {
      name,
      env,
      title: by === 'flow' ? known.get(key)?.title || undefined : undefined,
      ...counts(found.traffic.get(key)),
      messagesBefore: sum((found.trafficBefore.get(key) ?? []).map(({ messages }) => messages)),
      ...slowestOf(found.durations.get(key) ?? []),
      missedDeadlines: times(told.filter((each) => MISSED.test(each.name))),
      outOfBoundsSeconds: told.filter((each) => OUT_OF_BOUNDS.test(each.name)).reduce((total, { seconds }) => total + seconds, 0),
      alerts: times(told),
      alertsBefore: coveredBefore && times(found.alertsBefore.get(key) ?? []),
      availability: mean((found.available.get(key) ?? []).map(({ value }) => value)),
      inOrder: mean((found.inOrder.get(key) ?? []).map(({ value }) => value)),
    };
  });
  return {
    by,
    period,
    covered,
    before: coveredBefore && { period: earlier, covered: coveredBefore },
    rows,
    recurrent: recurrent(fired, nameOf),
  };
}

function placed(samples: readonly { readonly labels: Readonly<Record<string, string>>; readonly value: number }[]) {
  return samples.map(({ labels: { flow, env }, value }) => ({ flow, env, value }));
}

function times(history: readonly AlertHistory[]): number {
  return history.reduce((total, each) => total + each.times, 0);
}

function counts(
  found: readonly Traffic[] | undefined,
): Pick<Row, 'messages' | 'errors' | 'rejected' | 'errorRatio' | 'rejectRatio' | 'bytes'> {
  if (!found)
    return { messages: undefined, errors: undefined, rejected: undefined, errorRatio: undefined, rejectRatio: undefined, bytes: undefined };
  const messages = sum(found.map((each) => each.messages)) ?? 0;
  const errors = sum(found.map((each) => each.errors)) ?? 0;
  const rejected = sum(found.map((each) => each.rejected)) ?? 0;
  return {
    messages,
    errors,
    rejected,
    errorRatio: ratio(errors, messages),
    rejectRatio: ratio(rejected, messages),
    bytes: sum(found.map((each) => each.bytes)),
  };
}

function slowestOf(stages: readonly Durations[]): Pick<Row, 'p50' | 'p95' | 'p99' | 'slowest'> {
  const [slowest] = stages.toSorted((a, b) => (quantile(0.95, b.buckets) ?? -1) - (quantile(0.95, a.buckets) ?? -1));
  if (!slowest || quantile(0.95, slowest.buckets) === undefined)
    return { p50: undefined, p95: undefined, p99: undefined, slowest: undefined };
  return {
    p50: quantile(0.5, slowest.buckets),
    p95: quantile(0.95, slowest.buckets),
    p99: quantile(0.99, slowest.buckets),
    slowest: `${slowest.flow}/${slowest.stage}`,
  };
}

/** The most frequent first. */
function recurrent(fired: readonly AlertHistory[], nameOf: (place: Place) => string): Recurrent[] {
  const groups = Map.groupBy(fired, (each) => [each.name, each.severity, nameOf(each), each.env ?? ''].join('\n'));
  return [...groups]
    .map(([key, all]): Recurrent => {
      const [alert = '', severity = '', name = '', env = ''] = key.split('\n');
      return { alert, severity, name, env, times: times(all), seconds: all.reduce((total, { seconds }) => total + seconds, 0) };
    })
    .toSorted((a, b) => b.times - a.times || b.seconds - a.seconds || a.alert.localeCompare(b.alert))
    .slice(0, MOST_RECURRENT);
}
