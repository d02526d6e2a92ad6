// Doubles are found among hashes, and hashes that happen to be equal make none.

import type { Observation } from '../../src/domain/observation.js';
import type { Block } from '../../src/exporter/block.js';
import { writtenBlocks } from '../../src/exporter/blocks.js';
import { Identities } from '../../src/exporter/identities.js';
import { backlog, place } from './fake-subject.js';

function block(...flows: string[]): Block {
  const [made] = writtenBlocks(flows.map((flow): Observation => backlog(1, { ...place, flow })));
  if (!made) throw new Error('no flows');
  return made;
}

/** The same block, with one hash for all that it holds. */
function colliding(inner: Block): Block {
  return {
    ...inner,
    size: inner.size,
    seriesEach: 1,
    hash: () => -7,
    at: (index) => inner.at(index),
    series: () => inner.series(),
    bytes: (format) => inner.bytes(format),
    without: () => inner,
  };
}

describe('identities', () => {
  it('tell which series of a block have come before, and where', () => {
    const [one, two] = [block('a', 'b', 'a'), block('c', 'b')];
    const identities = new Identities(one.size + two.size);

    const doubles = [...identities.add(one), ...identities.add(two)];

    expect(doubles).toEqual([
      { index: 2, first: { block: one, index: 0 } },
      { index: 1, first: { block: one, index: 1 } },
    ]);
  });

  it('are not taken for equal because their hashes are', () => {
    const [one, two] = [colliding(block('a', 'b')), colliding(block('c', 'a', 'd'))];
    const identities = new Identities(one.size + two.size);

    expect(identities.add(one)).toEqual([]);
    expect(identities.add(two)).toEqual([{ index: 1, first: { block: one, index: 0 } }]);
  });

  it('of nothing are none', () => {
    const empty = block('a').without(new Set([0]));

    expect(new Identities(empty.size).add(empty)).toEqual([]);
  });
});
