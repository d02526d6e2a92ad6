// A dialogue with the other side, step by step.

import type { Conversation } from '../endpoints/conversation.js';
import type { ProbeRun } from '../endpoints/prober.js';
import { ProbeError } from '../endpoints/reasons.js';
import type { Trust } from '../endpoints/tls.js';
import { loginOf, type Part, type Step } from './steps.js';

export interface DialogueOptions {
  readonly steps: readonly Step[];
  /** What is added to each text that is sent and has no end of a line yet. */
  readonly lineEnd: string;
  readonly encoding: 'utf8' | 'latin1';
  /** Values of the secrets, in the order in which they are sent. */
  readonly secrets: readonly string[];
  /** For the step `starttls`. */
  readonly tls: { readonly host: string; readonly trust: Trust } | undefined;
}

/** Longest text of the other side in the transcript. */
const LONGEST_SHOWN = 160;

/** One run of the steps. */
export class Dialogue {
  readonly #options: DialogueOptions;
  readonly #conversation: Conversation;
  readonly #run: ProbeRun;
  readonly #captures = new Map<string, string>();
  readonly #secrets: string[];
  #hasSent = false;
  #isLogin = false;
  /** What the other side says to somebody who has logged in is not for the transcript. */
  #isPrivate = false;

  constructor(options: DialogueOptions, conversation: Conversation, run: ProbeRun) {
    this.#options = options;
    this.#conversation = conversation;
    this.#run = run;
    this.#secrets = [...options.secrets];
  }

  async hold(): Promise<void> {
    const { steps, secrets } = this.#options;
    const { signal, guard } = this.#run;
    // What came so far tells why nothing more did. The signal is told at once, whatever waits for it.
    const tell = () => this.#sayPending();
    signal.addEventListener('abort', tell, { once: true });
    try {
      const login = loginOf(steps);
      if (!login) {
        await this.#take(steps);
        return;
      }
      await this.#take(steps.slice(0, login.first));
      const credential = JSON.stringify(secrets);
      await guard.attempt(credential, signal, async (verdict) => {
        await this.#logIn(steps.slice(login.first, login.last + 1), verdict);
      });
      await this.#take(steps.slice(login.last + 1));
    } finally {
      signal.removeEventListener('abort', tell);
    }
  }

  async #logIn(steps: readonly Step[], verdict: (accepted: boolean) => void): Promise<void> {
    this.#isLogin = true;
    try {
      await this.#take(steps);
      verdict(true);
    } catch (error) {
      const reason = error instanceof ProbeError ? error.reason : undefined;
      const isAnswered = this.#isPrivate && this.#conversation.pending !== '';
      const isRefused = this.#isPrivate && (reason === 'answer' || reason === 'too_large');
      // Where it says something else than what is expected, more of the same would be tried in vain, and may lock the account.
      if (isRefused || (reason === 'timeout' && isAnswered)) verdict(false);
      throw isRefused ? new ProbeError('auth', `what followed the secret was not as expected: ${reason}`, 'login') : error;
    } finally {
      this.#isLogin = false;
    }
  }

  async #take(steps: readonly Step[]): Promise<void> {
    for (const step of steps) {
      if (step.does === 'expect') await this.#expect(step);
      else if (step.does === 'send') await this.#send(step.parts);
      else if (step.does === 'send_hex') await this.#sendBytes(step.bytes, `sent ${step.bytes.length} bytes`);
      else await this.#secure();
    }
  }

  async #expect({ wanted, refusal }: Extract<Step, { does: 'expect' }>): Promise<void> {
    this.#enter(this.#hasSent ? 'wait' : 'greeting');
    try {
      const { text, groups } = await this.#conversation.expect(wanted, refusal);
      for (const [name, value] of Object.entries(groups)) this.#captures.set(name, value);
      this.#run.say(`came, as expected: ${this.#shown(text)}`);
    } catch (error) {
      if (error instanceof ProbeError && error.reason !== 'timeout') this.#sayPending();
      throw error;
    }
  }

  async #send(parts: readonly Part[]): Promise<void> {
    const values = parts.map((part) => this.#valueOf(part));
    const text = values.map(({ value }) => value).join('');
    const line = /[\r\n]$/.test(text) ? text : `${text}${this.#options.lineEnd}`;
    this.#isPrivate ||= parts.some((part) => 'secret' in part);
    await this.#sendBytes(Buffer.from(line, this.#options.encoding), `sent: ${values.map(({ shown }) => shown).join('')}`);
  }

  async #sendBytes(bytes: Buffer, words: string): Promise<void> {
    this.#enter('send');
    this.#hasSent = true;
    this.#run.say(words);
    await this.#conversation.send(bytes);
  }

  #valueOf(part: Part): { readonly value: string; readonly shown: string } {
    if ('text' in part) return { value: part.text, shown: part.text };
    if ('secret' in part) return { value: this.#secrets.shift() ?? '', shown: '***' };
    const value = this.#captures.get(part.capture) ?? '';
    return { value, shown: this.#isPrivate ? '***' : value };
  }

  async #secure(): Promise<void> {
    const { tls } = this.#options;
    if (tls) await this.#conversation.secure(tls.host, tls.trust);
  }

  #enter(phase: 'greeting' | 'send' | 'wait'): void {
    this.#run.watch.enter(this.#isLogin ? 'login' : phase);
  }

  #sayPending(): void {
    const { pending } = this.#conversation;
    this.#run.say(pending === '' ? 'nothing came' : `came, not as expected: ${this.#shown(pending)}`);
  }

  #shown(text: string): string {
    if (this.#isPrivate) return `${text.length} characters, not shown since a secret was sent before`;
    const trimmed = text.trimEnd().replaceAll(/\r?\n/g, ' ⏎ ');
    return trimmed.length > LONGEST_SHOWN ? `${trimmed.slice(0, LONGEST_SHOWN)}…` : trimmed;
  }
}
