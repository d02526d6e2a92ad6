// What is remembered of an endpoint from probe to probe, over reloads too.

import { History } from './transcript.js';

/** Transcripts kept of each endpoint: of the last probes, and of the last that failed. */
const KEPT = 10;
/** All endpoints of a source together keep no more than about this many, so that memory does not grow with them. */
const KEPT_IN_ALL = 2_000;

export class EndpointState {
  readonly history: History;
  #failures = 0;
  #wasUp = false;

  /** @param endpoints how many the source has */
  constructor(endpoints: number) {
    this.history = new History(Math.max(1, Math.min(KEPT, Math.floor(KEPT_IN_ALL / endpoints))));
  }

  /**
   * Takes the result of a probe. One that has never been seen up is down with its first failure: nothing speaks for it.
   * @returns whether the endpoint counts as up
   */
  judge(succeeded: boolean, confirm: number): boolean {
    this.#failures = succeeded ? 0 : this.#failures + 1;
    this.#wasUp = succeeded || (this.#wasUp && this.#failures < confirm);
    return this.#wasUp;
  }
}
