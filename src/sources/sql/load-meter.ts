// What the queries of one database cost it, and how long they are to wait for that.

import type { CounterHandle } from '../../domain/accumulator.js';
import type { Clock } from '../../domain/clock.js';
import type { LoadBudget } from './load-budget.js';

export class LoadMeter {
  readonly #budget: LoadBudget | undefined;
  readonly #clock: Clock;
  readonly #counters = new Map<string, CounterHandle>();

  constructor(budget: LoadBudget | undefined, clock: Clock) {
    this.#budget = budget;
    this.#clock = clock;
  }

  /** @param counter grows by the seconds that are spent in this name */
  count(name: string, counter: CounterHandle): void {
    this.#counters.set(name, counter);
  }

  spent(name: string, ms: number): void {
    this.#counters.get(name)?.add(ms / 1000);
    this.#budget?.spend(ms, this.#clock.monotonic());
  }

  /** Milliseconds until the database may be asked again. */
  wait(): number {
    return this.#budget?.wait(this.#clock.monotonic()) ?? 0;
  }
}
