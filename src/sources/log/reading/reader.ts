// What a source knows of the reader of its files, whichever way they are read.

import type { SourceError } from '../../kind.js';
import type { LogState } from './state.js';

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
