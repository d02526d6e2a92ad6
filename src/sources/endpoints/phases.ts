// The phases of a probe, and how long each took.

import type { Clock } from '../../domain/clock.js';

/**
 * In the order in which a probe passes them; no kind has them all. `proxy`: the way through a proxy. `greeting`: what the server says first.
 * `handshake`: the key exchange of SSH. `login`: everything that proves who we are, the fetching of a token too.
 */
export const PHASES = ['resolve', 'connect', 'proxy', 'greeting', 'tls', 'handshake', 'login', 'send', 'wait', 'transfer'] as const;
export type Phase = (typeof PHASES)[number];

/** Measures one phase after the other; a phase that is entered again (a redirect, a second step) adds up. */
export class Stopwatch {
  readonly #clock: Clock;
  readonly #milliseconds = new Map<Phase, number>();
  #phase: Phase = 'resolve';
  #since: number | undefined;
  #over = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The phase that runs, or ran last. */
  get phase(): Phase {
    return this.#phase;
  }

  enter(phase: Phase): void {
    if (this.#over) return;
    this.stop();
    this.#phase = phase;
    this.#since = this.#clock.monotonic();
  }

  stop(): void {
    if (this.#since === undefined) return;
    const spent = this.#clock.monotonic() - this.#since;
    this.#milliseconds.set(this.#phase, (this.#milliseconds.get(this.#phase) ?? 0) + spent);
    this.#since = undefined;
  }

  /** Ends the phase with a time that somebody else has measured better. */
  took(phase: Phase, milliseconds: number): void {
    if (this.#over) return;
    this.#phase = phase;
    this.#since = undefined;
    this.#milliseconds.set(phase, milliseconds);
  }

  /** For good: a probe that was cut off and goes on enters nothing any more. */
  end(): void {
    this.stop();
    this.#over = true;
  }

  /** Milliseconds by phase, for the phases that were reached. */
  get durations(): ReadonlyMap<Phase, number> {
    return this.#milliseconds;
  }

  get total(): number {
    let total = 0;
    for (const spent of this.#milliseconds.values()) total += spent;
    return total;
  }

  get slowest(): Phase {
    const [first] = [...this.#milliseconds].toSorted(([, a], [, b]) => b - a);
    return first?.[0] ?? this.#phase;
  }
}

/** Milliseconds as seconds, to the microsecond: what is beyond it is noise. */
export function seconds(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1e6;
}
