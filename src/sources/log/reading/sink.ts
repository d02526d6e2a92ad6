// Where the reader of files puts what it finds. The reader knows nothing of what records say.

/** Where a piece comes from. */
export interface PieceInfo {
  readonly path: string;
  /** The first line of the file, where that names the columns of all others. */
  readonly header?: string | undefined;
}

/** What a piece came to. */
export interface Taken {
  /** Bytes that are done with. */
  readonly end: number;
}

/** Takes records while a piece is read. */
export interface Records {
  /** @param text without its line end. It may be a slice of a larger text: what is kept for longer must be made an `ownText`. */
  record(text: string): void;
  /** A line longer than allowed was skipped. */
  tooLong(): void;
}

export interface RecordSink {
  /**
   * Runs `read`, which hands all records of the piece over, and counts what they say. `read` may be run several times: it is a pure
   * function of the bytes. The place in the file moves when the promise resolves; where it rejects, the piece comes again.
   */
  piece<T extends Taken>(info: PieceInfo, read: (records: Records) => T): Promise<T>;
  /** Bytes that were seen in a file and were gone before they could be read (a lower bound). */
  lost(bytes: number): void;
}
