// The phases of a probe, and how long each took.

import type { Clock } from '../../domain/clock.js';

/** In the order in which a probe passes them; `tls` for https only. */
export const PHASES = ['resolve', 'connect', 'tls', 'send', 'wait', 'transfer'] as const;
export type Phase = (typeof PHASES)[number];

/** Measures one phase after the other; over redirects, the same phase adds up. */
export class Stopwatch {
  readonly #clock: Clock;
  readonly #milliseconds = new Map<Phase, number>();
  #phase: Phase = 'resolve';
  #since: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The phase that runs, or ran last. */
  get phase(): Phase {
    return this.#phase;
  }

  enter(phase: Phase): void {
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
