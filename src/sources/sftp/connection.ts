// One SSH connection with one SFTP session. ssh2 knows no deadlines, so every step ends when its signal does, and the connection with it.

import type { Client, FileEntryWithStats, SFTPWrapper } from 'ssh2';
import { SourceError } from '../kind.js';
import { isEndOfFile, listingError, lost } from './errors.js';

/** An entry of a directory. Servers may leave out its size and its time: then they are undefined, whatever the type says. */
export type Entry = FileEntryWithStats;

type Answer<T> = (error: Error | undefined, value: T) => void;

export class Connection {
  readonly #client: Client;
  readonly #sftp: SFTPWrapper;
  readonly #address: string;
  readonly #waiting = new Set<() => void>();
  #ended = false;

  /** @param onEnd called once when the connection has ended, for whatever reason */
  constructor(client: Client, sftp: SFTPWrapper, address: string, onEnd: () => void) {
    this.#client = client;
    this.#sftp = sftp;
    this.#address = address;
    client.on('close', () => this.#end(onEnd));
    sftp.on('close', () => this.#end(onEnd));
    // A session that broke (by a packet that is too large, say) is of no use any more.
    sftp.on('error', () => this.destroy());
  }

  /** Hands over the entries of a directory page by page, so that memory does not grow with it. @throws SourceError */
  async list(directory: string, visit: (entry: Entry) => void, signal: AbortSignal): Promise<void> {
    const sftp = this.#sftp;
    const handle = await this.#answer<Buffer>(directory, signal, (done) => sftp.opendir(directory, done));
    for (;;) {
      const page = await this.#answer<readonly Entry[] | undefined>(directory, signal, (done) =>
        sftp.readdir(handle, (error, list) => {
          if (error && isEndOfFile(error)) done(undefined, undefined);
          else done(error, list);
        }),
      ).catch((error: unknown) => {
        this.#release(handle);
        throw error;
      });
      if (page === undefined) break;
      for (const entry of page) visit(entry);
    }
    this.#release(handle);
  }

  destroy(): void {
    this.#client.destroy();
  }

  /** Nothing depends on the answer: a handle that cannot be closed ends with the connection. */
  #release(handle: Buffer): void {
    if (!this.#ended) this.#sftp.close(handle, () => {});
  }

  #answer<T>(directory: string, signal: AbortSignal, ask: (done: Answer<T>) => void): Promise<T> {
    if (this.#ended) return Promise.reject(lost('list', this.#address));
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const giveUp = () => {
      reject(new SourceError('list', 'timeout', `${directory}: ${this.#address} did not answer in time`));
      this.destroy();
    };
    const onLost = () => reject(lost('list', this.#address));
    signal.addEventListener('abort', giveUp, { once: true });
    this.#waiting.add(onLost);
    if (signal.aborted) giveUp();
    else {
      ask((error, value) => {
        if (error) reject(listingError(error, directory, this.#address));
        else resolve(value);
      });
    }
    return promise.finally(() => {
      signal.removeEventListener('abort', giveUp);
      this.#waiting.delete(onLost);
    });
  }

  #end(onEnd: () => void): void {
    if (this.#ended) return;
    this.#ended = true;
    onEnd();
    for (const onLost of this.#waiting) onLost();
    this.destroy();
  }
}
