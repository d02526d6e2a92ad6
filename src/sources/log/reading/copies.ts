// copytruncate copies a log and then cuts it. Where the globs find the copy, its lines must not count a second time, and what was
// written between the last look and the cut is found in the copy alone.

import type { Gone, GoneContents } from './gone.js';
import type { LogFile } from './log-file.js';
import { compared, isEvidence, NOTHING, type Mark } from './mark.js';

/** A copy that has not grown for so long is complete. */
const COMPLETE_AFTER_MS = 60_000;

interface Held {
  readonly original: LogFile;
  readonly size: number;
  /** Monotonic. */
  readonly since: number;
}

export class Copies {
  readonly #gone: GoneContents;
  /** Copies of files that have not been cut: their lines are read from the original. */
  readonly #held = new Map<LogFile, Held>();

  constructor(gone: GoneContents) {
    this.#gone = gone;
  }

  forget(file: LogFile): void {
    this.#held.delete(file);
  }

  /**
   * Finds out whether a file of which nothing has been read is a copy, and sets it to the place from which its lines are new.
   * @returns whether it is settled; where not, it must not be read yet
   */
  async settle(file: LogFile, others: Iterable<LogFile>, now: number): Promise<boolean> {
    const size = await file.size();
    if (size === 0) return false;
    const gone = await this.#findGone(file, size);
    if (gone) {
      this.#gone.claim(gone);
      return this.#release(file, size < gone.mark.position ? size : gone.mark);
    }
    const original = await this.#findOriginal(file, size, others);
    if (!original) return (await isUnsettled(others)) ? false : this.#release(file, NOTHING);
    const held = this.#held.get(file);
    if (held?.original !== original || held.size !== size) {
      this.#held.set(file, { original, size, since: now });
      return false;
    }
    const complete = now - held.since >= COMPLETE_AFTER_MS && original.mark.position >= size;
    return complete && this.#release(file, isEvidence(size) ? size : NOTHING);
  }

  async #release(file: LogFile, place: Mark | number): Promise<true> {
    this.#held.delete(file);
    if (typeof place === 'number') await file.moveTo(place);
    else file.goOn(place);
    return true;
  }

  async #findGone(file: LogFile, size: number): Promise<Gone | undefined> {
    const held = this.#held.get(file);
    let best: Gone | undefined;
    for (const gone of this.#gone.all) {
      const { position } = gone.mark;
      if (best && best.mark.position >= position) continue;
      // The original may have been read beyond the end of a copy that was made before.
      const isShorter = held !== undefined && held.original === gone.file && size < position && isEvidence(size);
      if (isShorter || (size >= position && (await file.continues(gone.mark)))) best = gone;
    }
    return best;
  }

  async #findOriginal(file: LogFile, size: number, others: Iterable<LogFile>): Promise<LogFile | undefined> {
    for (const other of others) {
      if (other !== file && other.isOpen && (await isPrefix(file, size, other))) return other;
    }
    return undefined;
  }
}

/** One has been cut since it was looked at, so that it may have been the original. That it was cut is seen at the next look. */
async function isUnsettled(others: Iterable<LogFile>): Promise<boolean> {
  for (const other of others) if (other.isOpen && !(await other.continues(other.mark))) return true;
  return false;
}

async function isPrefix(file: LogFile, size: number, other: LogFile): Promise<boolean> {
  if ((await other.size()) < size) return false;
  const head = compared(size);
  return (await areEqual(file, other, 0, head)) && (await areEqual(file, other, size - head, size));
}

async function areEqual(a: LogFile, b: LogFile, from: number, to: number): Promise<boolean> {
  return (await a.bytes(from, to)).equals(await b.bytes(from, to));
}
