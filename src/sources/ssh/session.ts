// One visit: ssh2 over a socket of ours, its events as steps that one waits for. ssh2 knows no deadlines; the signal ends every step.

import type { Socket } from 'node:net';
import ssh2, { type Client, type NegotiatedAlgorithms, type NextAuthHandler, type ParsedKey } from 'ssh2';
import { ProbeError } from '../endpoints/reasons.js';
import { hostKeyAlgorithms, refusal, type HostKeys } from '../ssh-trust/host-key.js';
import type { Credentials } from './credentials.js';
import { ended, problemOf, type Known } from './failures.js';
import { Overture, type Offer } from './overture.js';

/** Announced host keys are proved by requests of this vendor, RFC 4251 names apart; others do not have them. */
const ANNOUNCES = /^SSH-2\.0-OpenSSH_/;

export class Session {
  readonly #client: Client = new ssh2.Client();
  readonly #socket: Socket;
  readonly #overture = new Overture();
  readonly #credentials: Credentials | undefined;
  readonly #failed = Promise.withResolvers<never>();
  readonly #greeted = Promise.withResolvers<string>();
  readonly #agreed = Promise.withResolvers<NegotiatedAlgorithms>();
  readonly #loggedIn = Promise.withResolvers<void>();
  /** Announced keys, that the server has proved to have. */
  #announced: readonly ParsedKey[] = [];
  #refused: string | undefined;
  #isAgreed = false;
  #isIn = false;
  /** Goes on with the login, once that has begun; before, the server waits. */
  readonly #mayLogIn = Promise.withResolvers<void>();

  constructor(socket: Socket, hostKeys: HostKeys, credentials: Credentials | undefined) {
    this.#socket = socket;
    this.#credentials = credentials;
    // Nobody may be waiting when it fails.
    this.#failed.promise.catch(() => {});
    this.#listen();
    this.#client.connect({
      sock: socket,
      ident: 'Vigie',
      username: '',
      // The signal of the probe is the only deadline.
      readyTimeout: 0,
      algorithms: { serverHostKey: hostKeyAlgorithms(hostKeys) },
      hostVerifier: (offered: Buffer) => {
        this.#refused = refusal(offered, hostKeys);
        return this.#refused === undefined;
      },
      authHandler: (left, accepted, next) => void this.#proceed(left, accepted, next),
    });
    // ssh2 has paused the socket, so this listener comes before its own and misses nothing.
    socket.on('data', (chunk: Buffer) => this.#overhear(chunk));
  }

  /** What the server offers; known once the greeting is. */
  get offer(): Offer | undefined {
    return this.#overture.offer;
  }

  /** The line by which it greets. */
  greeting(signal: AbortSignal): Promise<string> {
    return this.#wait(this.#greeted.promise, signal);
  }

  /** What was agreed on, with the server whose host key was accepted. */
  handshake(signal: AbortSignal): Promise<NegotiatedAlgorithms> {
    return this.#wait(this.#agreed.promise, signal);
  }

  login(signal: AbortSignal): Promise<void> {
    this.#mayLogIn.resolve();
    return this.#wait(this.#loggedIn.promise, signal);
  }

  /**
   * The host keys that the server announced after the login (hostkeys-00@openssh.com, OpenSSH's PROTOCOL, section 2.5) and has proved to have.
   * They come unasked, so two requests that change nothing are answered first: requests are answered in their order.
   * @returns undefined where the server is not of the kind that announces
   */
  async announced(signal: AbortSignal): Promise<readonly ParsedKey[] | undefined> {
    if (!ANNOUNCES.test(this.#overture.greeting ?? '')) return undefined;
    for (let round = 0; round < 2; round++) {
      if (!this.#socket.writable) throw ended(this.#known);
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#client.openssh_noMoreSessions(() => resolve());
      await this.#wait(promise, signal);
    }
    return this.#announced;
  }

  /** Takes leave as one should, and does not wait for an answer. */
  end(): void {
    this.#client.end();
    this.#socket.destroySoon();
  }

  #listen(): void {
    const client = this.#client;
    const fail = (error: Error) => this.#failed.reject(error);
    // The listener stays as long as the client: errors may come when all is over.
    client.on('error', (error) => fail(problemOf(error, this.#known)));
    client.on('close', () => fail(ended(this.#known)));
    client.on('handshake', (algorithms) => {
      this.#isAgreed = true;
      this.#agreed.resolve(algorithms);
    });
    client.on('ready', () => {
      this.#isIn = true;
      this.#loggedIn.resolve();
    });
    client.on('hostkeys', (keys) => (this.#announced = keys));
    client.on('change password', () => fail(new ProbeError('auth', 'the password has expired; the server wants a new one', 'login')));
  }

  get #known(): Known {
    const sent = !this.#isIn && (this.#credentials?.sent ?? false);
    return { overture: this.#overture, refused: this.#refused, agreed: this.#isAgreed, sent };
  }

  #overhear(chunk: Buffer): void {
    this.#overture.push(chunk);
    const { greeting, isTooLong } = this.#overture;
    if (isTooLong) this.#failed.reject(new ProbeError('too_large', 'the server talks and talks, and does not greet'));
    else if (greeting !== undefined) this.#greeted.resolve(greeting);
  }

  async #proceed(left: readonly string[] | null, accepted: boolean | null, next: NextAuthHandler): Promise<void> {
    await this.#mayLogIn.promise;
    const step = this.#credentials?.next(left, accepted);
    if (step) next(step);
    else this.#failed.reject(new ProbeError('auth', this.#whyNot(), 'login'));
  }

  #whyNot(): string {
    if (this.#credentials?.sent) return 'the server does not accept what we log in with';
    return `the server lets nobody in by what we have; it offers ${this.#credentials?.offered.slice(0, 5).join(', ') ?? 'nothing'}`;
  }

  async #wait<T>(step: Promise<T>, signal: AbortSignal): Promise<T> {
    const late = () => this.#failed.reject(new ProbeError('timeout'));
    if (signal.aborted) late();
    else signal.addEventListener('abort', late, { once: true });
    try {
      return await Promise.race([step, this.#failed.promise]);
    } finally {
      signal.removeEventListener('abort', late);
    }
  }
}
