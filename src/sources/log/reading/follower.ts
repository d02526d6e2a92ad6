// Follows all files of a source: finds them, reads what is new in the order of their birth, and lets go of those that are done with.

import type { BigIntStats } from 'node:fs';
import type { Clock } from '../../../domain/clock.js';
import type { SourceError } from '../../kind.js';
import { errorCode } from '../../system-errors.js';
import { Copies, isEvidence } from './copies.js';
import { noFileError, permissionError, readError } from './errors.js';
import { LogFile, readBuffer, type ReadLimits } from './log-file.js';
import { byBirth, scan, type FoundFile, type Scan } from './scan.js';
import type { RecordSink } from './sink.js';
import { readMark, writeState, type LogState } from './state.js';

/** A file gets so many bytes read before the next one has its turn. */
const TURN_BYTES = 16 * 1024 * 1024;
/** A file without a name is kept open until nothing has come for so long: its writer may not know yet that it was rotated. */
export const GRACE_MS = 60_000;
/** Rotation leaves a moment in which no file is there. */
export const MISSING_GRACE_MS = 10_000;
/** Descriptors that are kept open; a file beyond is opened when it changes. */
export const MAX_OPEN = 256;
/** What `close` may take to finish files that could not be found again. */
const CLOSE_LIMIT_MS = 1_000;

export interface FollowerOptions {
  readonly globs: readonly string[];
  /** Where relative globs start. */
  readonly folder: string;
  /** Where to begin in files that are there at the first look. */
  readonly from: 'start' | 'end';
  /** Longest line in bytes. */
  readonly maxLine: number;
  readonly clock: Clock;
  readonly sink: RecordSink;
  /** Where an earlier follower stopped. */
  readonly state: LogState | undefined;
}

export interface Look {
  /** Bytes that are there and have not been read. */
  readonly behind: number;
  readonly files: number;
  /** The first thing that could not be read; the others were read all the same. */
  readonly error: SourceError | undefined;
}

interface Followed {
  readonly file: LogFile;
  /** A glob names it now. */
  named: boolean;
  /** It is no copy of another file, or its place is known: it may be read. */
  settled: boolean;
  /** All complete lines have been read. */
  atEnd: boolean;
  /** Monotonic time at which it last grew. */
  grewAt: number;
  /** What it looked like when its descriptor was given up, to see when it changes. */
  resting: BigIntStats | undefined;
}

export class Follower {
  readonly #options: FollowerOptions;
  readonly #limits: Omit<ReadLimits, 'stop'>;
  readonly #followed = new Map<string, Followed>();
  readonly #copies: Copies;
  /** Positions from the earlier state that no file has claimed yet; kept for a while, since a file may be missed in the moment of its rotation. */
  readonly #earlier: Map<string, LogState['files'][number]>;
  /** Files that were there at the first look and could not be opened then. */
  readonly #existing = new Set<string>();
  readonly #bornAt: number;
  #knownGlobs: readonly string[];
  #foundAt: number | undefined;
  #errors: SourceError[] = [];

  constructor(options: FollowerOptions) {
    this.#options = options;
    this.#limits = { buffer: readBuffer(options.maxLine), maxLine: options.maxLine, bytes: TURN_BYTES };
    this.#copies = new Copies(options.state?.cuts.map(readMark));
    this.#earlier = new Map(options.state?.files.map((file) => [file.id, file]));
    this.#knownGlobs = options.state?.globs ?? [];
    this.#bornAt = options.clock.monotonic();
  }

