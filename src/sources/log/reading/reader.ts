// What a source knows of the reader of its files, whichever way they are read.

import type { Clock } from '../../../domain/clock.js';
import type { SourceError } from '../../kind.js';
import type { RecordSink } from './sink.js';
import type { SplitRules } from './split.js';
import type { LogState } from './state.js';

/** What a reader is made with, whichever way it reads. The codec is that of files without a byte order mark. */
export interface ReaderOptions extends SplitRules {
  /** Where relative names and globs start. */
  readonly folder: string;
  /** Where to begin in files that are there at the first look. */
  readonly from: 'start' | 'end';
  readonly clock: Clock;
  readonly sink: RecordSink;
}

export interface Look {
  /** Bytes that are there and have not been read; of compressed files, as they are. */
  readonly behind: number;
  /** Monotonic milliseconds since when there has been something unread, as far as looks can tell; undefined where all has been read. */
  readonly unreadSince: number | undefined;
  readonly files: number;
  /** The first thing that could not be read; the others were read all the same. */
  readonly error: SourceError | undefined;
}

/** One call at a time. */
export interface Reader {
  /** Reads what is new until there is no more, or until it must stop. */
  look(stop: () => boolean): Promise<Look>;
  /** Finds and opens what is new without reading it, so that it cannot vanish before the next look. */
  meet(): Promise<void>;
  /** Folders in which something new may appear. */
  readonly folders: readonly string[];
  /** Where to go on, as far as the sink has taken everything; between looks. */
  state(): LogState;
  /** Reads what cannot be found again, frees everything, and tells where to go on. */
  close(): Promise<LogState>;
}
