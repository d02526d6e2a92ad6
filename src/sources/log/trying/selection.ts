// A bounded choice of things of many sorts: rather one of each sort than many of the first.

interface Chosen<T> {
  readonly thing: T;
  /** How many of its sort came before it. */
  readonly rank: number;
}

/** Beyond these, sorts are no longer told apart. */
const MOST_SORTS = 1000;

export class Selection<T> {
  readonly #most: number;
  readonly #seen = new Map<string, number>();
  readonly #chosen: Chosen<T>[] = [];
  /** The highest rank of a full choice. */
  #known: number | undefined;

  /** @param most how many things are kept */
  constructor(most: number) {
    this.#most = most;
  }

  /** @param make is called where the thing is kept: what it returns may be dropped for others later on */
  offer(sort: string, make: () => T): void {
    const known = this.#seen.has(sort) || this.#seen.size < MOST_SORTS ? sort : '';
    const rank = this.#seen.get(known) ?? 0;
    this.#seen.set(known, rank + 1);
    if (this.#chosen.length < this.#most) {
      this.#chosen.push({ thing: make(), rank });
      return;
    }
    if (rank >= this.#highest()) return;
    const last = this.#chosen.findLastIndex(({ rank: one }) => one === this.#highest());
    this.#chosen[last] = { thing: make(), rank };
    this.#known = undefined;
  }

  /** Of the ranks chosen; 0 where there is none. */
  #highest(): number {
    this.#known ??= this.#chosen.reduce((highest, { rank }) => Math.max(highest, rank), 0);
    return this.#known;
  }

  get size(): number {
    return this.#chosen.length;
  }

  /** So many, first those that were the first of their sort. */
  first(count: number): T[] {
    return this.#chosen
      .toSorted((a, b) => a.rank - b.rank)
      .slice(0, count)
      .map(({ thing }) => thing);
  }
}
