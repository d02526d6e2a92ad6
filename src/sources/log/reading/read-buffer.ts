// The memory that pieces are read into: a buffer, larger only while a record needs it, and another one while there is much to read.

/** What is read at a time. */
export const PIECE_BYTES = 1024 * 1024;

export class ReadBuffer {
  #bytes: Buffer | undefined;
  #other: ReadBuffer | undefined;

  /** A second one, for what is read while this one is worked on. */
  get other(): ReadBuffer {
    this.#other ??= new ReadBuffer();
    return this.#other;
  }

  /** So many bytes, until the next call; what stood in them may be anything. */
  of(length: number): Buffer {
    if (!this.#bytes || this.#bytes.length < length) this.#bytes = Buffer.allocUnsafeSlow(length);
    return this.#bytes.subarray(0, length);
  }

  /** Gives back what was more than usual. */
  shrink(usual: number): void {
    if (this.#bytes && this.#bytes.length > usual) this.#bytes = undefined;
    this.#other = undefined;
  }
}
