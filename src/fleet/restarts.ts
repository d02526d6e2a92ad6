// When a process that ended is started again, and when it counts as being in a crash loop. Pure; times are given.

/** A run shorter than this counts as dying soon after the start. */
export const SOON_MS = 60_000;
const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 60_000;
/** So many runs in a row that ended soon make a crash loop. */
const CRASH_LOOP_RUNS = 3;

/** The history of one exporter's ends. Times are monotonic milliseconds. */
export class RestartHistory {
  #startedAt: number | undefined;
  #soonInARow = 0;

  started(now: number): void {
    this.#startedAt = now;
  }

  /** @returns milliseconds to wait before the next start: 1 s, doubled with each run that ended soon, up to 60 s. */
  ended(now: number): number {
    const soon = this.#startedAt !== undefined && now - this.#startedAt < SOON_MS;
    this.#soonInARow = soon ? this.#soonInARow + 1 : 1;
    this.#startedAt = undefined;
    return Math.min(FIRST_DELAY_MS * 2 ** (this.#soonInARow - 1), LONGEST_DELAY_MS);
  }

  /** The last three runs or more ended within a minute of their start, and the present one (if any) is not a minute old yet. */
  crashLooping(now: number): boolean {
    if (this.#startedAt !== undefined && now - this.#startedAt >= SOON_MS) return false;
    return this.#soonInARow >= CRASH_LOOP_RUNS;
  }
}
