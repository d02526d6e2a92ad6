// A record as collectors keep one, in the memory of a test.

import type { StateRecord } from '../src/sources/kind.js';

export class MemoryRecord implements StateRecord {
  /** As JSON, so that nothing is shared with who wrote it. */
  text: string | undefined;
  /** Thrown by the next reads and writes, while it is set. */
  failure: Error | undefined;

  async read(): Promise<unknown> {
    if (this.failure) throw this.failure;
    return this.text === undefined ? undefined : JSON.parse(this.text);
  }

  async write(value: unknown): Promise<void> {
    if (this.failure) throw this.failure;
    this.text = JSON.stringify(value);
  }
}