  /** Finds files and reads what is new in them until there is no more, or until it must stop. */
  async look(stop: () => boolean): Promise<Look> {
    const found = await scan(this.#options.globs, this.#options.folder);
    this.#errors = found.unreadable.map((glob) => permissionError(glob));
    await this.#meet(found);
    await this.#settle();
    await this.#read(stop);
    const behind = await this.#behind();
    await this.#letGo(found);
    return { behind, files: this.#followed.size, error: this.#errors[0] ?? this.#missing(found) };
  }

  /** Reads what has lost its name and could not be found again, closes everything, and tells where to go on. */
  async close(): Promise<LogState> {
    const end = this.#now() + CLOSE_LIMIT_MS;
    await this.#meet(await scan(this.#options.globs, this.#options.folder));
    await this.#settle();
    const all = this.#inOrder();
    const lost = all.filter(({ named, settled, file }) => !named && settled && file.isOpen);
    await this.#readInTurns(lost, () => this.#now() > end);
    const settled = all.filter((followed) => followed.settled).map(({ file }) => file);
    const state = writeState(this.#knownGlobs, settled, [...this.#earlier.values()], this.#copies.cuts);
    await Promise.all(all.map(({ file }) => file.close()));
    this.#followed.clear();
    return state;
  }

  async #meet(found: Scan): Promise<void> {
    for (const followed of this.#followed.values()) followed.named = false;
    for (const [id, candidate] of found.files) {
      const { path, stats } = candidate;
      await this.#attempt(path, async () => {
        const followed = this.#followed.get(id);
        if (!followed) return this.#welcome(candidate);
        followed.named = true;
        followed.file.path = path;
        if (!followed.file.isOpen && hasChanged(stats, followed.resting)) await followed.file.reopen();
      });
    }
    this.#knownGlobs = this.#options.globs;
    if (this.#now() - this.#bornAt > GRACE_MS) this.#earlier.clear();
    if (found.files.size > 0) this.#foundAt = this.#now();
  }

  async #welcome({ id, path, glob }: FoundFile): Promise<void> {
    const earlier = this.#earlier.get(id);
    const isFirstLook = !this.#knownGlobs.includes(glob);
    if (!earlier && isFirstLook) this.#existing.add(id);
    const file = await LogFile.open(path, earlier && { mark: readMark(earlier), skipping: earlier.skipping });
    if (this.#followed.has(file.id)) return file.close();
    const existed = this.#existing.delete(id) && file.id === id;
    if (existed && this.#options.from === 'end') await file.moveToEnd(this.#limits);
    const settled = existed || earlier !== undefined;
    this.#followed.set(file.id, { file, named: true, settled, atEnd: false, grewAt: this.#now(), resting: undefined });
    this.#earlier.delete(id);
  }

  /** Before anything new is read: what was cut, and what is a copy of something else. */
  async #settle(): Promise<void> {
    const all = this.#inOrder();
    const unsettled = all.filter(({ settled }) => !settled);
    if (unsettled.length === 0) return;
    const readable = all.filter(({ settled, file }) => settled && file.isOpen);
    for (const followed of readable) {
      await this.#attempt(followed.file.path, async () => {
        if (!(await followed.file.continues(followed.file.mark))) this.#rewind(followed);
      });
    }
    for (const followed of unsettled) {
      await this.#attempt(followed.file.path, async () => {
        followed.settled = (await this.#replace(followed)) || (await this.#settleCopy(followed, readable));
      });
    }
  }

  #settleCopy({ file }: Followed, readable: readonly Followed[]): Promise<boolean> {
    return this.#copies.settle(
      file,
      readable.map((other) => other.file),
      this.#now(),
    );
  }

  /** A file that was written anew beside its old self and put in its place, as rsync and editors do, goes on where that one was. */
  async #replace({ file }: Followed): Promise<boolean> {
    for (const [id, old] of this.#followed) {
      if (old.named || !old.settled || !old.file.isOpen || !isEvidence(old.file.mark.position)) continue;
      if (!(await file.continues(old.file.mark))) continue;
      file.takeOver(old.file);
      this.#followed.delete(id);
      await old.file.close();
      return true;
    }
    return false;
  }

  async #read(stop: () => boolean): Promise<void> {
    for (const followed of this.#followed.values()) followed.atEnd = !followed.settled || !followed.file.isOpen;
    await this.#readInTurns(
      this.#inOrder().filter(({ atEnd }) => !atEnd),
      stop,
    );
  }

  async #readInTurns(files: readonly Followed[], stop: () => boolean): Promise<void> {
    let waiting = files;
    while (waiting.length > 0) {
      const unfinished: Followed[] = [];
      for (const followed of waiting) {
        if (stop()) return;
        await this.#attempt(followed.file.path, async () => {
          if (!(await this.#readTurn(followed, stop))) unfinished.push(followed);
        });
      }
      waiting = unfinished;
    }
  }

  /** @returns whether all of it has been read */
  async #readTurn(followed: Followed, stop: () => boolean): Promise<boolean> {
    const { file } = followed;
    const { position } = file.mark;
    const result = await file.read({ ...this.#limits, stop }, this.#options.sink);
    if (file.mark.position !== position) followed.grewAt = this.#now();
    if (result === 'cut') this.#rewind(followed);
    followed.atEnd = result === 'end';
    return followed.atEnd;
  }

  #rewind({ file }: Followed): void {
    this.#copies.contentGone(file, file.mark);
    file.rewind();
  }

  async #behind(): Promise<number> {
    let bytes = 0;
    for (const { file, atEnd } of this.#followed.values()) {
      if (!atEnd && file.isOpen)
        await this.#attempt(file.path, async () => (bytes += Math.max(0, (await file.size()) - file.mark.position)));
    }
    return bytes;
  }

  async #letGo(found: Scan): Promise<void> {
    for (const [id, followed] of this.#followed) {
      const { file, named, atEnd, grewAt } = followed;
      if (named || (file.isOpen && (!atEnd || this.#now() - grewAt < GRACE_MS))) continue;
      if (file.isOpen && followed.settled) {
        await this.#attempt(file.path, () => file.readLastLine(this.#limits, this.#options.sink));
        this.#copies.contentGone(file, file.mark);
      }
      this.#copies.forget(file);
      this.#followed.delete(id);
      await file.close();
    }
    await this.#rest(found);
  }

  /** Gives up descriptors of the files that have been quiet for longest, where there are too many. */
  async #rest(found: Scan): Promise<void> {
    const open = [...this.#followed.values()].filter(({ file }) => file.isOpen);
    if (open.length <= MAX_OPEN) return;
    const quiet = open.filter(({ named, settled, atEnd }) => named && settled && atEnd).toSorted((a, b) => a.grewAt - b.grewAt);
    for (const followed of quiet.slice(0, open.length - MAX_OPEN)) {
      followed.resting = found.files.get(followed.file.id)?.stats;
      await followed.file.close();
    }
  }

  #missing(found: Scan): SourceError | undefined {
    if (found.files.size > 0) return undefined;
    if (this.#foundAt !== undefined && this.#now() - this.#foundAt < MISSING_GRACE_MS) return undefined;
    return noFileError(this.#options.globs);
  }

  /** One file that cannot be read keeps no other from being read. Its descriptor is given up, and it is opened again at the next look. */
  async #attempt(path: string, action: () => Promise<unknown>): Promise<void> {
    try {
      await action();
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return;
      this.#errors.push(readError(path, error));
      for (const { file } of this.#followed.values()) if (file.path === path) await file.close();
    }
  }

  #inOrder(): Followed[] {
    return [...this.#followed.values()].toSorted((a, b) => byBirth(a.file, b.file));
  }

  #now(): number {
    return this.#options.clock.monotonic();
  }
}

function hasChanged(stats: BigIntStats, resting: BigIntStats | undefined): boolean {
  return stats.size !== resting?.size || stats.mtimeNs !== resting.mtimeNs;
}
