// Goes through the content of a compressed file once, to know it again: whether it begins with what has been read elsewhere.

import type { GzipContent } from './gzip-content.js';
import { compared, fingerprint, MARK_BYTES, type Mark } from './mark.js';

/** The last bytes of what has gone by. */
export class Passed {
  position = 0;
  #last: Buffer = Buffer.alloc(0);

  add(chunk: Buffer): void {
    this.#last = Buffer.from(this.#with(chunk));
    this.position += chunk.length;
  }

  /** The last bytes once `chunk` has gone by too. */
  #with(chunk: Buffer): Buffer {
    return chunk.length >= MARK_BYTES ? chunk.subarray(-MARK_BYTES) : Buffer.concat([this.#last, chunk]).subarray(-MARK_BYTES);
  }

  /** The bytes that the tail of a mark is made from which stands at the end of `chunk`. */
  tail(chunk: Buffer): Buffer {
    const bytes = this.#with(chunk);
    return bytes.subarray(-compared(this.position + chunk.length));
  }
}

export class Survey {
  readonly #content: GzipContent;
  readonly #passed = new Passed();
  readonly #verified = new Set<Mark>();
  #end = '';

  /** @param marks of which the head is known to fit */
  constructor(
    content: GzipContent,
    readonly marks: readonly Mark[],
  ) {
    this.#content = content;
  }

  /** Bytes of the whole content, when it is done. */
  get length(): number {
    return this.#passed.position;
  }

  /** Fingerprint of its last bytes. */
  get tail(): string {
    return this.#end;
  }

  fits(mark: Mark): boolean {
    return this.#verified.has(mark);
  }

  /** @returns whether it has reached the end. @throws GzipError, or a system error */
  async goOn(bytes: number, stop: () => boolean): Promise<boolean> {
    const enough = this.#passed.position + bytes;
    while (this.#passed.position < enough && !stop()) {
      const chunk = await this.#content.next();
      if (!chunk) return true;
      const start = this.#passed.position;
      for (const mark of this.marks) {
        if (mark.position <= start || mark.position > start + chunk.length) continue;
        if (fingerprint(this.#passed.tail(chunk.subarray(0, mark.position - start))) === mark.tail) this.#verified.add(mark);
      }
      this.#end = fingerprint(this.#passed.tail(chunk));
      this.#passed.add(chunk);
    }
    return false;
  }
}
