// How much time of the database a source may use: a bucket that fills by so many seconds a minute. Pure.

const MINUTE_MS = 60_000;

export class LoadBudget {
  /** Milliseconds of query time gained in a millisecond. */
  readonly #rate: number;
  readonly #most: number;
  #level: number;
  #at: number;

  /**
   * @param budgetMs milliseconds of query time for each minute; so much is there at the start, too
   * @param now monotonic milliseconds
   */
  constructor(budgetMs: number, now: number) {
    this.#rate = budgetMs / MINUTE_MS;
    this.#most = budgetMs;
    this.#level = budgetMs;
    this.#at = now;
  }

  /** Takes what a query has used. More than there is may be used: later ones wait for it. */
  spend(ms: number, now: number): void {
    this.#fill(now);
    this.#level -= ms;
  }

  /** Milliseconds until nothing is owed any more; 0 where nothing is. */
  wait(now: number): number {
    this.#fill(now);
    return this.#level >= 0 ? 0 : -this.#level / this.#rate;
  }

  #fill(now: number): void {
    this.#level = Math.min(this.#most, this.#level + (now - this.#at) * this.#rate);
    this.#at = now;
  }
}
