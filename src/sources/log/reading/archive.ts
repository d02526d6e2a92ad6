// One compressed file: whether it is any concern of ours, and whether it is whole.

import type { LogFile } from './log-file.js';
import type { Mark } from './mark.js';
import type { FoundFile } from './scan.js';
import { readMark, type ArchiveRecord } from './state.js';

/** Times of files are a little behind the clock, and those of another machine a little apart. */
const CLOCK_SLACK_MS = 2_000;
/** Who compresses a file goes on writing; what has ended in its middle for so long is damaged. */
const UNFINISHED_GRACE_MS = 60_000;

export interface Archive {
  readonly id: string;
  path: string;
  size: number;
  mtime: number;
  /** It has been seen twice with the same size and time. */
  isStable: boolean;
  /** It was written to after everything that had been seen when it was found: where nobody knows it, nothing of it has been read. */
  readonly isNew: boolean;
  state: 'waiting' | 'held' | 'done';
  /** From where it is to be read. */
  mark: Mark | undefined;
  /** It is a copy of a file that is read itself. */
  original: { readonly file: LogFile; readonly contents: number; readonly length: number } | undefined;
  /** It ended in the middle when it was so long. */
  unfinished: { readonly size: number; readonly mtime: number; readonly at: number } | undefined;
  /** Monotonic. */
  readonly foundAt: number;
}

interface Found {
  /** Wall clock of the look before. */
  readonly since: number;
  /** What its glob names now is no concern of ours. */
  readonly isHistory: boolean;
  /** Monotonic. */
  readonly now: number;
}

/** @param record what an earlier process knew of it */
export function newArchive({ id, path, stats }: FoundFile, record: ArchiveRecord | undefined, { since, isHistory, now }: Found): Archive {
  const [mtime, ctime] = [Number(stats.mtimeMs), Number(stats.ctimeMs)];
  const wasThere = isHistory || ctime < since - CLOCK_SLACK_MS;
  return {
    id,
    path,
    size: Number(stats.size),
    mtime,
    isStable: false,
    isNew: record ? record.isNew : !wasThere && mtime >= since - CLOCK_SLACK_MS,
    state: !record && wasThere ? 'done' : 'waiting',
    mark: record?.mark && readMark(record.mark),
    original: undefined,
    unfinished: undefined,
    foundAt: now,
  };
}

/** What has changed is looked at again: it may not have been whole. */
export function meetAgain(archive: Archive, { path, stats }: FoundFile): void {
  const [size, mtime] = [Number(stats.size), Number(stats.mtimeMs)];
  archive.path = path;
  archive.isStable = archive.size === size && archive.mtime === mtime;
  if (archive.isStable) return;
  archive.size = size;
  archive.mtime = mtime;
  if (archive.state === 'done') archive.state = 'waiting';
}

/** What ended in its middle is looked at again when it has grown, and once more when nobody has gone on writing it. */
export function isReady({ unfinished, size, mtime, isStable }: Archive, now: number): boolean {
  if (!unfinished) return true;
  if (unfinished.size !== size || unfinished.mtime !== mtime) return isStable;
  return now - unfinished.at >= UNFINISHED_GRACE_MS;
}
