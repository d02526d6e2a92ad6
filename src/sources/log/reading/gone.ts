// Contents that are gone: cut off, or without a name and closed. A copy of one may be there or turn up, and what was not read of it may be
// found in the copy alone; where none comes, it is lost.

import type { LogFile } from './log-file.js';
import type { Mark } from './mark.js';

/** Contents that are remembered. */
const MAX_GONE = 256;

export interface Gone {
  /** How far it was read. */
  readonly mark: Mark;
  /** Bytes that were seen after that. */
  readonly unread: number;
  /** Monotonic. */
  readonly since: number;
  /** Device, inode and birth time of its file, by which it is known again should it come back. */
  readonly id: string | undefined;
  /** What held it in this process, and which of its contents it was. */
  readonly file: LogFile | undefined;
  readonly contents: number;
}

export class GoneContents {
  #all: Gone[] = [];

  get all(): readonly Gone[] {
    return this.#all;
  }

  /** What nobody has read can be known by nothing, and is left out. */
  add(gone: Gone): void {
    if (gone.mark.position === 0) return;
    this.#all.push(gone);
    if (this.#all.length <= MAX_GONE) return;
    // What is lost is still to be told.
    const oldest = this.#all.findIndex(({ unread }) => unread === 0);
    this.#all.splice(Math.max(0, oldest), 1);
  }

  /** Its copy has been found: each content has one at most. */
  claim(gone: Gone): void {
    this.#all = this.#all.filter((other) => other !== gone);
  }

  /** @returns unread bytes of what was gone before that moment, each told once */
  lose(before: number): number {
    const lost = this.#all.filter(({ unread, since }) => unread > 0 && since <= before);
    if (lost.length === 0) return 0;
    this.#all = this.#all.map((gone) => (lost.includes(gone) ? { ...gone, unread: 0 } : gone));
    return lost.reduce((sum, { unread }) => sum + unread, 0);
  }
}
