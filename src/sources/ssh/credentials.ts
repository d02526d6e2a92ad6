// What is tried to log in, and in which order: whatever the server says, no more than one refusal for each probe.

import type { AnyAuthMethod, ParsedKey } from 'ssh2';

export interface Account {
  readonly user: string;
  readonly key: ParsedKey | undefined;
  readonly password: string | undefined;
  /** All that is sent to prove who we are, to tell one credential from another. */
  readonly credential: string;
}

export class Credentials {
  readonly #account: Account;
  #asked = false;
  #keySent = false;
  #passwordSent = false;
  #offered: readonly string[] = [];

  constructor(account: Account) {
    this.#account = account;
  }

  /** Whether anything was sent that the server could refuse. */
  get sent(): boolean {
    return this.#keySent || this.#passwordSent;
  }

  /** How one may log in, as the server said last. */
  get offered(): readonly string[] {
    return this.#offered;
  }

  /**
   * The next step. The first asks for what there is, which servers count as no failure; after a refusal there is none. Of a key and a
   * password the password comes second, where the server wants both or no key.
   * @param left ways in which one may go on; null at first
   * @param accepted whether what was sent last was accepted, and more is wanted
   */
  next(left: readonly string[] | null, accepted: boolean | null): AnyAuthMethod | undefined {
    const { user: username, key, password } = this.#account;
    if (!this.#asked) {
      this.#asked = true;
      return { type: 'none', username };
    }
    this.#offered = left ?? [];
    if (this.sent && accepted !== true) return undefined;
    if (key !== undefined && !this.#keySent && this.#offered.includes('publickey')) {
      this.#keySent = true;
      return { type: 'publickey', username, key };
    }
    if (password === undefined || this.#passwordSent) return undefined;
    if (this.#offered.includes('password')) {
      this.#passwordSent = true;
      return { type: 'password', username, password };
    }
    if (this.#offered.includes('keyboard-interactive')) {
      this.#passwordSent = true;
      return { type: 'keyboard-interactive', username, prompt: answerOnce(password) };
    }
    return undefined;
  }
}

type Prompt = Extract<AnyAuthMethod, { type: 'keyboard-interactive' }>['prompt'];

/** One question, which is for the password. A second one wants something else (a code, a new password), and gets nothing. */
function answerOnce(password: string): Prompt {
  let answered = false;
  return (_name, _instructions, _language, prompts, finish) => {
    const isPassword = !answered && prompts.length === 1;
    answered = true;
    finish(prompts.map(() => (isPassword ? password : '')));
  };
}
