// copytruncate copies a log and then cuts it. Where the globs find the copy, its lines must not count a second time, and what was
// written between the last look and the cut is found in the copy alone.

import type { Gone, GoneContents } from './gone.js';
import type { LogFile } from './log-file.js';
import { beginsLike, compared, isEvidence, MARK_BYTES, NOTHING, type Mark } from './mark.js';

/** A copy that has not grown for so long is complete. */
const COMPLETE_AFTER_MS = 60_000;

interface Held {
  readonly original: LogFile;
  /** Which of its contents. */
  readonly contents: number;
  readonly size: number;
  /** Monotonic. */
  readonly since: number;
}

/** Files that may have copies, with their first bytes, which are read once: there may be hundreds. */
export class Originals {
  readonly #heads = new Map<LogFile, Buffer | undefined>();

  constructor(files: readonly LogFile[]) {
    for (const file of files) this.add(file);
  }

  add(file: LogFile): void {
    this.#heads.set(file, undefined);
  }

  /** @returns those that begin with these bytes. @throws a system error */
  async beginningWith(head: Buffer): Promise<LogFile[]> {
    const found: LogFile[] = [];
    for (const [file, known] of this.#heads) {
      if (!file.isOpen) continue;
      const start = known ?? (await file.bytes(0, MARK_BYTES));
      // A shorter one may still grow.
      if (start.length === MARK_BYTES) this.#heads.set(file, start);
      if (start.length >= head.length && start.subarray(0, head.length).equals(head)) found.push(file);
    }
    return found;
  }
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
   * @returns `new`, as far as the originals have not been cut meanwhile; `open`: it must not be read yet
   */
  async settle(file: LogFile, originals: Originals, now: number): Promise<'copy' | 'new' | 'open'> {
    const size = await file.size();
    if (size === 0) return 'open';
    const gone = await this.#findGone(file, size);
    if (gone) {
      this.#gone.claim(gone);
      return this.#release(file, size < gone.mark.position ? size : gone.mark, 'copy');
    }
    const original = await findOriginal(file, size, originals);
    if (!original) return this.#release(file, NOTHING, 'new');
    const held = this.#held.get(file);
    if (held?.original !== original || held.contents !== original.contents || held.size !== size) {
      this.#held.set(file, { original, contents: original.contents, size, since: now });
      return 'open';
    }
    const complete = now - held.since >= COMPLETE_AFTER_MS && original.mark.position >= size;
    return complete ? this.#release(file, isEvidence(size) ? size : NOTHING, 'copy') : 'open';
  }

  async #release<T>(file: LogFile, place: Mark | number, verdict: T): Promise<T> {
    this.#held.delete(file);
    if (typeof place === 'number') await file.moveTo(place);
    else file.goOn(place);
    return verdict;
  }

  async #findGone(file: LogFile, size: number): Promise<Gone | undefined> {
    const held = this.#held.get(file);
    const head = await file.bytes(0, MARK_BYTES);
    let best: Gone | undefined;
    for (const gone of this.#gone.all) {
      const { position } = gone.mark;
      if (best && best.mark.position >= position) continue;
      // The original may have been read beyond the end of a copy that was made before.
      const isItsCopy = held !== undefined && held.original === gone.file && held.contents === gone.contents;
      const isShorter = isItsCopy && size < position && isEvidence(size);
      if (isShorter || (size >= position && beginsLike(head, gone.mark) && (await file.continues(gone.mark)))) best = gone;
    }
    return best;
  }
}

async function findOriginal(file: LogFile, size: number, originals: Originals): Promise<LogFile | undefined> {
  for (const other of await originals.beginningWith(await file.bytes(0, compared(size)))) {
    if (other !== file && (await isPrefix(file, size, other))) return other;
  }
  return undefined;
}

async function isPrefix(file: LogFile, size: number, other: LogFile): Promise<boolean> {
  if ((await other.size()) < size) return false;
  const head = compared(size);
  return (await areEqual(file, other, 0, head)) && (await areEqual(file, other, size - head, size));
}

async function areEqual(a: LogFile, b: LogFile, from: number, to: number): Promise<boolean> {
  return (await a.bytes(from, to)).equals(await b.bytes(from, to));
}
