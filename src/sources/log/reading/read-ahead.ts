// Reads bytes of a file that will be wanted next while others are worked on.

import type { ReadBuffer } from './read-buffer.js';

/** Bytes from a place of the file on, into the buffer; fewer where the file ends. */
type Fill = (buffer: Buffer, from: number) => Promise<Buffer>;

interface Started {
  readonly length: number;
  readonly from: number;
  readonly bytes: Promise<Buffer>;
}

export class ReadAhead {
  readonly #fill: Fill;
  /** What is worked on, and what is read meanwhile. */
  #buffers: readonly [ReadBuffer, ReadBuffer];
  #started: Started | undefined;

  /** @param buffer that the caller has anyway; where something is read ahead, there is another one */
  constructor(buffer: ReadBuffer, fill: Fill) {
    this.#fill = fill;
    this.#buffers = [buffer, buffer.other];
  }

  /** So many bytes from the place on: those that have been read ahead, if they are the ones. What was returned before is overwritten later. */
  async read(length: number, from: number): Promise<Buffer> {
    const started = this.#started;
    this.#started = undefined;
    const bytes = await started?.bytes.catch(() => undefined);
    if (bytes && started?.length === length && started.from === from) {
      this.#buffers = [this.#buffers[1], this.#buffers[0]];
      return bytes;
    }
    return this.#fill(this.#buffers[0].of(length), from);
  }

  /** Begins to read. An error is met again by who reads there. */
  start(length: number, from: number): void {
    const bytes = this.#fill(this.#buffers[1].of(length), from);
    bytes.catch(() => undefined);
    this.#started = { length, from, bytes };
  }

  /** Resolves when nothing is read into the buffers any more. */
  async settle(): Promise<void> {
    await this.#started?.bytes.catch(() => undefined);
    this.#started = undefined;
  }
}
