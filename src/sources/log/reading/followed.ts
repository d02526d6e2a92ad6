// A file as the follower sees it from look to look.

import type { BigIntStats } from 'node:fs';
import type { LogFile } from './log-file.js';

/** How finely it is known when which bytes came. */
const MAX_ARRIVALS = 64;

interface Arrival {
  readonly size: number;
  /** Monotonic time of the look that saw this size first. */
  readonly at: number;
}

export class Followed {
  /** A glob names it now. */
  named = true;
  /** It is no copy of another file, or its place is known: it may be read. */
  settled: boolean;
  /** All complete records have been read. */
  atEnd = false;
  /** What it looked like when its descriptor was given up, to see when it changes. */
  resting: BigIntStats | undefined;
  #arrivals: Arrival[] = [];
  #size = 0;
  /** How much of the size is known to be of the content that is read: a file may be cut and written anew between two looks. */
  #confirmed = 0;
  #grewAt: number;

  constructor(
    readonly file: LogFile,
    settled: boolean,
    now: number,
  ) {
    this.settled = settled;
    this.#grewAt = now;
  }

  /** The most bytes that it was seen to have since it was cut, as far as is known. */
  get size(): number {
    return this.#size;
  }

  /** The most bytes that its content was seen to have. */
  get confirmed(): number {
    return Math.max(this.#confirmed, this.file.mark.position);
  }

  /** Monotonic time at which it was seen to grow. */
  get grewAt(): number {
    return this.#grewAt;
  }

  /** Bytes that were seen and have not been read. */
  get unread(): number {
    return Math.max(0, this.#size - this.file.mark.position);
  }

  /** It is still the content that is read: what was seen of its size is that content's. */
  confirm(): void {
    this.#confirmed = this.#size;
  }

  /** Monotonic time since when there have been bytes that are not read, as far as looks can tell. */
  get unreadSince(): number | undefined {
    const { position } = this.file.mark;
    return this.#arrivals.find(({ size }) => size > position)?.at;
  }

  see(size: number, now: number): void {
    const { position } = this.file.mark;
    // Nobody can tell whether it is what a copy begins with: nothing of it was read.
    if (size < this.#size && position === 0) this.#forget();
    this.#arrivals = this.#arrivals.filter((arrival) => arrival.size > position);
    if (size <= this.#size) return;
    this.#size = size;
    this.#grewAt = now;
    if (this.#arrivals.length >= MAX_ARRIVALS) this.#arrivals = this.#arrivals.filter((_, index) => index % 2 === 0);
    this.#arrivals.push({ size, at: now });
  }

  /** It was cut: what comes is another content. */
  beginAnew(now: number): void {
    this.file.rewind();
    this.#forget();
    this.#grewAt = now;
  }

  /** So many bytes are known to be of the content that is read now. */
  resize(size: number): void {
    this.#size = Math.max(size, this.file.mark.position);
    this.#arrivals = this.#arrivals.filter((arrival) => arrival.size <= this.#size);
  }

  /** Its end was cut off, but nothing of what has been read. @returns how many bytes are gone that were seen */
  shrink(size: number): number {
    const remaining = Math.max(size, this.file.mark.position);
    const lost = Math.max(0, this.#size - remaining);
    this.#size = remaining;
    this.#confirmed = remaining;
    return lost;
  }

  #forget(): void {
    this.#arrivals = [];
    this.#size = 0;
    this.#confirmed = 0;
  }
}
