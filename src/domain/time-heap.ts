// Entries by their time, of which the oldest is known at once and any can be taken out: a binary heap in which each entry knows
// its place. Adding in the order of time, as most logs come, moves nothing.

export interface Timed {
  /** Any unit; finite. */
  readonly time: number;
  /** Where it stands in the heap that holds it, which alone writes it. */
  place: number;
}

export class TimeHeap<Entry extends Timed> {
  /** No entry is older than its parent: that of place n stands at (n - 1) / 2, rounded down. */
  readonly #entries: Entry[] = [];

  get size(): number {
    return this.#entries.length;
  }

  get oldest(): Entry | undefined {
    return this.#entries[0];
  }

  /** In no order. */
  values(): Iterable<Entry> {
    return this.#entries;
  }

  add(entry: Entry): void {
    this.#rise(entry, this.#entries.length);
  }

  /** @param entry must be in this heap */
  remove(entry: Entry): void {
    const last = this.#entries.pop();
    if (!last || last === entry) return;
    // The last one takes the free place, and from there goes up or down.
    if (this.#rise(last, entry.place) === entry.place) this.#sink(last, entry.place);
  }

  /** Takes out and gives the oldest one as long as they are before the time. */
  *before(time: number): Generator<Entry> {
    for (let { oldest } = this; oldest && oldest.time < time; { oldest } = this) {
      this.remove(oldest);
      yield oldest;
    }
  }

  /** Puts it at the place, or above it where those are younger. @returns where */
  #rise(entry: Entry, from: number): number {
    let place = from;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = this.#entries[above];
      if (!parent || parent.time <= entry.time) break;
      this.#put(parent, place);
      place = above;
    }
    this.#put(entry, place);
    return place;
  }

  #sink(entry: Entry, from: number): void {
    let place = from;
    for (;;) {
      const child = this.#olderChild(place);
      if (!child || child.time >= entry.time) break;
      const below = child.place;
      this.#put(child, place);
      place = below;
    }
    this.#put(entry, place);
  }

  #olderChild(place: number): Entry | undefined {
    const left = this.#entries[2 * place + 1];
    const right = this.#entries[2 * place + 2];
    return left && right && right.time < left.time ? right : left;
  }

  #put(entry: Entry, place: number): void {
    this.#entries[place] = entry;
    entry.place = place;
  }
}
