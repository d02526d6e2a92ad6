// Rotated files that have been compressed. They are never followed, but what was not read before they were compressed is read from them:
// the rest of a file whose place is known, and files that came and went while nobody looked.

import type { SourceError } from '../../kind.js';
import { errorCode } from '../../system-errors.js';
import { archiveError, readError } from './errors.js';
import { isReady, meetAgain, newArchive, type Archive } from './archive.js';
import type { ArchiveReader } from './archive-reader.js';
import type { Gone, GoneContents } from './gone.js';
import { GzipError, type GzipContent } from './gzip-content.js';
import type { LogFile, ReadLimits } from './log-file.js';
import { beginsLike, compared, fingerprint, MARK_BYTES, NOTHING, type Mark } from './mark.js';
import type { FoundFile } from './scan.js';
import type { RecordSink } from './sink.js';
import { writeMark, type ArchiveRecord } from './state.js';
import type { Survey } from './survey.js';

/** What is under way: one at a time, so that memory does not grow with their number. */
interface Job {
  readonly archive: Archive;
  readonly content: GzipContent;
  survey?: Survey;
  reader?: ArchiveReader;
}

export interface ArchivesOptions {
  readonly sink: RecordSink;
  readonly gone: GoneContents;
  /** What is followed now. */
  readonly files: () => readonly LogFile[];
  readonly now: () => number;
  readonly earlier: readonly ArchiveRecord[];
}

export class Archives {
  readonly #options: ArchivesOptions;
  readonly #all = new Map<string, Archive>();
  #earlier: Map<string, ArchiveRecord>;
  #job: Job | undefined;
  /** Those that cannot be read now. */
  readonly #failed = new Set<Archive>();
  #errors: SourceError[] = [];

  constructor(options: ArchivesOptions) {
    this.#options = options;
    this.#earlier = new Map(options.earlier.map((record) => [record.id, record]));
  }

  /**
   * @param since wall clock of the look before
   * @param isHistory whether what this glob names now is no concern of ours
   */
  meet(found: ReadonlyMap<string, FoundFile>, since: number, isHistory: (glob: string) => boolean): void {
    this.#failed.clear();
    for (const [id, file] of found) {
      const known = this.#all.get(id);
      if (known) {
        meetAgain(known, file);
        continue;
      }
      this.#all.set(id, newArchive(file, this.#earlier.get(id), { since, isHistory: isHistory(file.glob), now: this.#options.now() }));
      this.#earlier.delete(id);
    }
    for (const [id, archive] of this.#all) if (!found.has(id) && this.#job?.archive !== archive) this.#all.delete(id);
    for (const archive of this.#all.values()) if (archive.state === 'held') this.#look(archive);
  }

  /** Records of an earlier state that no file has claimed. */
  forgetEarlier(): void {
    this.#earlier.clear();
  }

  /** There is something to read, or to find out. */
  get isBusy(): boolean {
    return this.#waiting.length > 0;
  }

  /** Compressed bytes that have not been read; never 0 while there is something to read, though all has been decompressed. */
  get behind(): number {
    const waiting = this.#waiting;
    const taken = this.#job?.content.compressed ?? 0;
    return Math.max(waiting.length, waiting.reduce((sum, { size }) => sum + size, 0) - taken);
  }

  get unreadSince(): number | undefined {
    const waiting = this.#waiting;
    return waiting.length === 0 ? undefined : Math.min(...waiting.map(({ foundAt }) => foundAt));
  }

  /** What could not be read since it was asked last. */
  takeErrors(): SourceError[] {
    const errors = this.#errors;
    this.#errors = [];
    return errors;
  }

  records(): ArchiveRecord[] {
    const waiting = [...this.#all.values()].filter(({ state }) => state !== 'done');
    const records = waiting.map((archive) => {
      const mark = this.#job?.archive === archive ? (this.#job.reader?.mark ?? archive.mark) : archive.mark;
      return { id: archive.id, isNew: archive.isNew, ...(mark && { mark: writeMark(mark) }) };
    });
    return [...this.#earlier.values(), ...records];
  }

  /** Reads on in the oldest that is to be read. @returns whether there is nothing more to do now */
  async turn(limits: ReadLimits): Promise<boolean> {
    const archive = this.#job?.archive ?? this.#next();
    if (!archive) return true;
    try {
      await this.#work(archive, limits);
    } catch (error) {
      this.#endJob();
      this.#fail(archive, error);
    }
    return this.#job === undefined && this.#next() === undefined;
  }

  close(): void {
    this.#endJob();
  }

  /** Whether its original is still read, and how far that came. */
  #look(archive: Archive): void {
    const { original } = archive;
    if (!original) return;
    const { file, contents, length } = original;
    if (this.#options.files().includes(file) && file.contents === contents) return;
    archive.original = undefined;
    archive.state = 'waiting';
    const gone = this.#options.gone.all.find((one) => one.file === file && one.contents === contents);
    if (!gone) return;
    if (gone.mark.position >= length) archive.state = 'done';
    else this.#readFrom(archive, gone.mark, gone);
  }

  #readFrom(archive: Archive, mark: Mark, gone?: Gone): void {
    archive.mark = mark;
    if (gone) this.#options.gone.claim(gone);
  }

  #next(): Archive | undefined {
    const ready = this.#waiting.filter((archive) => !this.#failed.has(archive) && isReady(archive, this.#options.now()));
    return ready.toSorted((a, b) => a.mtime - b.mtime || b.path.localeCompare(a.path))[0];
  }

  /** An empty one has only just been made. */
  get #waiting(): Archive[] {
    return [...this.#all.values()].filter(({ state, size }) => state === 'waiting' && size > 0);
  }

  async #work(archive: Archive, limits: ReadLimits): Promise<void> {
    const job = this.#job ?? (await this.#begin(archive));
    if (!job) return void this.#failed.add(archive);
    if (!job.reader && archive.mark === undefined && !(await this.#find(job, limits))) return;
    if (archive.mark === undefined) return;
    if (!job.reader) {
      const { ArchiveReader } = await import('./archive-reader.js');
      job.reader = new ArchiveReader(archive.path, job.content, archive.mark);
    }
    const isRead = await this.#read(job, job.reader, limits);
    if (!isRead) return;
    this.#options.gone.add({ mark: job.reader.mark, unread: 0, since: this.#options.now(), id: undefined, file: undefined, contents: 0 });
    archive.state = 'done';
    this.#endJob();
  }

  async #begin(archive: Archive): Promise<Job | undefined> {
    const { GzipContent } = await import('./gzip-content.js');
    const content = await GzipContent.open(archive.path, archive.id);
    if (content) this.#job = { archive, content };
    return this.#job;
  }

  /** The place is kept whatever comes. */
  async #read({ archive }: Job, reader: ArchiveReader, limits: ReadLimits): Promise<boolean> {
    try {
      return await reader.read(limits, this.#options.sink);
    } finally {
      archive.mark = reader.mark;
    }
  }

  /** Finds out from where it is to be read. @returns whether it is to be read now, from the start of the job's content */
  async #find(job: Job, { bytes, stop }: ReadLimits): Promise<boolean> {
    const { archive, content } = job;
    if (!job.survey) {
      const head = await content.peek(MARK_BYTES);
      const known = await this.#marksThatFit(head);
      if (!known) return this.#again(archive);
      if (known.marks.length + known.originals.length === 0) return this.#nobodyKnows(archive);
      const { Survey } = await import('./survey.js');
      job.survey = new Survey(content, known.marks);
    }
    const { survey } = job;
    if (!(await survey.goOn(bytes, stop))) return false;
    // What has been cut while it was looked at is to be compared too.
    const known = await this.#marksThatFit(await this.#headOf(archive));
    if (!known || known.marks.some((mark) => !survey.marks.includes(mark))) return this.#again(archive);
    this.#endJob();
    for (const file of known.originals) {
      if (await isCopy(survey, file)) return this.#hold(archive, file, survey.length);
    }
    return this.#settle(archive, survey);
  }

  #hold(archive: Archive, file: LogFile, length: number): false {
    archive.state = 'held';
    archive.original = { file, contents: file.contents, length };
    return false;
  }

