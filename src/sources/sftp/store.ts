// What is done with the files of an SFTP server, over one connection.

import { constants } from 'node:fs';
import { posix } from 'node:path';
import type { FileEntryWithStats, Stats } from 'ssh2';
import type { FileStore, ListedFile, Space } from '../exchanges/store.js';
import { SourceError } from '../kind.js';
import type { Answer, Connection } from './connection.js';
import { property } from '../ssh-trust/error-property.js';
import { full, isEndOfFile, readOnly, STATUS, type Operation } from './errors.js';

/** The beginning of a line as `ls -l` writes it, for what is no regular file. */
const LONG_NAME_OF_ANOTHER = /^[dlbcps][rwxsStT-]{9}/;
/** The file system is mounted read-only, in the flags of statvfs@openssh.com (OpenSSH's PROTOCOL, section 4.4). */
const READ_ONLY = 1;

/** What statvfs@openssh.com answers. */
interface FileSystem {
  readonly f_frsize: number;
  readonly f_blocks: number;
  readonly f_bavail: number;
  readonly f_files: number;
  readonly f_favail: number;
  readonly f_flag: number;
}

export class SftpStore implements FileStore {
  readonly #connection: Connection;
  #changed = false;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Whether something was sent that changes files: what was done with this store must not be done again as if it had not been. */
  get changed(): boolean {
    return this.#changed;
  }

  /** One page is asked for at a time: there are servers that hand the same page out twice where two are asked for at once. */
  async list(directory: string, visit: (file: ListedFile) => void, signal: AbortSignal): Promise<void> {
    const connection = this.#connection;
    const operation: Operation = { phase: 'list', path: directory };
    const handle = await connection.ask<Buffer>(operation, signal, (sftp, done) => sftp.opendir(directory, done));
    try {
      for (;;) {
        const page = await connection.ask<readonly FileEntryWithStats[] | undefined>(operation, signal, (sftp, done) =>
          sftp.readdir(handle, untilEndOfFile(done)),
        );
        if (page === undefined) break;
        for (const entry of page) if (isFile(entry)) visit(listed(entry));
      }
    } finally {
      connection.release(handle);
    }
  }

  async read(path: string, maxBytes: number, signal: AbortSignal): Promise<Buffer> {
    const connection = this.#connection;
    const operation: Operation = { phase: 'read', path };
    const handle = await connection.ask<Buffer>(operation, signal, (sftp, done) => sftp.open(path, 'r', done));
    try {
      const content = Buffer.alloc(maxBytes);
      let length = 0;
      while (length < maxBytes) {
        const at = length;
        const read = await connection.ask<number | undefined>(operation, signal, (sftp, done) =>
          sftp.read(handle, content, at, maxBytes - at, at, untilEndOfFile(done)),
        );
        if (read === undefined || read === 0) break;
        length += read;
      }
      return content.subarray(0, length);
    } finally {
      connection.release(handle);
    }
  }

  async write(path: string, content: Buffer, signal: AbortSignal): Promise<void> {
    const connection = this.#connection;
    const operation: Operation = { phase: 'write', path };
    this.#changed = true;
    try {
      const handle = await connection.ask<Buffer>(operation, signal, (sftp, done) => sftp.open(path, 'wx', done));
      try {
        await connection.ask<void>(operation, signal, (sftp, done) =>
          sftp.write(handle, content, 0, content.length, 0, (error) => done(error, undefined)),
        );
      } catch (error) {
        connection.release(handle);
        throw error;
      }
      // Servers that write late say only now that there is no room.
      await connection.ask<void>(operation, signal, (sftp, done) => sftp.close(handle, (error) => done(error, undefined)));
    } catch (error) {
      throw (await this.#whyNotWritten(error, operation, content.length, signal)) ?? error;
    }
  }

  /** Atomically over what is there, where the server offers the extension; else as the server does it. */
  async rename(from: string, to: string, signal: AbortSignal): Promise<void> {
    const operation: Operation = { phase: 'write', path: from };
    this.#changed = true;
    await this.#connection.ask<void>(operation, signal, (sftp, done) => {
      const finish = (error: Error | undefined | null) => done(error, undefined);
      try {
        sftp.ext_openssh_rename(from, to, finish);
      } catch {
        // ssh2 throws where the server does not offer it.
        sftp.rename(from, to, finish);
      }
    });
  }

  async remove(path: string, signal: AbortSignal): Promise<void> {
    this.#changed = true;
    await this.#connection
      .ask<void>({ phase: 'write', path }, signal, (sftp, done) => sftp.unlink(path, (error) => done(error, undefined)))
      .catch((error: unknown) => {
        if (!(error instanceof SourceError) || error.errorClass !== 'not_found') throw error;
      });
  }

  async space(directory: string, signal: AbortSignal): Promise<Space | undefined> {
    const found = await this.#fileSystem(directory, signal);
    if (!found) return undefined;
    const { f_frsize: unit, f_blocks: blocks, f_bavail: available, f_files: files, f_favail: freeFiles } = found;
    return {
      totalBytes: blocks * unit,
      freeBytes: available * unit,
      // File systems without a table of inodes tell 0.
      totalInodes: files > 0 ? files : undefined,
      freeInodes: files > 0 ? freeFiles : undefined,
    };
  }

  #fileSystem(directory: string, signal: AbortSignal): Promise<FileSystem | undefined> {
    return this.#connection.ask<FileSystem | undefined>({ phase: 'space', path: directory }, signal, (sftp, done) => {
      try {
        sftp.ext_openssh_statvfs(directory, (error, found: FileSystem) => {
          if (error && property(error, 'code') === STATUS.unsupported) done(undefined, undefined);
          else done(error, found);
        });
      } catch {
        // ssh2 throws where the server does not offer it.
        done(undefined, undefined);
      }
    });
  }

  /** OpenSSH says no more than "failure" where there is no room, or where it may not write at all: its file system tells. */
  async #whyNotWritten(reason: unknown, { phase, path }: Operation, bytes: number, signal: AbortSignal): Promise<SourceError | undefined> {
    if (!(reason instanceof SourceError) || reason.errorClass !== 'protocol' || signal.aborted) return undefined;
    const found = await this.#fileSystem(posix.dirname(path), signal).catch(() => undefined);
    if (!found) return undefined;
    if ((found.f_flag & READ_ONLY) !== 0) return readOnly(phase, path, this.#connection.address);
    const noRoom = found.f_bavail * found.f_frsize < bytes || (found.f_files > 0 && found.f_favail === 0);
    return noRoom ? full(phase, path, this.#connection.address) : undefined;
  }
}

/** The end arrives as an error. */
function untilEndOfFile<T>(done: Answer<T | undefined>): Answer<T> {
  return (error, value) => {
    if (error && isEndOfFile(error)) done(undefined, undefined);
    else done(error, value);
  };
}

function listed({ filename, attrs }: FileEntryWithStats): ListedFile {
  const { size, mtime } = attrs;
  return { name: filename, size: Number.isFinite(size) ? size : undefined, modified: Number.isFinite(mtime) ? mtime : undefined };
}

/** Links lead to what is counted elsewhere, or nowhere. What a server tells no type of is taken for a file. */
function isFile({ longname, attrs }: FileEntryWithStats): boolean {
  const type = typeOf(attrs);
  return type === 0 ? !LONG_NAME_OF_ANOTHER.test(longname) : type === constants.S_IFREG;
}

/** Servers may leave out the mode: then it is undefined, whatever its type says. */
function typeOf({ mode }: Stats): number {
  return mode & constants.S_IFMT;
}
