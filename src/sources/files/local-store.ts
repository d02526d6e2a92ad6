// The file system of this machine as a place where files are exchanged. Names are read page by page and looked at a few at a time.

import type { Dir, Dirent, Stats, StatsFs } from 'node:fs';
import { constants } from 'node:fs';
import { lstat, open, opendir, rename, statfs, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { FileStore, ListedFile, Space } from '../exchanges/store.js';
import { SourceError } from '../kind.js';
import { errorCode } from '../system-errors.js';
import { fileError, type Phase } from './errors.js';
import type { Gate, Operation } from './gate.js';

/** Names that are read at once. */
const PAGE = 512;
/** Files that are looked at side by side: on a mount, each is a round trip. */
const SIDE_BY_SIDE = 2;
/** What stands in a name for bytes that are no UTF-8: the file cannot be asked for under this name. */
const REPLACEMENT = '\uFFFD';
const MODE = 0o600;

/** What of Node.js is used, so that a test can let it hang. */
export interface FileSystem {
  opendir(path: string, options: { bufferSize: number }): Promise<Dir>;
  lstat(path: string): Promise<Stats>;
  statfs(path: string): Promise<StatsFs>;
}

export const fileSystem: FileSystem = { opendir, lstat, statfs };

export class LocalStore implements FileStore {
  readonly #gate: Gate;
  readonly #resolve: (path: string) => string;
  readonly #system: FileSystem;

  /** @param resolve makes an absolute path of one of the YAML */
  constructor(gate: Gate, resolve: (path: string) => string, system: FileSystem = fileSystem) {
    this.#gate = gate;
    this.#resolve = resolve;
    this.#system = system;
  }

  async list(directory: string, visit: (file: ListedFile) => void, signal: AbortSignal): Promise<void> {
    const path = this.#resolve(directory);
    const operation: Operation = { phase: 'list', place: directory, signal };
    const opened = await this.#run(operation, () => this.#system.opendir(path, { bufferSize: PAGE }));
    try {
      for (;;) {
        const { names, isLast } = await this.#run(operation, () => readPage(opened, signal));
        const shares = shared(names);
        const gone = await Promise.all(shares.map((share) => this.#run(operation, () => this.#look(path, share, visit, signal))));
        // Where all of them go at once, the directory itself may have gone: then nothing is known of its files.
        if (gone.some((count) => count > 0)) await this.#run(operation, () => this.#system.lstat(path));
        if (isLast) break;
      }
    } finally {
      // Where a reading hangs, closing waits for it; nobody else does.
      void opened.close().catch(() => {});
    }
  }

  read(path: string, maxBytes: number, signal: AbortSignal): Promise<Buffer> {
    return this.#of('read', path, signal, async (absolute) => {
      // A pipe that has come in the place of the file would else hang for ever.
      const handle = await open(absolute, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
      try {
        if (!(await handle.stat()).isFile()) throw new SourceError('read', 'not_found', `${path}: it is no file`);
        const buffer = Buffer.alloc(maxBytes);
        let length = 0;
        while (length < maxBytes) {
          const { bytesRead } = await handle.read(buffer, length, maxBytes - length, length);
          if (bytesRead === 0) break;
          length += bytesRead;
        }
        return buffer.subarray(0, length);
      } finally {
        await handle.close();
      }
    });
  }

  write(path: string, content: Buffer, signal: AbortSignal): Promise<void> {
    return this.#of('write', path, signal, async (absolute) => {
      const handle = await open(absolute, 'wx', MODE);
      try {
        await handle.writeFile(content);
        // A mount tells only now that there is no room.
        await handle.sync();
      } finally {
        await handle.close();
      }
    });
  }

  rename(from: string, to: string, signal: AbortSignal): Promise<void> {
    return this.#of('write', from, signal, (absolute) => rename(absolute, this.#resolve(to)));
  }

  remove(path: string, signal: AbortSignal): Promise<void> {
    return this.#of('write', path, signal, async (absolute) => {
      await unlink(absolute).catch((error: unknown) => {
        if (errorCode(error) !== 'ENOENT') throw error;
      });
    });
  }

  async space(directory: string, signal: AbortSignal): Promise<Space | undefined> {
    const path = this.#resolve(directory);
    const { bsize, blocks, bavail, files, ffree } = await this.#run({ phase: 'space', place: directory, signal }, () =>
      this.#system.statfs(path),
    );
    if (blocks === 0) return undefined;
    // File systems that make inodes as they need them have none to tell of.
    const inodes = files > 0 ? { totalInodes: files, freeInodes: ffree } : { totalInodes: undefined, freeInodes: undefined };
    return { totalBytes: blocks * bsize, freeBytes: bavail * bsize, ...inodes };
  }

  /** One file after the other; links and what is no file are left out. @returns how many were gone */
  async #look(path: string, names: readonly string[], visit: (file: ListedFile) => void, signal: AbortSignal): Promise<number> {
    let gone = 0;
    for (const name of names) {
      if (signal.aborted) break;
      const stats = await this.#system.lstat(join(path, name)).catch((error: unknown) => {
        if (errorCode(error) !== 'ENOENT') throw error;
        return undefined;
      });
      if (stats?.isFile()) visit({ name, size: stats.size, modified: stats.mtimeMs / 1000 });
      // One that is gone has been taken away meanwhile; one whose name cannot be written is there all the same.
      else if (!stats && name.includes(REPLACEMENT)) visit({ name, size: undefined, modified: undefined });
      else if (!stats) gone++;
    }
    return gone;
  }

  #of<T>(phase: Phase, path: string, signal: AbortSignal, work: (absolute: string) => Promise<T>): Promise<T> {
    return this.#run({ phase, place: dirname(path), signal }, () => work(this.#resolve(path)));
  }

  async #run<T>(operation: Operation, work: () => Promise<T>): Promise<T> {
    try {
      return await this.#gate.run(operation, work);
    } catch (error) {
      throw fileError(error, operation.phase, operation.place);
    }
  }
}

/** The next names that may be files. */
async function readPage(directory: Dir, signal: AbortSignal): Promise<{ readonly names: readonly string[]; readonly isLast: boolean }> {
  const names: string[] = [];
  for (let read = 0; read < PAGE && !signal.aborted; read++) {
    const entry = await directory.read();
    if (!entry) return { names, isLast: true };
    if (mayBeFile(entry)) names.push(entry.name);
  }
  return { names, isLast: false };
}

/** File systems that tell no types leave all of them open. */
function mayBeFile(entry: Dirent): boolean {
  return !(
    entry.isDirectory() ||
    entry.isSymbolicLink() ||
    entry.isFIFO() ||
    entry.isSocket() ||
    entry.isCharacterDevice() ||
    entry.isBlockDevice()
  );
}

function shared(names: readonly string[]): (readonly string[])[] {
  const each = Math.ceil(names.length / SIDE_BY_SIDE);
  return each === 0 ? [] : Array.from({ length: SIDE_BY_SIDE }, (_one, index) => names.slice(index * each, (index + 1) * each));
}
