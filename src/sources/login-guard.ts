// Keeps monitoring from locking an account: after a login that was refused, the next try waits, longer each time.

import { createHmac, randomBytes } from 'node:crypto';
import type { Clock } from '../domain/clock.js';
import type { StateRecord } from './kind.js';

/** The first pause, and the longest: servers lock accounts after three to ten failures within half an hour. */
const FIRST_PAUSE_MS = 5 * 60_000;
const LONGEST_PAUSE_MS = 4 * 3_600_000;

export interface LoginState {
  /** Logins refused in a row. */
  readonly rejections: number;
  /** When the next login may be tried, in milliseconds since the Unix epoch; 0 where it may be tried now. */
  readonly retryAt: number;
}

/** The login was not tried: the last one was refused, and the pause is not over. */
export class LoginPaused extends Error {
  override readonly name = 'LoginPaused';
  /** @param retryAt milliseconds since the Unix epoch */
  constructor(readonly retryAt: number) {
    super(`no login before ${new Date(retryAt).toISOString()}: the last one was refused, and more would lock the account`);
  }
}

/** Tells the guard what became of a login. Not called where it did not come to that (the connection was lost, say). */
export type Verdict = (accepted: boolean) => void;

/** Guards one account. What it knows outlives the process: an exporter that restarts again and again must not lock it either. */
export interface LoginGuard {
  readonly state: LoginState;
  /**
   * Logs in, if that may be tried now. A credential that is not the one that was refused is tried at once. Until a credential has been
   * accepted, one login after the other is tried, so that ten endpoints that share a wrong password cost one refusal.
   * @param credential what is sent, kept as a digest alone
   * @throws LoginPaused, and what `login` throws
   */
  attempt<T>(credential: string, signal: AbortSignal, login: (verdict: Verdict) => Promise<T>): Promise<T>;
}

export class AccountGuard implements LoginGuard {
  /** A credential is told from another by a digest with a key that dies with the process: nothing on the disk leads back to it. */
  readonly #key = randomBytes(32);
  readonly #record: StateRecord;
  readonly #clock: Clock;
  #loaded: Promise<void> | undefined;
  #rejections = 0;
  #retryAt = 0;
  /** Digests of the credential that was accepted last, and of the one that was refused; undefined also where that was before the start. */
  #accepted: string | undefined;
  #refused: string | undefined;
  /** Logins with credentials that nobody has accepted yet follow each other. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(record: StateRecord, clock: Clock) {
    this.#record = record;
    this.#clock = clock;
  }

  get state(): LoginState {
    return { rejections: this.#rejections, retryAt: this.#retryAt > this.#clock.now() ? this.#retryAt : 0 };
  }

  async attempt<T>(credential: string, signal: AbortSignal, login: (verdict: Verdict) => Promise<T>): Promise<T> {
    await (this.#loaded ??= this.#load());
    const digest = createHmac('sha256', this.#key).update(credential).digest('base64');
    if (digest === this.#accepted) return this.#try(digest, login);
    const turn = this.#last.then(() => {
      signal.throwIfAborted();
      return this.#try(digest, login);
    });
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async #try<T>(digest: string, login: (verdict: Verdict) => Promise<T>): Promise<T> {
    const isAnother = this.#refused !== undefined && this.#refused !== digest;
    if (!isAnother && this.#clock.now() < this.#retryAt) throw new LoginPaused(this.#retryAt);
    let saved: Promise<void> | undefined;
    try {
      return await login((accepted) => {
        const changed = accepted ? this.#accept(digest) : this.#reject(digest, isAnother);
        if (changed) saved = this.#save();
      });
    } finally {
      await saved;
    }
  }

  #accept(digest: string): boolean {
    const had = this.#rejections > 0;
    this.#accepted = digest;
    this.#refused = undefined;
    this.#rejections = 0;
    this.#retryAt = 0;
    return had;
  }

  #reject(digest: string, isAnother: boolean): boolean {
    this.#rejections = isAnother ? 1 : this.#rejections + 1;
    this.#accepted = undefined;
    this.#refused = digest;
    this.#retryAt = this.#clock.now() + Math.min(FIRST_PAUSE_MS * 2 ** (this.#rejections - 1), LONGEST_PAUSE_MS);
    return true;
  }

  async #load(): Promise<void> {
    const value = await this.#record.read();
    if (typeof value !== 'object' || value === null) return;
    if ('rejections' in value && typeof value.rejections === 'number') this.#rejections = value.rejections;
    // A clock that was set back in the meantime must not make the pause longer than it can be.
    if ('retryAt' in value && typeof value.retryAt === 'number') {
      this.#retryAt = Math.min(value.retryAt, this.#clock.now() + LONGEST_PAUSE_MS);
    }
  }

  async #save(): Promise<void> {
    await this.#record.write({ rejections: this.#rejections, retryAt: this.#retryAt });
  }
}
