// What a bound may be on: which statistics a signal or an indicator has, in which unit its values are, and at which stages it holds.

import { BOUND_SIGNALS, type Bound, type BoundSignal, type Flow, type Statistic } from './flow.js';

/** Of each signal, the default first. Rules are written for these. */
export const SIGNAL_STATISTICS: Readonly<Record<BoundSignal, readonly Statistic[]>> = {
  backlog: ['held', 'avg', 'min', 'max'],
  backlog_age: ['held', 'avg', 'min', 'max'],
  unanswered: ['held', 'avg', 'min', 'max'],
  duration: ['p95', 'p50', 'p99', 'avg'],
  answer_time: ['p95', 'p50', 'p99', 'avg'],
  messages: ['sum', 'rate'],
  errors: ['ratio'],
  rejects: ['ratio'],
  failures: ['ratio'],
  success: ['ratio'],
};

/** Of indicators, the default first: each is a gauge that is looked at over the window. */
export const INDICATOR_STATISTICS: readonly Statistic[] = ['avg', 'held', 'min', 'max', 'p50', 'p95', 'p99'];

/** What is there now, so that it can be told when it will be beyond its bound; indicators are, too. */
export const FORECAST_SIGNALS: readonly BoundSignal[] = ['backlog', 'backlog_age', 'unanswered'];

/** `seconds`: 30s; `ratio`: 2 %; `number`: 1000. */
export type Unit = 'seconds' | 'ratio' | 'number';

export const SIGNAL_UNITS: Readonly<Record<BoundSignal, Unit>> = {
  backlog: 'number',
  backlog_age: 'seconds',
  unanswered: 'number',
  duration: 'seconds',
  answer_time: 'seconds',
  messages: 'number',
  errors: 'ratio',
  rejects: 'ratio',
  failures: 'ratio',
  success: 'ratio',
};

/** Signals that are times, kept as histograms. */
export const TIMES = ['duration', 'answer_time'] as const satisfies readonly BoundSignal[];

export function isTime(name: string): name is (typeof TIMES)[number] {
  return TIMES.some((time) => time === name);
}

/** What a bound asks to be computed, as one item of the label `asked`: `p95:5m`. */
export function askedOf({ statistic, window }: { readonly statistic: string; readonly window: string }): string {
  return `${statistic}:${window}`;
}

export function isBoundSignal(name: string): name is BoundSignal {
  return BOUND_SIGNALS.some((signal) => signal === name);
}

/** A bound that is judged only where enough messages passed: of few, a share or a quantile tells nothing. */
export function needsTraffic(signal: string): boolean {
  return isBoundSignal(signal) && SIGNAL_STATISTICS[signal].some((statistic) => statistic === 'ratio' || statistic === 'p95');
}

/**
 * The stages that a bound is on: its own; for signals without one all those on which no other bound on the same is; undefined stands
 * for the flow as a whole.
 */
export function stagesOf(
  { indicator, stage, statistic }: Bound,
  { bounds, stages }: Pick<Flow, 'bounds' | 'stages'>,
): (string | undefined)[] {
  if (stage !== undefined) return [stage];
  if (!isBoundSignal(indicator)) return [undefined];
  const own = new Set(bounds.filter((other) => other.indicator === indicator && other.statistic === statistic).map((other) => other.stage));
  return stages.filter((one) => !own.has(one));
}
