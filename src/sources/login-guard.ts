// Keeps monitoring from locking an account: after a login that was refused, the next try with this password waits, longer each time.

import { createHmac, randomBytes } from 'node:crypto';
import type { Clock } from '../domain/clock.js';
import { SourceError, type StateRecord } from './kind.js';

/** The first pause, and the longest: servers lock accounts after three to ten failures within half an hour. */
const FIRST_PAUSE_MS = 5 * 60_000;
const LONGEST_PAUSE_MS = 4 * 3_600_000;
/** How long an attempt waits at its end until what became of it is on the disk. */
const SAVE_WAIT_MS = 250;
/**
 * Logins of one account at once, where the credential is known to be good: it may be changed on the other side at any moment, and then
 * this is how many refusals it costs.
 */
const MOST_AT_ONCE = 2;
/** Credentials remembered as refused: more than these are old ones. */
const MOST_REFUSED = 20;

/** Of the credential that was asked for last. */
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
   * Logs in, if that may be tried now. A credential that was not refused is tried at once. Until a credential has been accepted, one login
   * after the other is tried, so that ten endpoints that share a wrong password cost one refusal; after that, two at once.
   * @param credential what is sent, kept as a digest alone
   * @throws LoginPaused, what `login` throws, and the reason of the signal when it aborts: the login itself is not waited for then, but its
   * verdict still counts
   */
  attempt<T>(credential: string, signal: AbortSignal, login: (verdict: Verdict) => Promise<T>): Promise<T>;
}

interface Refused {
  readonly rejections: number;
  /** Refusals that came one after the other, not of logins that ran at once: each of them makes the pause longer. */
  readonly steps: number;
  /** Monotonic. */
  readonly until: number;
}

/**
 * What is kept on the disk. `mark`: one byte of a salted digest, which tells whether a credential is the one that was refused (a wrong one
 * out of 256 is taken for it) and from which no password can be found out.
 */
interface LoginRecord {
  readonly rejections: number;
  readonly retryAt: number;
  readonly salt: string;
  readonly mark: string;
}

export class AccountGuard implements LoginGuard {
  /** A credential is told from another by a digest with a key that dies with the process. */
  readonly #key = randomBytes(32);
  readonly #record: StateRecord;
  readonly #clock: Clock;
  #loading: Promise<void> | undefined;
  /** By digest, the last one last. */
  readonly #refused = new Map<string, Refused>();
  /** What was refused before the start of this process, as far as it has not been met again. */
  #before: { readonly record: Partial<LoginRecord>; readonly refused: Refused } | undefined;
  #accepted: string | undefined;
  #running = 0;
  readonly #waiting = new Set<() => void>();
  #last: string | undefined;
  /** What is to be on the disk; undefined once it is. */
  #unsaved: { readonly value: LoginRecord | null } | undefined;
  #saving: Promise<void> | undefined;
  #problem: string | undefined;

  constructor(record: StateRecord, clock: Clock) {
    this.#record = record;
    this.#clock = clock;
  }

  get state(): LoginState {
    return this.#stateOf(this.#last);
  }

  /** Why refusals cannot be kept over a restart; undefined where they can. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** The same guard as one of several who share the account sees it: the state is that of the credential that this one asked for last. */
  view(): LoginGuard {
    let last: string | undefined;
    const stateOf = () => this.#stateOf(last);
    return {
      get state() {
        return stateOf();
      },
      attempt: (credential, signal, login) => {
        last = this.#digest(credential);
        return this.attempt(credential, signal, login);
      },
    };
  }

