// copytruncate copies a log and then cuts it. Where the globs find the copy, its lines must not count a second time, and what was
// written between the last look and the cut is found in the copy alone.

import type { LogFile, Mark } from './log-file.js';

/** Cut contents that are remembered; each is claimed by one copy at most. */
const MAX_CUTS = 64;
/** How many bytes are compared at the start and at the end of what may be a copy. Less may be equal by chance: half a line, a banner. */
const COMPARED_BYTES = 256;
/** A copy that has not grown for so long is complete. */
const COMPLETE_AFTER_MS = 60_000;

interface Held {
  readonly original: LogFile;
  size: number;
  /** Monotonic. */
  since: number;
}

export class Copies {
  readonly #cuts: { readonly mark: Mark; readonly file: LogFile | undefined }[] = [];
  /** Copies of files that have not been cut: their lines are read from the original. */
  readonly #held = new Map<LogFile, Held>();

  constructor(cuts: readonly Mark[] = []) {
    this.#cuts = cuts.map((mark) => ({ mark, file: undefined }));
  }

  get cuts(): Mark[] {
    return this.#cuts.map(({ mark }) => mark);
  }

  isHeld(file: LogFile): boolean {
    return this.#held.has(file);
  }

  forget(file: LogFile): void {
    this.#held.delete(file);
  }

  /** The content of the file that was read up to this mark is gone; a copy of it may be there, or turn up. */
  contentGone(file: LogFile, mark: Mark): void {
    if (mark.position === 0) return;
    this.#cuts.push({ mark, file });
    if (this.#cuts.length > MAX_CUTS) this.#cuts.shift();
  }

  /**
   * Finds out whether a file of which nothing has been read is a copy, and sets it to the place from which its lines are new.
   * @returns whether it is settled; where not, it must not be read yet
   */
  async settle(file: LogFile, others: Iterable<LogFile>, now: number): Promise<boolean> {
    const size = await file.size();
    if (size === 0) return false;
    const position = await this.#claimCut(file, size);
    if (position !== undefined) return this.#release(file, position);
    const original = await this.#findOriginal(file, size, others);
    if (!original) return this.#release(file, 0);
    const held = this.#held.get(file);
    if (held?.original !== original || held.size !== size) {
      this.#held.set(file, { original, size, since: now });
      return false;
    }
    const complete = now - held.since >= COMPLETE_AFTER_MS && original.mark.position >= size;
    return complete && this.#release(file, isEvidence(size) ? size : 0);
  }

  async #release(file: LogFile, position: number): Promise<true> {
    this.#held.delete(file);
    if (position > 0) await file.moveTo(position);
    return true;
  }

  async #claimCut(file: LogFile, size: number): Promise<number | undefined> {
    const held = this.#held.get(file);
    for (const [index, { mark, file: original }] of this.#cuts.entries()) {
      const { position } = mark;
      // The original may have been read beyond the end of a copy that was made before.
      const isShorter = held !== undefined && held.original === original && size < position && isEvidence(size);
      if (!isShorter && (size < position || !(await file.continues(mark)))) continue;
      this.#cuts.splice(index, 1);
      return Math.min(position, size);
    }
    return undefined;
  }

  async #findOriginal(file: LogFile, size: number, others: Iterable<LogFile>): Promise<LogFile | undefined> {
    for (const other of others) {
      if (other !== file && other.isOpen && other.mark.position > 0 && (await isPrefix(file, size, other))) return other;
    }
    return undefined;
  }
}

/** Whether so many equal bytes tell that two contents are one. */
export function isEvidence(size: number): boolean {
  return size >= COMPARED_BYTES;
}

async function isPrefix(file: LogFile, size: number, other: LogFile): Promise<boolean> {
  if ((await other.size()) < size) return false;
  const head = Math.min(size, COMPARED_BYTES);
  return (await areEqual(file, other, 0, head)) && (await areEqual(file, other, size - head, size));
}

async function areEqual(a: LogFile, b: LogFile, from: number, to: number): Promise<boolean> {
  return (await a.bytes(from, to)).equals(await b.bytes(from, to));
}
