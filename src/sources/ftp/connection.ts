// One FTP connection after its login: sends commands one after the other. basic-ftp has one time limit for everything, so every operation
// here ends when its signal does, and the connection with it.

import type { Client } from 'basic-ftp';
import type { Clock } from '../../domain/clock.js';
import { SourceError } from '../kind.js';
import { ask } from './control.js';
import { DataChannels, type Secured } from './data-channel.js';
import { DataError, operationError, Refusal, type Reply } from './errors.js';
import { transfer, type Transfer } from './transfer.js';

export interface Wiring {
  /** `host:port`. */
  readonly address: string;
  readonly clock: Clock;
  readonly secured: Secured | undefined;
  /** See `data_address` of the schema. */
  readonly dataAddress: string;
}

export class Connection {
  readonly #client: Client;
  readonly #wiring: Wiring;
  readonly #channels: DataChannels;
  #step = '';
  #ended = false;
  #answeredAt: number;

  constructor(client: Client, wiring: Wiring) {
    this.#client = client;
    this.#wiring = wiring;
    this.#channels = new DataChannels(client.ftp, {
      address: wiring.dataAddress,
      secured: wiring.secured,
      ask: (command) => this.ask(command),
      doing: (step) => (this.#step = step),
    });
    this.#answeredAt = wiring.clock.monotonic();
  }

  /** Nothing can be done with it any more: it was ended from here or from there. */
  get ended(): boolean {
    return this.#ended || this.#client.closed;
  }

  /** Milliseconds since the server answered last. */
  get idle(): number {
    return this.#wiring.clock.monotonic() - this.#answeredAt;
  }

  destroy(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#channels.destroy();
    this.#client.close();
  }

  /**
   * Does something of several steps. When the signal aborts it has failed as `timeout`, and the connection, whose state nobody knows then,
   * is of no use any more.
   * @param subject what it is about, for people
   * @throws SourceError of this phase
   */
  async operate<T>(phase: string, subject: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const { address } = this.#wiring;
    if (this.ended) throw new SourceError(phase, 'lost', `${subject}: the connection to ${address} was lost`);
    const { promise: late, reject } = Promise.withResolvers<never>();
    const onAbort = () => {
      reject(new SourceError(phase, 'timeout', `${subject}: ${this.#step || `${address} did not answer`} in time`));
      this.destroy();
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    try {
      return await Promise.race([late, work()]);
    } catch (error) {
      throw operationError(error, phase, subject, address);
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  /** Sends a command. @returns its reply, whatever it is */
  async ask(command: string): Promise<Reply> {
    const [verb = ''] = command.split(' ');
    this.#step = `${this.#wiring.address} did not answer ${verb}`;
    const reply = await ask(this.#client.ftp, command);
    this.#answeredAt = this.#wiring.clock.monotonic();
    return reply;
  }

  /** Sends a command. @returns its reply, where it agrees. @throws Refusal */
  async tell(command: string): Promise<Reply> {
    const reply = await this.ask(command);
    if (reply.code >= 400) throw new Refusal(command.split(' ')[0] ?? '', reply);
    return reply;
  }

  /** Opens a data channel and does one transfer over it. @throws Refusal, DataError */
  async transfer(job: Omit<Transfer, 'data'>): Promise<Reply | undefined> {
    const [verb = ''] = job.command.split(' ');
    const data = await this.#channels.open();
    this.#step = `${this.#wiring.address} did not end ${verb}`;
    try {
      const reply = await transfer(this.#client.ftp, this.#wiring.clock, { ...job, data });
      this.#answeredAt = this.#wiring.clock.monotonic();
      if (reply === undefined) this.destroy();
      return reply;
    } catch (error) {
      if (error instanceof DataError) this.destroy();
      throw error;
    } finally {
      this.#channels.destroy();
    }
  }
}
