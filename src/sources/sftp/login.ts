// The order in which credentials are shown to a server. Each is shown once: servers count what they refuse, and lock accounts.

import type { AnyAuthMethod, KeyboardInteractiveAuthMethod } from 'ssh2';

export interface Credentials {
  readonly user: string;
  /** Private keys, in the order in which they are tried; each can be opened with the passphrase. */
  readonly keys: readonly string[];
  readonly passphrase: string | undefined;
  readonly password: string | undefined;
}

/** What the handshake says of a login that is over, or what to send next. */
export type NextStep = AnyAuthMethod | 'refused' | 'nothing to offer';

export class Login {
  readonly #credentials: Credentials;
  readonly #keys: string[];
  readonly #onRepeatedPrompt: () => void;
  #passwordLeft: boolean;
  #asked = false;
  #pending = false;
  #refused = false;

  /** @param onRepeatedPrompt the server asks once more within a dialogue that has had its password: it was wrong */
  constructor(credentials: Credentials, onRepeatedPrompt: () => void) {
    this.#credentials = credentials;
    this.#keys = [...credentials.keys];
    this.#passwordLeft = credentials.password !== undefined;
    this.#onRepeatedPrompt = onRepeatedPrompt;
  }

  /** Whether the server has refused a credential, or has left without an answer after it had refused another. */
  get refused(): boolean {
    return this.#refused;
  }

  /** @param methods what the server would take; null at the beginning @param partial the last one was right, and more is wanted */
  next(methods: readonly string[] | null, partial: boolean | null): NextStep {
    const { user: username, passphrase, password } = this.#credentials;
    // Asking with nothing tells what the server takes, and counts as no failure.
    if (!this.#asked) {
      this.#asked = true;
      return { type: 'none', username };
    }
    if (this.#pending) this.#refused = partial !== true;
    const key = methods?.includes('publickey') === true ? this.#keys.shift() : undefined;
    this.#pending = true;
    if (key !== undefined) return { type: 'publickey', username, key, ...(passphrase !== undefined && { passphrase }) };
    if (this.#passwordLeft && password !== undefined) {
      this.#passwordLeft = false;
      if (methods?.includes('password') === true) return { type: 'password', username, password };
      if (methods?.includes('keyboard-interactive') === true) return this.#dialogue(username, password);
    }
    return this.#refused ? 'refused' : 'nothing to offer';
  }

  /** Answers the first question with the password, and no second one. */
  #dialogue(username: string, password: string): KeyboardInteractiveAuthMethod {
    let answered = false;
    return {
      type: 'keyboard-interactive',
      username,
      prompt: (_name, _instructions, _language, prompts, finish) => {
        if (answered) {
          this.#refused = true;
          this.#onRepeatedPrompt();
          return;
        }
        answered = true;
        finish(prompts.map(() => password));
      },
    };
  }
}