  /** With the farthest place up to which it has been read. */
  #settle(archive: Archive, survey: Survey): false {
    const gone = this.#options.gone.all.filter(({ mark }) => survey.fits(mark)).toSorted((a, b) => b.mark.position - a.mark.position)[0];
    if (!gone) this.#nobodyKnows(archive);
    else if (gone.mark.position === survey.length) archive.state = 'done';
    else this.#readFrom(archive, gone.mark, gone);
    return false;
  }

  #nobodyKnows(archive: Archive): boolean {
    if (archive.isNew) this.#readFrom(archive, NOTHING);
    else {
      archive.state = 'done';
      this.#endJob();
    }
    return archive.isNew;
  }

  /** Something has changed meanwhile: at the next look. */
  #again(archive: Archive): false {
    this.#endJob();
    this.#failed.add(archive);
    return false;
  }

  async #headOf({ path, id }: Archive): Promise<Buffer> {
    const { GzipContent } = await import('./gzip-content.js');
    const content = await GzipContent.open(path, id);
    try {
      return (await content?.peek(MARK_BYTES)) ?? Buffer.alloc(0);
    } finally {
      content?.close();
    }
  }

  /**
   * What begins as it does: contents that are gone, and files that are followed.
   * @returns undefined where a file has been cut and that is still to be seen to
   */
  async #marksThatFit(head: Buffer): Promise<{ marks: Mark[]; originals: LogFile[] } | undefined> {
    const originals: LogFile[] = [];
    const marks = this.#options.gone.all.map(({ mark }) => mark);
    for (const file of this.#options.files()) {
      if (!file.isOpen) {
        if (file.mark.position > 0 && beginsLike(head, file.mark)) originals.push(file);
        marks.push(file.mark);
        continue;
      }
      if (!(await file.continues(file.mark))) return undefined;
      const start = await file.bytes(0, head.length);
      if (start.length > 0 && start.equals(head.subarray(0, start.length))) originals.push(file);
    }
    return { originals, marks: marks.filter((mark) => mark.position > 0 && beginsLike(head, mark)) };
  }

  #fail(archive: Archive, error: unknown): void {
    this.#failed.add(archive);
    if (errorCode(error) === 'ENOENT') return;
    if (!(error instanceof GzipError)) {
      this.#errors.push(readError(archive.path, error));
      return;
    }
    const { size, mtime, unfinished } = archive;
    const isSame = unfinished !== undefined && unfinished.size === size && unfinished.mtime === mtime;
    if (error.reason === 'unfinished' && !isSame) {
      archive.unfinished = { size, mtime, at: this.#options.now() };
      return;
    }
    archive.state = 'done';
    this.#errors.push(archiveError(archive.path, error));
  }

  #endJob(): void {
    this.#job?.content.close();
    this.#job = undefined;
  }
}

async function isCopy(survey: Survey, file: LogFile): Promise<boolean> {
  if (!file.isOpen) return survey.fits(file.mark);
  const { length, tail } = survey;
  if ((await file.size()) < length) return false;
  return fingerprint(await file.bytes(length - compared(length), length)) === tail;
}
