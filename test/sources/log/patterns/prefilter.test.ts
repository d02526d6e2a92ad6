// The prefilter: it leaves out patterns that cannot match, and never one that can.

import { isDeepStrictEqual } from 'node:util';
import { Pattern } from '../../../../src/sources/log/patterns/pattern.js';
import { PatternSet } from '../../../../src/sources/log/patterns/prefilter.js';
import { RandomPatterns } from './random.js';

function candidates(set: PatternSet, text: string): number[] {
  const count = set.candidates(text);
  return [...set.found.subarray(0, count)];
}

function literals(...all: readonly (string | undefined)[]): PatternSet {
  return new PatternSet(all.map((literal) => ({ literal })));
}

/** Too many to be looked for one by one; none is in a text of these tests. */
const OTHERS = ['other1', 'other2', 'other3', 'other4', 'other5', 'other6'];

describe.each([
  ['few literals', []],
  ['many literals', OTHERS],
])('the prefilter, with %s', (_, others) => {
  test('finds the patterns whose literal is there, in their order', () => {
    const set = literals('job: ', 'http: ', 'file: ', 'done', ...others);

    expect(candidates(set, 'http: x')).toEqual([1]);
    expect(candidates(set, 'done, file: x, job: y')).toEqual([0, 2, 3]);
    expect(candidates(set, 'job: job: job: ')).toEqual([0]);
    expect(candidates(set, 'nothing')).toEqual([]);
    expect(candidates(set, '')).toEqual([]);
  });

  test('always finds patterns without a literal, and what is no pattern', () => {
    const set = new PatternSet([
      { literal: 'abc' },
      { literal: undefined },
      { literal: 'xyz' },
      undefined,
      ...others.map((literal) => ({ literal })),
    ]);

    expect(candidates(set, '')).toEqual([1, 3]);
    expect(candidates(set, 'xyz')).toEqual([1, 2, 3]);
    expect(candidates(set, 'xyz abc')).toEqual([0, 1, 2, 3]);
  });

  test('finds literals that overlap, that are within others, and that several patterns share', () => {
    const set = literals('abcd', 'cdef', 'bc', 'def', 'abcd', ...others);

    expect(candidates(set, '-abcdef-')).toEqual([0, 1, 2, 3, 4]);
    expect(candidates(set, '-abcd-')).toEqual([0, 2, 4]);
    expect(candidates(set, '-bcdef-')).toEqual([1, 2, 3]);
    expect(candidates(literals('aaa', 'aab', 'ab', 'b', ...others), 'aaab')).toEqual([0, 1, 2, 3]);
  });

  test('takes literals as they are written', () => {
    const set = literals('[a]', 'a.c', '^$|', '\\d+', 'é€😀', ...others);

    expect(candidates(set, 'abc 12 a')).toEqual([]);
    expect(candidates(set, '[a] a.c ^$| \\d+ é€😀')).toEqual([0, 1, 2, 3, 4]);
  });
});

describe('the prefilter', () => {
  test('tries all of up to three patterns: to search would cost more', () => {
    expect(candidates(literals('abc', 'xyz', 'foo'), 'nothing')).toEqual([0, 1, 2]);
    expect(candidates(new PatternSet([]), 'nothing')).toEqual([]);
  });

  test('changes no result: random patterns on random texts', () => {
    const wrong: unknown[] = [];
    let left = 0;
    for (let seed = 0; seed < 150; seed += 1) {
      const random = new RandomPatterns(seed);
      const patterns = Array.from({ length: 4 + random.number(30) }, () => Pattern.compile(random.pattern()));
      const set = new PatternSet(patterns);
      for (const text of random.texts(10)) {
        const all = patterns.map((_, index) => index);
        const found = candidates(set, text);
        left += patterns.length - found.length;
        const [matching, matchingFound] = [all, found].map((indices) => indices.filter((index) => patterns[index]?.test(text)));
        if (!isDeepStrictEqual(matching, matchingFound))
          wrong.push({ sources: patterns.map(({ source }) => source), text, found, matching });
      }
    }

    expect(wrong).toEqual([]);
    expect(left).toBeGreaterThan(1000);
  });
});
