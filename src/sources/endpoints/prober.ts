// What a kind of endpoint implements, and what the frame gives it: a kind knows how to ask once, the frame does everything else.

import type { Clock } from '../../domain/clock.js';
import type { Labels, MetricDefinition } from '../../domain/observation.js';
import type { LoginGuard } from '../login-guard.js';
import type { Stopwatch } from './phases.js';
import type { Failure } from './reasons.js';

/** One probe, while it runs. */
export interface ProbeRun {
  /** Aborts when the time of the probe is over; what it cuts off has failed as `timeout` in the phase that runs. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** The kind enters each phase as it begins. */
  readonly watch: Stopwatch;
  /**
   * Adds a line to the transcript, as people read it on /probes: what was sent, what came, what was found. In our own words, without
   * text of bodies. Values that were hidden do not show.
   */
  readonly say: (line: string) => void;
  /** From now on this text (a secret) is written as *** in the transcript. */
  readonly hide: (secret: string) => void;
  /** A gauge of the endpoint beside those of the frame, exposed also where the probe fails later. The labels of the endpoint are added. */
  readonly observe: (metric: MetricDefinition, value: number, labels?: Labels) => void;
  /** Whether this account may try to log in: every kind that sends a credential asks first and tells the outcome. */
  readonly guard: LoginGuard;
}

/** How one endpoint is asked. */
export interface Prober {
  /** Value of the label `protocol`: http, https, tcp, … */
  readonly protocol: string;
  /** What the limit per host goes by: name or address, without the port. */
  readonly host: string;
  /** `host:port` or the URL without its query, for pages. No user, no password. */
  readonly address: string;
  /** Every way in which a probe of this endpoint may fail: these counters exist at 0 from the first scrape. */
  readonly failures: readonly Failure[];
  /** Who logs in, where somebody does (`user@host:port`): endpoints with the same account share a guard. Never shown. */
  readonly account?: string;
  /**
   * Asks once. Resolves where the endpoint is as it should be.
   * @throws ProbeError and errors of the system: the endpoint is down, for a reason that the frame finds out
   * @throws SourceError where something is missing on our side (a secret, a file): nothing is known of the endpoint then
   */
  probe(run: ProbeRun): Promise<void>;
}
