// Does something again and again, with a pause between, until it is stopped.

import type { Logger } from 'pino';
import type { Clock, Timer } from '../src/domain/clock.js';

const PAUSE_MS = 250;

export class Ticker {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #tick: () => Promise<void>;
  #timer: Timer;
  #running: Promise<void> = Promise.resolve();
  #failing = false;
  #stopped = false;

  constructor(clock: Clock, logger: Logger, tick: () => Promise<void>) {
    this.#clock = clock;
    this.#logger = logger;
    this.#tick = tick;
    this.#timer = this.#next();
  }

  /** Resolves once what runs has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer.cancel();
    await this.#running;
  }

  #next(): Timer {
    return this.#clock.after(PAUSE_MS, () => {
      this.#running = this.#run();
    });
  }

  async #run(): Promise<void> {
    try {
      await this.#tick();
      this.#failing = false;
    } catch (error) {
      if (!this.#failing) this.#logger.error({ error: error instanceof Error ? error.message : String(error) }, 'demo exchange stumbled');
      this.#failing = true;
    }
    if (!this.#stopped) this.#timer = this.#next();
  }
}
