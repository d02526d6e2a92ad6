// How fast counters grow: what they were up to a minute ago, compared with what they are.

const WINDOW_MS = 60_000;
/** Between the states that are kept, so that many series cost little memory. */
const STEP_MS = 5_000;
/** A rate over less would jump from look to look. */
const SHORTEST_MS = 4_000;

interface State {
  readonly at: number;
  readonly totals: ReadonlyMap<string, number>;
}

/** Counters of one process; forget it with `clear` when the process is another one. */
export class RateWindow {
  #past: State[] = [];
  #newest: State | undefined;

  /** @param at monotonic milliseconds */
  note(at: number, totals: ReadonlyMap<string, number>): void {
    this.#newest = { at, totals };
    const last = this.#past.at(-1);
    if (!last || at - last.at >= STEP_MS) this.#past.push(this.#newest);
    while ((this.#past[1]?.at ?? at) <= at - WINDOW_MS) this.#past.shift();
  }

  clear(): void {
    this.#past = [];
    this.#newest = undefined;
  }

  /**
   * Growth over the last minute, or over what is known of it scaled to a minute.
   * Undefined while less than 4 s are known, and after a counter fell: then it counts something else now.
   */
  perMinute(key: string): number | undefined {
    const now = this.#newest?.totals.get(key);
    if (this.#newest === undefined || now === undefined) return undefined;
    for (const { at, totals } of this.#past) {
      const then = totals.get(key);
      if (then === undefined) continue;
      const span = this.#newest.at - at;
      return span < SHORTEST_MS || now < then ? undefined : ((now - then) / span) * WINDOW_MS;
    }
    return undefined;
  }
}
