// Follows all files of a source: finds them, reads what is new in the order of their birth, and lets go of those that are done with.

import type { BigIntStats } from 'node:fs';
import type { SourceError } from '../../kind.js';
import { errorCode } from '../../system-errors.js';
import { Archives } from './archives.js';
import { Copies, Originals } from './copies.js';
import { noFileError, permissionError, readError } from './errors.js';
import { Followed } from './followed.js';
import { GoneContents } from './gone.js';
import { LogFile, type ReadLimits } from './log-file.js';
import { isEvidence } from './mark.js';
import { PIECE_BYTES, ReadBuffer } from './read-buffer.js';
import type { Look, Reader, ReaderOptions } from './reader.js';
import { byBirth, foldersOf, scan, type FoundFile, type Scan } from './scan.js';
import { readMark, writeMark, type FileRecord, type LogState } from './state.js';

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

export interface FollowerOptions extends ReaderOptions {
  readonly globs: readonly string[];
  /** Where an earlier follower stopped. */
  readonly state: LogState | undefined;
}

/** Something that is read in turns. */
interface Turn {
  readonly path: string;
  /** @returns whether all of it has been read */
  read(): Promise<boolean>;
}

export class Follower implements Reader {
  readonly #options: FollowerOptions;
  readonly #limits: Omit<ReadLimits, 'stop'>;
  readonly #followed = new Map<string, Followed>();
  readonly #gone = new GoneContents();
  readonly #copies = new Copies(this.#gone);
  readonly #archives: Archives;
  /** Places from the earlier state that no file has claimed yet. */
  readonly #earlier: Map<string, FileRecord>;
  /** Files that were there at the first look and could not be opened then. */
  readonly #existing = new Set<string>();
  readonly #bornAt: number;
  #knownGlobs: readonly string[];
  /** Wall clock of the last scan; undefined before the first one without a state. */
  #scannedAt: number | undefined;
  #foundAt: number | undefined;
  #errors: SourceError[] = [];

