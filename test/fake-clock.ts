// A clock that stands still until a test moves it. The wall clock can jump, backwards too; monotonic time only goes on.

import type { Clock, Timer } from '../src/domain/clock.js';

interface Pending {
  readonly due: number;
  readonly callback: () => void;
}

export class FakeClock implements Clock {
  #monotonic = 0;
  #wallOffset: number;
  #pending: Pending[] = [];

  /** @param start wall clock at the start, as `Date.parse` reads it */
  constructor(start = '2026-03-02T08:00:00Z') {
    this.#wallOffset = Date.parse(start);
  }

  now(): number {
    return this.#wallOffset + this.#monotonic;
  }

  monotonic(): number {
    return this.#monotonic;
  }

  after(ms: number, callback: () => void): Timer {
    const pending = { due: this.#monotonic + Math.max(ms, 0), callback };
    this.#pending.push(pending);
    return { cancel: () => void (this.#pending = this.#pending.filter((other) => other !== pending)) };
  }

  /** Somebody sets the wall clock: timers and durations do not care. */
  jump(ms: number): void {
    this.#wallOffset += ms;
  }

  get pendingTimers(): number {
    return this.#pending.length;
  }

  /** Lets time pass. Timers fire in order, each at its own moment; promises settle after each of them. */
  async advance(ms: number): Promise<void> {
    const end = this.#monotonic + ms;
    await settle();
    for (;;) {
      const next = this.#pending.filter(({ due }) => due <= end).toSorted((a, b) => a.due - b.due)[0];
      if (!next) break;
      this.#pending = this.#pending.filter((other) => other !== next);
      this.#monotonic = Math.max(this.#monotonic, next.due);
      next.callback();
      await settle();
    }
    this.#monotonic = end;
    await settle();
  }
}

/** Code that waits for a turn of the event loop, perhaps twice, shall have gone on. */
const TURNS = 3;

/** Waits until all promises that can settle without I/O have. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) await new Promise((resolve) => setImmediate(resolve));
}
