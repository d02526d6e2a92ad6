// A flow as the YAML declares it, after references are checked and defaults applied.

import type { Expectation } from './expectation-declaration.js';

export type Criticality = 'low' | 'medium' | 'high' | 'critical';
export type Direction = 'inbound' | 'outbound' | 'internal';

/** What happened to a message at a stage. */
export const OUTCOMES = ['ok', 'error', 'rejected'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** Signals that bounds may name; any other name is that of an indicator. */
export const BOUND_SIGNALS = [
  'backlog',
  'backlog_age',
  'duration',
  'messages',
  'errors',
  'rejects',
  'failures',
  'success',
  'unanswered',
  'answer_time',
] as const;
export type BoundSignal = (typeof BOUND_SIGNALS)[number];

/** `held`: the value itself, without a break for as long as the window; all others are computed over the window. */
export const STATISTICS = ['held', 'avg', 'min', 'max', 'p50', 'p95', 'p99', 'sum', 'rate', 'ratio'] as const;
export type Statistic = (typeof STATISTICS)[number];

/** A bound on a signal or an indicator of a flow, as an intention: the catalogue exports it, rules judge by it. */
export interface Bound {
  /** One of `BOUND_SIGNALS`, or an indicator of the flow. */
  readonly indicator: string;
  /** Of this stage only; undefined: of each stage for signals, of the flow for indicators. */
  readonly stage?: string | undefined;
  readonly statistic: Statistic;
  readonly severity: 'warning' | 'critical';
  readonly side: 'above' | 'below';
  /** In base units: seconds, messages, ratios from 0 to 1. */
  readonly value: number;
  /** How long the bound must be crossed without a break, or over which time the statistic is, as a Prometheus duration; one of `BOUND_WINDOWS`. */
  readonly window: string;
  /** Judged only where so many messages passed within the window. */
  readonly minMessages?: number | undefined;
  /** Told so many seconds before it will be crossed. */
  readonly forecast?: number | undefined;
  /** Judged outside the opening hours too. */
  readonly always?: boolean | undefined;
}

/** The windows a bound may name. Rules are written once for each of them, so the list is short. */
export const BOUND_WINDOWS = ['1m', '5m', '15m', '30m', '1h', '1d'] as const;

/** A value that the owner of a flow names. */
export interface Indicator {
  readonly name: string;
  readonly title: string;
  /** What Prometheus computes it from; undefined where a source feeds it. */
  readonly promql: string | undefined;
}

/** Over how many days an objective may be. What is left of its budget is recorded once for each of them, so the list is short. */
export const OBJECTIVE_DAYS = [7, 28, 30, 90] as const;

/** `within` of the messages of a stage pass it within `threshold`, or end without error, over `window`. */
export interface Objective {
  readonly name: string;
  readonly stage: string;
  /** Seconds, one of `DURATION_BUCKETS`; undefined: of those that end without error. */
  readonly threshold: number | undefined;
  /** From 0 to 1. */
  readonly ratio: number;
  /** One of `OBJECTIVE_DAYS`. */
  readonly days: number;
}

/** Something that must work for the flow to work. */
export interface Dependency {
  readonly kind: 'endpoint' | 'flow' | 'platform';
  readonly name: string;
}

/** What enters at `from` leaves at `to`, or is refused on the way. */
export interface Conservation {
  readonly from: string;
  readonly to: string;
  /** From 0 to 1. */
  readonly tolerance: number;
  readonly window: '1h' | '1d';
}

/** Two paths of a stage carry the same messages. */
export interface Parity {
  readonly stage: string;
  readonly paths: readonly [string, string];
  /** From 0 to 1. */
  readonly tolerance: number;
  readonly window: '1h' | '1d';
}

/** Shares of the usual number of messages of an hour beyond which it is unusual. */
export interface Anomaly {
  readonly stage: string;
  readonly below: number | undefined;
  readonly above: number | undefined;
}

export interface Flow {
  readonly name: string;
  readonly title: string;
  readonly team: string;
  readonly criticality: Criticality;
  readonly direction: Direction;
  readonly partners: readonly string[];
  /** In the order in which a message passes them. */
  readonly stages: readonly string[];
  /** The environments in which the flow runs; at least one. */
  readonly environments: readonly string[];
  /** Name of the calendar with its opening hours; without one the flow is always open. */
  readonly calendar: string | undefined;
  /** URL of the page that tells what to do. */
  readonly runbook: string | undefined;
  readonly bounds: readonly Bound[];
  readonly expectations?: readonly Expectation[];
  readonly indicators?: readonly Indicator[];
  readonly objectives?: readonly Objective[];
  readonly dependsOn?: readonly Dependency[];
  readonly conservation?: readonly Conservation[];
  readonly parity?: readonly Parity[];
  readonly anomalies?: readonly Anomaly[];
}
