// The one connection under a pool of mssql, which keeps it to itself: how it came about, whether it lives, how it is cut.

import type { EventEmitter } from 'node:events';
import { isIP, type Socket } from 'node:net';
import type { Connection as Tedious } from 'tedious';
import type { ConnectPhase } from '../driver.js';
import type { ServerError } from './mssql-errors.js';
import { addressesOf, connectorArguments, openSocket } from './mssql-socket.js';

export interface LinkOptions {
  readonly server: string;
  /** Whose port SQL Server Browser has to tell. */
  readonly instance: string | undefined;
  /** TLS comes before anything else. */
  readonly strict: boolean;
  /** Tries all addresses of the server together. */
  readonly atOnce: boolean;
  readonly signal: AbortSignal;
}

export class Link {
  readonly #options: LinkOptions;
  #tedious: Tedious | undefined;
  #watch: Stopwatch | undefined;
  /** A socket is open, and TLS comes next where it is strict. */
  #opened = false;
  #address: string;
  #sealed = false;
  #lost = false;
  /** The first thing the server complained of while the connection was made; the errors of the libraries lack the number. */
  serverError: ServerError | undefined;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#address = options.server;
  }

  get lost(): boolean {
    return this.#lost;
  }

  /** Where the server is that answers: another one than the settings say where a listener has sent the client on. */
  get address(): string {
    return this.#address;
  }

  /** Of the last connection that was made, those to which a listener has sent it included. */
  get phases(): Readonly<Partial<Record<ConnectPhase, number>>> {
    return this.#watch?.laps ?? {};
  }

  /** Opens the socket for tedious: see its option `connector`. */
  readonly open = async (...given: readonly unknown[]): Promise<Socket> => {
    if (this.#sealed) throw new Error('the connection is replaced by its owner alone');
    const { target, signal } = connectorArguments(given);
    const { instance, atOnce } = this.#options;
    const watch = this.#begin();
    const addresses = await addressesOf(target.host);
    // Where the port has a name, SQL Server Browser has been asked as well.
    if (isIP(target.host) === 0 || instance !== undefined) watch.lap('dns');
    const socket = await openSocket(addresses, target.port, atOnce, signal);
    watch.lap('connect');
    this.#opened = true;
    const byInstance = instance !== undefined && target.host === this.#options.server;
    this.#address = byInstance ? `${target.host}\\${instance}` : `${target.host}:${target.port}`;
    return socket;
  };

  /** A pool replaces a lost connection on its own, with a password that may be old and in mid-query: not this one. */
  take(tedious: Tedious): void {
    if (this.#sealed || this.#options.signal.aborted) {
      tedious.close();
      return;
    }
    this.#begin();
    this.#tedious = tedious;
    this.#lost = false;
    tedious.on('errorMessage', ({ number, message, class: severity }) => {
      this.serverError ??= { number, message, severity };
    });
    this.#time(tedious);
    tedious.once('end', () => {
      if (this.#tedious === tedious) this.#lost = true;
    });
  }

  /** The connection is made: there will be no other one. */
  seal(): void {
    this.#sealed = true;
    this.#tedious?.removeAllListeners('debug');
  }

  /** Asks the server to let go of what runs; tedious cuts the connection when that takes longer than CANCEL_LIMIT_MS. */
  cancel(): void {
    this.#tedious?.cancel();
  }

  hangUp(): void {
    this.#sealed = true;
    this.#lost = true;
    this.#tedious?.close();
  }

  /** Whichever is first: tedious asks for the socket before mssql shows the connection, but not where it looks for an instance. */
  #begin(): Stopwatch {
    if (!this.#watch || this.#watch.stopped) this.#watch = new Stopwatch();
    return this.#watch;
  }

  #time(tedious: Tedious): void {
    const watch = this.#begin();
    if (this.#options.strict) {
      // No event tells the end of such a handshake, but the first thing tedious notes after the socket is that it has one, encrypted.
      tedious.on('debug', () => {
        if (this.#opened) watch.lap('tls');
        this.#opened = false;
      });
    }
    tedious.on('secure', () => watch.lap('tls'));
    // Its types do not know this event.
    const events: EventEmitter = tedious;
    events.on('rerouting', () => watch.lap('login'));
    tedious.once('connect', () => watch.stop('login'));
  }
}

class Stopwatch {
  #since = performance.now();
  #stopped = false;
  readonly laps: Partial<Record<ConnectPhase, number>> = {};

  get stopped(): boolean {
    return this.#stopped;
  }

  /** What has passed since the last lap belongs to this phase. */
  lap(phase: ConnectPhase): void {
    const now = performance.now();
    this.laps[phase] = (this.laps[phase] ?? 0) + now - this.#since;
    this.#since = now;
  }

  stop(phase: ConnectPhase): void {
    this.lap(phase);
    this.#stopped = true;
  }
}
