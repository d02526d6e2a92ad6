// Notices a process that hangs: stopped, or busy for good. Asks it again and again whether its event loop turns.

import type { Clock, Timer } from '../domain/clock.js';

const ASK_EVERY_MS = 20_000;
/** No busy machine takes so long to answer. A fleet that was itself stopped for an hour has left one question unanswered, not many. */
const QUESTIONS_LEFT = 3;

/** For how long a process that hangs has not answered when it is found out, in milliseconds; at most one question more. */
export const HANGS_AFTER_MS = ASK_EVERY_MS * QUESTIONS_LEFT;

export class Pulse {
  #unanswered = 0;
  #next: Timer;

  /** @param ask puts the question @param hangs is called once, when no answer has come for too long */
  constructor(
    private readonly clock: Clock,
    private readonly ask: () => void,
    private readonly hangs: () => void,
  ) {
    this.#next = clock.after(ASK_EVERY_MS, () => this.#look());
  }

  /** It answered. */
  beat(): void {
    this.#unanswered = 0;
  }

  stop(): void {
    this.#next.cancel();
  }

  #look(): void {
    if (this.#unanswered === QUESTIONS_LEFT) {
      this.hangs();
      return;
    }
    this.#unanswered++;
    this.ask();
    this.#next = this.clock.after(ASK_EVERY_MS, () => this.#look());
  }
}
