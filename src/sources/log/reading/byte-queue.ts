// Bytes between whoever delivers them and the look that reads them: bounded, so that what is too much is left out and counted.

export interface Delivery {
  readonly bytes: Buffer;
  /** Bytes that were left out before it. */
  readonly gap: number;
  /** It is the first of another content. */
  readonly begins: boolean;
  /** Monotonic. */
  readonly at: number;
}

export class ByteQueue {
  readonly #limit: number;
  #deliveries: Delivery[] = [];
  #size = 0;
  /** Left out, and nothing has come after. */
  #gap = 0;
  #begins = false;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#size;
  }

  get isFull(): boolean {
    return this.#size >= this.#limit;
  }

  /** When the oldest came; undefined where there is nothing. */
  get since(): number | undefined {
    return this.#deliveries[0]?.at;
  }

  /** What comes now is another content. */
  begin(): void {
    this.#begins = true;
  }

  /** @returns how many bytes there was no room for: all of them, or none */
  put(bytes: Buffer, now: number): number {
    if (this.isFull) {
      this.#gap += bytes.length;
      return bytes.length;
    }
    this.#deliveries.push({ bytes, gap: this.#gap, begins: this.#begins, at: now });
    this.#gap = 0;
    this.#begins = false;
    this.#size += bytes.length;
    return 0;
  }

  /** @returns about so many bytes that belong together, the oldest first; undefined where there is nothing */
  take(about: number): Delivery | undefined {
    const [first, ...rest] = this.#deliveries;
    if (!first) return undefined;
    const parts = [first.bytes];
    let length = first.bytes.length;
    for (const { bytes, gap, begins } of rest) {
      if (gap > 0 || begins || length >= about) break;
      parts.push(bytes);
      length += bytes.length;
    }
    this.#deliveries = this.#deliveries.slice(parts.length);
    this.#size -= length;
    return { ...first, bytes: Buffer.concat(parts) };
  }
}
