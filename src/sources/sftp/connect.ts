// Opens a connection: TCP, then the handshake with the check of the host key, then the login, then the SFTP session.

import { connect as connectTcp, type Socket } from 'node:net';
import ssh2, { type ParsedKey } from 'ssh2';
import { SourceError } from '../kind.js';
import type { Verdict } from '../login-guard.js';
import { hostKeyAlgorithms, refusal, type HostKeys } from '../ssh-trust/host-key.js';
import { usableKey } from '../ssh-trust/private-key.js';
import { Connection } from './connection.js';
import { connectionError, lost, refusedLogin } from './errors.js';
import { Login, type Credentials } from './login.js';

export interface Target {
  readonly host: string;
  readonly port: number;
  readonly credentials: Credentials;
  readonly hostKeys: HostKeys;
}

export interface Events {
  /** Told once the server has taken or refused the credentials. */
  readonly verdict: Verdict;
  /** The server has named its host keys, and has proved that it has them. */
  readonly announced: (keys: readonly Buffer[], shown: Buffer) => void;
  /** Once, when the connection, having been open, has ended. */
  readonly ended: () => void;
}

/** `host:port`, as messages name the server. */
export function addressOf({ host, port }: { readonly host: string; readonly port: number }): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/**
 * Connects and logs in. When the signal aborts, everything is torn down and the promise settles.
 * @throws SourceError
 */
export async function openConnection(target: Target, signal: AbortSignal, events: Events): Promise<Connection> {
  const { keys, passphrase } = target.credentials;
  for (const key of keys) usableKey(key, passphrase);
  const socket = await openSocket(target, signal);
  const opening = new Opening(target, events);
  const onAbort = () => opening.abort();
  signal.addEventListener('abort', onAbort, { once: true });
  opening.start(socket);
  if (signal.aborted) onAbort();
  return opening.connection.finally(() => signal.removeEventListener('abort', onAbort));
}

/** A connection from its socket to its SFTP session. */
class Opening {
  readonly #target: Target;
  readonly #events: Events;
  readonly #address: string;
  readonly #client = new ssh2.Client();
  readonly #login: Login;
  readonly #result = Promise.withResolvers<Connection>();
  #phase: 'connect' | 'login' = 'connect';
  #shown: Buffer = Buffer.alloc(0);
  #settled = false;

  constructor(target: Target, events: Events) {
    this.#target = target;
    this.#events = events;
    this.#address = addressOf(target);
    this.#login = new Login(target.credentials, () => this.#fail(refusedLogin(this.#address)));
  }

  get connection(): Promise<Connection> {
    return this.#result.promise;
  }

  abort(): void {
    this.#fail(noAnswer(this.#phase, this.#address));
  }

  start(sock: Socket): void {
    const client = this.#client;
    // The listener stays as long as the client: an error that comes later ends the connection, which tells so itself.
    client.on('error', (error) => this.#fail(connectionError(error, this.#phase, this.#address)));
    client.on('close', () => this.#fail(lost(this.#phase, this.#address)));
    client.on('handshake', () => (this.#phase = 'login'));
    client.on('hostkeys', (keys: readonly ParsedKey[]) =>
      this.#events.announced(
        keys.map((key) => key.getPublicSSH()),
        this.#shown,
      ),
    );
    client.on('change password', () =>
      this.#fail(new SourceError('login', 'auth', `${this.#address}: the password has expired; the server wants a new one`)),
    );
    client.on('ready', () => this.#openSession());
    client.connect({
      sock,
      username: this.#target.credentials.user,
      hostVerifier: (offered: Buffer) => this.#accept(offered),
      // The signal of the collection is the only deadline.
      readyTimeout: 0,
      algorithms: { serverHostKey: hostKeyAlgorithms(this.#target.hostKeys) },
      authHandler: (methods: readonly string[] | null, partial, next) => {
        const step = this.#login.next(methods, partial);
        if (typeof step === 'object') next(step);
        else this.#fail(step === 'refused' ? refusedLogin(this.#address) : noWayIn(methods, this.#address), step === 'refused');
      },
    });
  }

  #accept(offered: Buffer): boolean {
    const refused = refusal(offered, this.#target.hostKeys);
    if (refused !== undefined) {
      this.#fail(new SourceError('connect', 'host_key', `${this.#address}: ${refused}`));
      return false;
    }
    this.#shown = offered;
    return true;
  }

  #openSession(): void {
    this.#events.verdict(true);
    this.#client.sftp((error, sftp) => {
      if (error) this.#fail(new SourceError('login', 'protocol', `${this.#address}: the server lets the user log in but offers no SFTP`));
      else if (!this.#settled) {
        this.#settled = true;
        this.#result.resolve(new Connection(this.#client, sftp, this.#address, this.#events.ended));
      }
    });
  }

  /** @param refused whether it was a credential that the server did not take */
  #fail(error: SourceError, refused = error.errorClass === 'auth'): void {
    this.#client.destroy();
    if (this.#settled) return;
    this.#settled = true;
    // There are servers that leave without a word once they have refused one credential and are shown another.
    const left = this.#login.refused && error.errorClass === 'lost';
    if (refused || left) this.#events.verdict(false);
    this.#result.reject(left ? refusedLogin(this.#address) : error);
  }
}

function noWayIn(methods: readonly string[] | null, address: string): SourceError {
  const taken = (methods ?? []).filter((method) => /^[a-z-]+$/.test(method)).join(', ');
  return new SourceError(
    'login',
    'auth',
    `${address}: the server lets nobody in by what the YAML has for the user; it takes ${taken || 'nothing'}`,
  );
}

function openSocket(target: Target, signal: AbortSignal): Promise<Socket> {
  const address = addressOf(target);
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  // Without noDelay, each page of a listing waits for the acknowledgement of the one before (Nagle): forty times slower.
  const socket = connectTcp({ host: target.host, port: target.port, noDelay: true });
  const onAbort = () => {
    reject(noAnswer('connect', address));
    socket.destroy();
  };
  const onError = (error: Error) => reject(connectionError(error, 'connect', address));
  socket.once('error', onError);
  socket.once('connect', () => {
    socket.off('error', onError);
    resolve(socket);
  });
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  return promise.finally(() => signal.removeEventListener('abort', onAbort));
}

function noAnswer(phase: 'connect' | 'login', address: string): SourceError {
  return new SourceError(phase, 'timeout', `${address} did not answer in time`);
}
