// What is remembered of the endpoints of a source from probe to probe, over reloads too.

import { History } from './transcript.js';

/** Transcripts kept of each endpoint: of the last probes, and of the last that failed. */
const KEPT = 10;
/** All endpoints of a source together keep no more than about this many, so that memory does not grow with them. */
const KEPT_IN_ALL = 2_000;

export class EndpointState {
  readonly history = new History();
  #failures = 0;
  #up: boolean | undefined;
  /** The last probe found that it hangs: the next one is likely to do so too. */
  hangs = false;

  constructor(
    /** What is asked: another address or protocol under the same name is another endpoint. */
    readonly identity: string,
  ) {}

  /** @param endpoints how many the source has */
  share(endpoints: number): void {
    this.history.keep(Math.max(1, Math.min(KEPT, Math.floor(KEPT_IN_ALL / endpoints))));
  }

  /**
   * Takes the result of a probe. One that has never been seen up is down with its first failure: nothing speaks for it.
   * @returns whether the endpoint counts as up
   */
  judge(succeeded: boolean, confirm: number): boolean {
    this.#failures = succeeded ? 0 : this.#failures + 1;
    const isUp = succeeded || (this.#up === true && this.#failures < confirm);
    this.#up = isUp;
    return isUp;
  }

  /** As it was judged last; undefined before that. */
  get up(): boolean | undefined {
    return this.#up;
  }
}
