// Things that began at some time, of which the oldest is asked for again and again while any of them may end: a binary heap.

export interface Begun {
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
}

/** Dead entries may be as many as living ones, and these more, before they are thrown out. */
const SLACK = 64;

export class OldestFirst<T extends Begun> {
  readonly #alive = new Set<T>();
  /** Each entry is not younger than the two at 2i + 1 and 2i + 2. What has ended stays until it comes to the top, or is thrown out. */
  #heap: T[] = [];

  get size(): number {
    return this.#alive.size;
  }

  /** All, in no particular order. */
  [Symbol.iterator](): IterableIterator<T> {
    return this.#alive.values();
  }

  add(item: T): void {
    this.#alive.add(item);
    this.#push(item);
  }

  remove(item: T): void {
    this.#alive.delete(item);
    if (this.#heap.length <= 2 * this.#alive.size + SLACK) return;
    this.#heap = [];
    for (const living of this.#alive) this.#push(living);
  }

  oldest(): T | undefined {
    for (;;) {
      const [top] = this.#heap;
      if (top === undefined || this.#alive.has(top)) return top;
      this.#pop();
    }
  }

  #push(item: T): void {
    const heap = this.#heap;
    let place = heap.push(item) - 1;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || above.at <= item.at) break;
      heap[place] = above;
      place = parent;
    }
    heap[place] = item;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let place = 0;
    for (;;) {
      const child = this.#olderChild(place);
      const below = heap[child];
      if (below === undefined || below.at >= last.at) break;
      heap[place] = below;
      place = child;
    }
    heap[place] = last;
  }

  #olderChild(place: number): number {
    const left = this.#heap[2 * place + 1];
    const right = this.#heap[2 * place + 2];
    return left !== undefined && right !== undefined && right.at < left.at ? 2 * place + 2 : 2 * place + 1;
  }
}
