// A flow as the YAML declares it, after references are checked and defaults applied.

export type Criticality = 'low' | 'medium' | 'high' | 'critical';
export type Direction = 'inbound' | 'outbound' | 'internal';

/** What happened to a message at a stage. */
export const OUTCOMES = ['ok', 'error', 'rejected'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** A bound on a signal or an indicator of a flow, as an intention: the catalogue exports it, rules judge by it. */
export interface Bound {
  readonly indicator: string;
  readonly severity: 'warning' | 'critical';
  readonly side: 'above' | 'below';
  readonly value: number;
  /** How long the bound must be crossed without a break, as a Prometheus duration; one of `BOUND_WINDOWS`. */
  readonly window: string;
}

/** The windows a bound may name. Rules are written once for each of them, so the list is short. */
export const BOUND_WINDOWS = ['1m', '5m', '15m', '30m', '1h', '1d'] as const;

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
}