  async attempt<T>(credential: string, signal: AbortSignal, login: (verdict: Verdict) => Promise<T>): Promise<T> {
    const digest = this.#digest(credential);
    this.#last = digest;
    await this.#load();
    await this.#save();
    const leave = await this.#turn(digest, signal);
    const refused = this.#refusalOf(digest, credential);
    if (refused && this.#clock.monotonic() < refused.until) {
      leave();
      throw new LoginPaused(this.#wallTime(refused.until));
    }
    const running = this.#login(login, (accepted) => {
      if (accepted) this.#accept(digest);
      else this.#refuse(digest, credential, refused);
      leave();
    });
    try {
      return await abortable(running, signal);
    } finally {
      leave();
    }
  }

  async #login<T>(login: (verdict: Verdict) => Promise<T>, judge: Verdict): Promise<T> {
    let told = false;
    try {
      return await login((accepted) => {
        if (!told) judge(accepted);
        told = true;
      });
    } finally {
      await this.#savedSoon();
    }
  }

  /** A disk that takes long must not make a refusal look like a time-out: the writing goes on, and the next attempt waits for it. */
  async #savedSoon(): Promise<void> {
    const { promise: over, resolve } = Promise.withResolvers<void>();
    const timer = this.#clock.after(SAVE_WAIT_MS, resolve);
    await Promise.race([this.#save(), over]);
    timer.cancel();
  }

  /**
   * A place for one more login; until the credential has been accepted, the only one.
   * @returns what gives the place back. @throws the reason of the signal
   */
  async #turn(digest: string, signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    while (this.#running >= (digest === this.#accepted ? MOST_AT_ONCE : 1)) await this.#change(signal);
    this.#running++;
    let left = false;
    return () => {
      if (left) return;
      left = true;
      this.#running--;
      // All of them: how many may go on depends on what became of the credential. They ask again in the order in which they came.
      const waiting = [...this.#waiting];
      this.#waiting.clear();
      for (const wake of waiting) wake();
    };
  }

  async #change(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.add(resolve);
    try {
      await abortable(promise, signal);
    } finally {
      this.#waiting.delete(resolve);
    }
  }

  #digest(credential: string): string {
    return createHmac('sha256', this.#key).update(credential).digest('base64');
  }

  #stateOf(digest: string | undefined): LoginState {
    const { rejections, until } = (digest !== undefined && this.#refused.get(digest)) ||
      this.#before?.refused || { rejections: 0, until: 0 };
    return { rejections, retryAt: until > this.#clock.monotonic() ? this.#wallTime(until) : 0 };
  }

  #refusalOf(digest: string, credential: string): Refused | undefined {
    const known = this.#refused.get(digest);
    if (known || !this.#before) return known;
    const { record, refused } = this.#before;
    const isAnother = record.salt !== undefined && record.mark !== markOf(record.salt, credential);
    return isAnother ? undefined : refused;
  }

  #accept(digest: string): void {
    this.#accepted = digest;
    const had = this.#refused.delete(digest) || this.#before !== undefined;
    this.#before = undefined;
    // Another credential that was refused stays so: this one is good, that one is not.
    if (had && this.#refused.size === 0) this.#unsaved = { value: null };
  }

  /** @param before what was known when the login began: of several at once that are refused, one makes the pause longer */
  #refuse(digest: string, credential: string, before: Refused | undefined): void {
    const known = this.#refused.get(digest) ?? before;
    const wasAtOnce = known !== before && known !== undefined;
    const steps = wasAtOnce ? known.steps : (known?.steps ?? 0) + 1;
    const pause = Math.min(FIRST_PAUSE_MS * 2 ** (steps - 1), LONGEST_PAUSE_MS);
    const refused: Refused = { rejections: (known?.rejections ?? 0) + 1, steps, until: this.#clock.monotonic() + pause };
    if (this.#accepted === digest) this.#accepted = undefined;
    this.#before = undefined;
    this.#refused.delete(digest);
    this.#refused.set(digest, refused);
    const [oldest] = this.#refused.keys();
    if (this.#refused.size > MOST_REFUSED && oldest !== undefined) this.#refused.delete(oldest);
    const salt = randomBytes(16).toString('base64');
    this.#unsaved = {
      value: { rejections: refused.rejections, retryAt: this.#wallTime(refused.until), salt, mark: markOf(salt, credential) },
    };
  }

  #wallTime(monotonic: number): number {
    return Math.round(this.#clock.now() + monotonic - this.#clock.monotonic());
  }

  /** @throws SourceError of class `state`: while nobody knows whether a login was refused, none is tried; the next attempt reads again */
  async #load(): Promise<void> {
    this.#loading ??= this.#read();
    try {
      await this.#loading;
    } catch (error) {
      this.#loading = undefined;
      throw error;
    }
  }

  async #read(): Promise<void> {
    const value = await this.#record.read();
    if (!isLoginRecord(value)) return;
    const { rejections, retryAt } = value;
    // A clock that was set back in the meantime must not make the pause longer than it can be.
    const left = Math.min(Math.max(0, retryAt - this.#clock.now()), LONGEST_PAUSE_MS);
    this.#before = { record: value, refused: { rejections, steps: rejections, until: this.#clock.monotonic() + left } };
  }

  /** What cannot be written is kept in memory, and written with the next attempt: a full disk hides no answer, and causes no login. */
  async #save(): Promise<void> {
    while (this.#unsaved) {
      this.#saving ??= this.#write(this.#unsaved);
      await this.#saving;
      if (this.#problem !== undefined) return;
    }
  }

  async #write(unsaved: { readonly value: LoginRecord | null }): Promise<void> {
    try {
      await this.#record.write(unsaved.value ?? { rejections: 0, retryAt: 0 });
      if (this.#unsaved === unsaved) this.#unsaved = undefined;
      this.#problem = undefined;
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      this.#problem = error.message;
    } finally {
      this.#saving = undefined;
    }
  }
}

/** One of 256. */
function markOf(salt: string, credential: string): string {
  return createHmac('sha256', Buffer.from(salt, 'base64')).update(credential).digest('hex').slice(0, 2);
}

function isLoginRecord(value: unknown): value is Pick<LoginRecord, 'rejections' | 'retryAt'> & Partial<LoginRecord> {
  if (typeof value !== 'object' || value === null || !('rejections' in value) || !('retryAt' in value)) return false;
  return typeof value.rejections === 'number' && value.rejections > 0 && typeof value.retryAt === 'number';
}

/** The promise, or the reason of the signal where that aborts first. */
async function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason);
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
