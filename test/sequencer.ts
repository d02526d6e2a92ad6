// In which order jest runs the suites: the one that waits longest first, so that it ends with the others; then the large ones first.
// https://jestjs.io/docs/configuration#testsequencer-string

import { statSync } from 'node:fs';

const LONGEST = /[\\/]e2e[\\/]scenarios\.test\.js$/;

interface Suite {
  readonly path: string;
}

export default class LongestFirst {
  sort<Known extends Suite>(suites: readonly Known[]): Known[] {
    const rank = ({ path }: Suite) => (LONGEST.test(path) ? Infinity : statSync(path).size);
    return suites
      .map((suite) => ({ suite, rank: rank(suite) }))
      .toSorted((a, b) => (a.rank === b.rank ? 0 : b.rank - a.rank))
      .map(({ suite }) => suite);
  }

  /** Jest tells of each run; nothing is learnt from it. */
  cacheResults(): void {}
}
