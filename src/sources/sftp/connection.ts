// One SSH connection with one SFTP session. ssh2 knows no deadlines, so every step ends when its signal does, and the connection with it.

import type { Client, SFTPWrapper } from 'ssh2';
import { SourceError } from '../kind.js';
import { property } from '../ssh-trust/error-property.js';
import { isOffProtocol, lost, LostByOther, operationError, type Operation } from './errors.js';

/** What ssh2 says to everybody who waits when a session has ended; its other errors without a code are of packets. */
const NO_RESPONSE = 'No response from server';

/** ssh2's callback: an error, or a value. */
export type Answer<T> = (error: Error | undefined | null, value: T) => void;

/** An operation that has not been answered yet. */
interface Waiting {
  readonly operation: Operation;
  readonly reject: (error: SourceError) => void;
}

export class Connection {
  readonly address: string;
  readonly #client: Client;
  readonly #sftp: SFTPWrapper;
  readonly #onEnd: () => void;
  /** Oldest first. */
  readonly #waiting = new Set<Waiting>();
  #ended = false;

  /** @param onEnd called once when the connection has ended, for whatever reason */
  constructor(client: Client, sftp: SFTPWrapper, address: string, onEnd: () => void) {
    this.#client = client;
    this.#sftp = sftp;
    this.address = address;
    this.#onEnd = onEnd;
    client.on('error', (error) => this.#end(isOffProtocol(error) ? 'protocol' : 'lost'));
    client.on('close', () => this.#end('lost'));
    sftp.on('end', () => this.#end('lost'));
    sftp.on('close', () => this.#end('lost'));
    // A session that broke (by a packet that is too large, say) is of no use any more.
    sftp.on('error', () => this.#end('protocol'));
  }

  /** Asks something of the server. @throws SourceError */
  ask<T>(operation: Operation, signal: AbortSignal, send: (sftp: SFTPWrapper, done: Answer<T>) => void): Promise<T> {
    if (this.#ended) return Promise.reject(new LostByOther(operation.phase, 'lost', lost(operation.phase, this.address).message));
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const waiting: Waiting = { operation, reject };
    const giveUp = () => {
      this.#waiting.delete(waiting);
      reject(new SourceError(operation.phase, 'timeout', `${operation.path}: ${this.address} did not answer in time`));
      this.#end('other');
    };
    signal.addEventListener('abort', giveUp, { once: true });
    this.#waiting.add(waiting);
    if (signal.aborted) giveUp();
    else {
      send(this.#sftp, (error, value) => {
        if (error && property(error, 'code') === undefined) this.#end(property(error, 'message') === NO_RESPONSE ? 'lost' : 'protocol');
        // At once: what breaks the connection may stand in the same packet, and is not about what has been answered.
        this.#waiting.delete(waiting);
        if (error) reject(operationError(error, operation, this.address));
        else resolve(value);
      });
    }
    return promise.finally(() => {
      signal.removeEventListener('abort', giveUp);
      this.#waiting.delete(waiting);
    });
  }

  /** Gives a handle back. Nothing depends on the answer: one that cannot be closed ends with the connection. */
  release(handle: Buffer): void {
    if (!this.#ended) this.#sftp.close(handle, () => {});
  }

  destroy(): void {
    this.#end('other');
  }

  /**
   * Servers answer in order, so that the operation which has waited longest is the one they broke at; the others are to be tried again.
   * @param why `other` where none of those that wait is the reason
   */
  #end(why: 'lost' | 'protocol' | 'other'): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#onEnd();
    const [oldest, ...others] = this.#waiting;
    if (oldest) oldest.reject(why === 'other' ? this.#lostByOther(oldest) : this.#broken(oldest, why));
    for (const other of others) other.reject(this.#lostByOther(other));
    this.#client.destroy();
  }

  #broken({ operation: { phase, path } }: Waiting, why: 'lost' | 'protocol'): SourceError {
    if (why === 'lost') return lost(phase, this.address);
    return new SourceError(phase, 'protocol', `${path}: what ${this.address} answered is not allowed by the protocol`);
  }

  #lostByOther({ operation: { phase } }: Waiting): SourceError {
    return new LostByOther(phase, 'lost', lost(phase, this.address).message);
  }
}
