// A place where files are exchanged, whatever the protocol: what a kind (sftp, ftp, files) implements. The frame does the rest.

/** A file as the server lists it. Servers may leave out its size and its time. */
export interface ListedFile {
  readonly name: string;
  /** Bytes. */
  readonly size: number | undefined;
  /** Unix seconds. */
  readonly modified: number | undefined;
}

/** Room on the file system of a directory. */
export interface Space {
  readonly totalBytes: number;
  /** What an ordinary user may still use. */
  readonly freeBytes: number;
  readonly totalInodes: number | undefined;
  readonly freeInodes: number | undefined;
}

/**
 * An open connection (or a local file system). Every operation ends when its signal aborts, and the connection with it where its state
 * is not known any more. Paths are those of the server, joined with a slash.
 * All throw SourceError: phase `list`, `read`, `write` (write, rename, remove) or `space`; class not_found, permission, full (no room),
 * timeout, lost, protocol.
 */
export interface FileStore {
  /** Hands over the regular files of a directory, piece by piece, so that memory does not grow with it. No links, no subdirectories. */
  list(directory: string, visit: (file: ListedFile) => void, signal: AbortSignal): Promise<void>;
  /** The first bytes of a file, at most this many. */
  read(path: string, maxBytes: number, signal: AbortSignal): Promise<Buffer>;
  /** Writes a file that is not there yet. */
  write(path: string, content: Buffer, signal: AbortSignal): Promise<void>;
  rename(from: string, to: string, signal: AbortSignal): Promise<void>;
  /** One that is not there is no error. */
  remove(path: string, signal: AbortSignal): Promise<void>;
  /** @returns undefined where the server does not tell */
  space(directory: string, signal: AbortSignal): Promise<Space | undefined>;
}

/** Works on the connection that the collectors of a source share: opened when first needed, opened again where it was lost. */
export type UseStore = <T>(signal: AbortSignal, work: (store: FileStore) => Promise<T>) => Promise<T>;
