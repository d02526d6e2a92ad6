// Reloads one after the other; those that are asked for while one runs become one.

/** Runs at most one reload at a time, and keeps at most one waiting, however many ask: it begins after all of them, so its answer is theirs. */
export class Reloads<Answer> {
  #running: Promise<unknown> = Promise.resolve();
  #waiting: Promise<Answer> | undefined;

  constructor(private readonly reload: () => Promise<Answer>) {}

  /** @returns the answer of a reload that begins after this call. @throws what that reload throws */
  ask(): Promise<Answer> {
    if (this.#waiting) return this.#waiting;
    const turn = this.#running.then(() => {
      this.#waiting = undefined;
      return this.reload();
    });
    this.#waiting = turn;
    this.#running = turn.catch(() => undefined);
    return turn;
  }
}
