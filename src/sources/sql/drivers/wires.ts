// The sockets that a library opens by itself: for one that takes no socket of ours and cannot be told to stop connecting.

import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe } from 'node:diagnostics_channel';
import { Socket } from 'node:net';

/** Node.js tells of each socket as it is made, in the context of who makes it. */
const CHANNEL = 'net.client.socket';
const current = new AsyncLocalStorage<Wires>();
let listens = false;

export class Wires {
  readonly #sockets: Socket[] = [];
  #isCut = false;
  #madeAt: number | undefined;
  #connectedAt: number | undefined;

  /** Runs what opens sockets, and keeps hold of them. */
  async around<T>(work: () => Promise<T>): Promise<T> {
    if (!listens) subscribe(CHANNEL, (message) => Wires.#onSocket(message));
    listens = true;
    return await current.run(this, work);
  }

  /** Whether the last socket lives, the ones before having been tried in vain; true where there is none. */
  get open(): boolean {
    return !this.#isCut && this.#sockets.at(-1)?.destroyed !== true;
  }

  /** Milliseconds on the clock of `performance`: when the first socket was made and when the last one stood. */
  get times(): { readonly madeAt: number | undefined; readonly connectedAt: number | undefined } {
    return { madeAt: this.#madeAt, connectedAt: this.#connectedAt };
  }

  /** Calls the listener once the last socket is closed. */
  onClose(listener: () => void): void {
    this.#sockets.at(-1)?.once('close', listener);
  }

  /** Ends all sockets at once, and those that are still to be opened. */
  cut(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) end(socket);
  }

  static #onSocket(message: unknown): void {
    if (typeof message !== 'object' || message === null || !('socket' in message) || !(message.socket instanceof Socket)) return;
    const wires = current.getStore();
    if (wires) wires.#add(message.socket);
  }

  #add(socket: Socket): void {
    this.#sockets.push(socket);
    this.#madeAt ??= performance.now();
    socket.once('connect', () => (this.#connectedAt = performance.now()));
    // The library has yet to listen for what becomes of it.
    if (this.#isCut) process.nextTick(() => end(socket));
  }
}

/** With an error, since a library that waits for the connection listens for nothing else. */
function end(socket: Socket): void {
  socket.on('error', () => {}).destroy(new Error('cut'));
}