  constructor(options: FollowerOptions) {
    this.#options = options;
    const { maxLine, codec, multiline, hasHeader, state, clock } = options;
    this.#limits = { buffer: new ReadBuffer(), rules: { codec, maxLine, multiline, hasHeader }, bytes: TURN_BYTES };
    this.#bornAt = clock.monotonic();
    for (const record of state?.gone ?? []) {
      this.#gone.add({ mark: readMark(record), unread: record.unread, since: this.#bornAt, id: record.id, file: undefined, contents: 0 });
    }
    this.#archives = new Archives({
      sink: options.sink,
      gone: this.#gone,
      files: () => [...this.#followed.values()].map(({ file }) => file),
      now: () => this.#now(),
      earlier: state?.archives ?? [],
    });
    this.#earlier = new Map(state?.files.map((file) => [file.id, file]));
    this.#knownGlobs = state?.globs ?? [];
    this.#scannedAt = state?.savedAt;
  }

  get folders(): string[] {
    const paths = [...this.#followed.values()].map(({ file }) => file.path);
    return foldersOf(this.#options.globs, this.#options.folder, paths);
  }

  async look(stop: () => boolean): Promise<Look> {
    this.#errors = [];
    const found = await this.#scan();
    await this.#observe(found);
    await this.#settle();
    await this.#read(stop);
    this.#errors.push(...found.unreadable.map((glob) => permissionError(glob)), ...this.#archives.takeErrors());
    const lag = await this.#lag();
    await this.#letGo(found);
    this.#loseWhatIsGone();
    this.#limits.buffer.shrink(2 * PIECE_BYTES);
    return { ...lag, files: this.#followed.size, error: this.#errors[0] ?? this.#missing(found) };
  }

  async meet(): Promise<void> {
    await this.#scan();
  }

  state(): LogState {
    const settled = [...this.#followed.values()].filter((followed) => followed.settled);
    const files = settled.map(({ file, confirmed }) => ({ id: file.id, size: confirmed, ...writeMark(file.mark) }));
    return {
      version: 2,
      savedAt: this.#scannedAt ?? this.#options.clock.now(),
      globs: this.#knownGlobs,
      files: [...this.#earlier.values(), ...files],
      gone: this.#gone.all.map(({ mark, unread, id }) => ({ ...writeMark(mark), unread, ...(id !== undefined && { id }) })),
      archives: this.#archives.records(),
    };
  }

  async close(): Promise<LogState> {
    const end = this.#now() + CLOSE_LIMIT_MS;
    await this.#observe(await this.#scan());
    await this.#settle();
    // A file that gets another name while names are looked up may be missed once, but not twice.
    if (this.#nameless().length > 0) await this.#scan();
    const nameless = this.#nameless();
    const stop = () => this.#now() > end;
    await this.#readInTurns(
      nameless.map((followed) => this.#turnOf(followed, stop)),
      stop,
    );
    for (const { file } of nameless.filter(({ atEnd }) => atEnd)) {
      await this.#attempt(file.path, () => file.finish(this.#limits, this.#options.sink));
    }
    const state = this.state();
    this.#archives.close();
    await Promise.all(Array.from(this.#followed.values(), ({ file }) => file.close()));
    this.#followed.clear();
    return state;
  }

  async #scan(): Promise<Scan> {
    const { globs, folder, clock } = this.#options;
    const at = clock.now();
    // Where the clock was set back, what came since then is new.
    const before = Math.min(this.#scannedAt ?? at, at);
    const found = await scan(globs, folder);
    await this.#meet(found);
    this.#archives.meet(found.archives, before, (glob) => !this.#knownGlobs.includes(glob));
    this.#knownGlobs = globs;
    this.#scannedAt = at;
    for (const [id, record] of this.#earlier) {
      if (!found.files.has(id)) this.#forget(record);
    }
    if (found.files.size > 0) this.#foundAt = this.#now();
    return found;
  }

  /** Its file is gone, or will be found a moment later: rotation may have moved it just now. */
  #forget(record: FileRecord): void {
    const mark = readMark(record);
    this.#gone.add({
      mark,
      unread: Math.max(0, record.size - mark.position),
      since: this.#bornAt,
      id: record.id,
      file: undefined,
      contents: 0,
    });
    this.#earlier.delete(record.id);
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
  }

  async #welcome({ id, path, glob }: FoundFile): Promise<void> {
    const earlier = this.#earlier.get(id);
    const gone = this.#gone.all.find((one) => one.id === id);
    const isFirstLook = !this.#knownGlobs.includes(glob);
    if (!earlier && !gone && isFirstLook) this.#existing.add(id);
    const file = await LogFile.open(path);
    // The name has gone to another file since it was found: the next look finds both, and what is known of each.
    if (file.id !== id || this.#followed.has(id)) return file.close();
    const known = earlier ? readMark(earlier) : gone?.mark;
    if (known) file.goOn(known);
    const atEnd = this.#existing.delete(id) && this.#options.from === 'end';
    if (atEnd) await file.moveToEnd(this.#limits);
    // What is read from its start may be a copy of what is read as well, at the first look too.
    const followed = new Followed(file, atEnd || known !== undefined, this.#now());
    // What was seen before and is not there any more is lost, or in a copy.
    followed.see(earlier?.size ?? (gone ? gone.mark.position + gone.unread : 0), this.#now());
    followed.confirm();
    this.#followed.set(id, followed);
    this.#earlier.delete(id);
    if (gone) this.#gone.claim(gone);
  }

  /** How large files are now. */
  async #observe(found: Scan): Promise<void> {
    for (const followed of this.#followed.values()) {
      const { file } = followed;
      const stats = found.files.get(file.id)?.stats;
      if (stats) followed.see(Number(stats.size), this.#now());
      else if (file.isOpen) await this.#attempt(file.path, async () => followed.see(await file.size(), this.#now()));
    }
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
    const originals = new Originals(readable.map(({ file }) => file));
    const fresh: Followed[] = [];
    for (const followed of unsettled) {
      await this.#attempt(followed.file.path, async () => {
        const verdict = (await this.#replace(followed)) ? 'copy' : await this.#copies.settle(followed.file, originals, this.#now());
        if (verdict === 'new') fresh.push(followed);
        followed.settled = verdict === 'copy';
        // An original and its copy may both be new; the original is the older one.
        if (verdict !== 'open') originals.add(followed.file);
      });
    }
    // One that was cut just now may be the original of what looked new for that very reason: the next look sees both.
    if (fresh.length > 0 && (await this.#allContinue(readable))) for (const followed of fresh) followed.settled = true;
  }

  async #allContinue(all: readonly Followed[]): Promise<boolean> {
    let result = true;
    for (const { file } of all) {
      await this.#attempt(file.path, async () => {
        if (file.isOpen && !(await file.continues(file.mark))) result = false;
      });
    }
    return result;
  }

  /** A file that was written anew beside its old self and put in its place, as rsync and editors do, goes on where that one was. */
  async #replace({ file }: Followed): Promise<boolean> {
    for (const [id, old] of this.#followed) {
      if (old.named || !old.settled || !old.file.isOpen || !isEvidence(old.file.mark.position)) continue;
      if (!(await file.continues(old.file.mark))) continue;
      file.goOn(old.file.mark);
      this.#followed.delete(id);
      await old.file.close();
      return true;
    }
    return false;
  }

  async #read(stop: () => boolean): Promise<void> {
    for (const followed of this.#followed.values()) followed.atEnd = !followed.settled || !followed.file.isOpen;
    const files = this.#inOrder().filter(({ atEnd }) => !atEnd);
    const archives = { path: '', read: () => this.#archives.turn({ ...this.#limits, stop }) };
    await this.#readInTurns([archives, ...files.map((followed) => this.#turnOf(followed, stop))], stop);
  }

  async #readInTurns(turns: readonly Turn[], stop: () => boolean): Promise<void> {
    let waiting = turns;
    while (waiting.length > 0) {
      const unfinished: Turn[] = [];
      for (const turn of waiting) {
        if (stop()) return;
        await this.#attempt(turn.path, async () => {
          if (!(await turn.read())) unfinished.push(turn);
        });
      }
      waiting = unfinished;
    }
  }

  #turnOf(followed: Followed, stop: () => boolean): Turn {
    return { path: followed.file.path, read: () => this.#readTurn(followed, stop) };
  }

  /** @returns whether all of it has been read */
  async #readTurn(followed: Followed, stop: () => boolean): Promise<boolean> {
    const { file } = followed;
    const isBeginning = file.mark.position === 0;
    const result = await file.read({ ...this.#limits, stop, quietAt: this.#quietAt(followed) }, this.#options.sink);
    // What was seen of it before may have been another content: where nothing of that was read, a copy holds all of it.
    if (isBeginning && file.mark.position > 0) followed.resize(await file.size());
    if (result === 'cut') this.#rewind(followed);
    followed.atEnd = result === 'end';
    if (result === 'end') {
      followed.confirm();
      await this.#shrink(followed);
    }
    return followed.atEnd;
  }

  /** The size at which the last record is complete because nothing has come after it. */
  #quietAt({ size, grewAt }: Followed): number | undefined {
    const { multiline } = this.#options;
    return multiline && this.#now() - grewAt >= multiline.timeoutMs ? size : undefined;
  }

  #rewind(followed: Followed): void {
    this.#contentGone(followed);
    followed.beginAnew(this.#now());
  }

  #contentGone({ file, confirmed }: Followed, id?: string): void {
    this.#gone.add({ mark: file.mark, unread: confirmed - file.mark.position, since: this.#now(), id, file, contents: file.contents });
  }

  /** Half lines that were cut off, where the rest is what it was: a file that was cut altogether may have been copied before. */
  async #shrink(followed: Followed): Promise<void> {
    const { file } = followed;
    if (followed.unread === 0 || file.mark.position === 0) return;
    const size = await file.size();
    if (!(await file.continues(file.mark))) return;
    const lost = followed.shrink(size);
    if (lost > 0) this.#options.sink.lost(lost);
  }

  async #lag(): Promise<Pick<Look, 'behind' | 'unreadSince'>> {
    let { behind, unreadSince } = this.#archives;
    for (const followed of this.#followed.values()) {
      const { file, atEnd } = followed;
      if (atEnd || !file.isOpen) continue;
      await this.#attempt(file.path, async () => {
        followed.see(await file.size(), this.#now());
        if (await file.continues(file.mark)) followed.confirm();
        if (followed.unread === 0) return;
        behind += followed.unread;
        unreadSince = Math.min(unreadSince ?? Infinity, followed.unreadSince ?? this.#now());
      });
    }
    return { behind, unreadSince };
  }

  async #letGo(found: Scan): Promise<void> {
    for (const [id, followed] of this.#followed) {
      const { file, named, atEnd, grewAt } = followed;
      if (named || (file.isOpen && (!atEnd || this.#now() - grewAt < GRACE_MS))) continue;
      if (file.isOpen && followed.settled) await this.#attempt(file.path, () => file.finish(this.#limits, this.#options.sink));
      this.#contentGone(followed, id);
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

  /** As long as a compressed file is to be looked at, what is missing may be in it. */
  #loseWhatIsGone(): void {
    if (this.#now() - this.#bornAt > GRACE_MS) this.#archives.forgetEarlier();
    if (this.#archives.isBusy) return;
    const lost = this.#gone.lose(this.#now() - GRACE_MS);
    if (lost > 0) this.#options.sink.lost(lost);
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

  /** Files that nobody can find again. */
  #nameless(): Followed[] {
    return this.#inOrder().filter(({ named, settled, file }) => !named && settled && file.isOpen);
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
