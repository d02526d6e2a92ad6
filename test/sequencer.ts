// In which order suites run: the one that waits longest first, so that it ends with the others, also where no earlier run is known.

import Sequencer from '@jest/test-sequencer';

const LONGEST = /[\\/]e2e[\\/]scenarios\.test\.js$/;

type Suites = Parameters<Sequencer.default['sort']>[0];

export default class LongestFirst extends Sequencer.default {
  override async sort(suites: Suites): Promise<Suites> {
    const inUsualOrder = super.sort.bind(this);
    return (await inUsualOrder(suites)).toSorted((a, b) => Number(LONGEST.test(b.path)) - Number(LONGEST.test(a.path)));
  }
}
