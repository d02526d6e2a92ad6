// The linear engine: the same matches as V8's own, in a time that the text cannot blow up.

import { isDeepStrictEqual } from 'node:util';
import { Pattern, type PatternMatch } from '../../../../src/sources/log/patterns/pattern.js';
import { RandomPatterns } from './random.js';
import { LINES, USUAL } from './usual.js';

function plain(match: PatternMatch | null): PatternMatch | null {
  return match && [...match];
}

/** On the linear engine; undefined if that does not know it. */
function linear(source: string, wanted?: readonly string[]): Pattern | undefined {
  const pattern = Pattern.compile(source, wanted && { wanted });
  return pattern.demote('a test').engine === 'linear' ? pattern : undefined;
}

describe('the linear engine', () => {
  test.each(USUAL.map((source) => [source]))('captures the same: %s', (source) => {
    const pattern = Pattern.compile(source);
    const slow = linear(source);

    expect(LINES.filter((line) => pattern.test(line))).not.toEqual([]);
    expect(LINES.map((line) => plain(slow?.exec(line) ?? null))).toEqual(LINES.map((line) => plain(pattern.exec(line))));
    expect(LINES.map((line) => slow?.test(line))).toEqual(LINES.map((line) => pattern.test(line)));
  });

  test('captures the same: random patterns on random texts', () => {
    const differing: unknown[] = [];
    let compared = 0;
    for (let seed = 0; seed < 2000; seed += 1) {
      const random = new RandomPatterns(seed);
      const source = random.pattern();
      const pattern = Pattern.compile(source);
      const slow = linear(source);
      if (slow === undefined) continue;
      // V8 takes a character beyond U+FFFF for two.
      for (const text of random.texts(10).map((any) => any.replaceAll('😀', ''))) {
        const outcomes = [slow.exec(text), pattern.exec(text)].map(plain);
        if (!isDeepStrictEqual(outcomes[0], outcomes[1])) differing.push({ source, text, outcomes });
        compared += 1;
      }
    }

    expect(differing).toEqual([]);
    expect(compared).toBeGreaterThan(10_000);
  });

  test.each([
    '\\s',
    '\\S',
    '\\w',
    '\\W',
    '\\d',
    '\\D',
    '.',
    '(?-s:.)',
    '[\\s,]',
    '[^\\s]',
    '[\\S]',
    '[^\\W]',
    '[^]',
    '[]',
    '[\\b]',
    '[\\u0080-\\uffff]',
    '\\bx',
    '^.$',
  ])('means the same characters by %s', (source) => {
    const pattern = Pattern.compile(source);
    const slow = linear(source);
    const characters = Array.from({ length: 0xd800 }, (_, code) => String.fromCharCode(code)).concat('\ufeff', '\uffff', '\ufffd');

    const differing = characters.filter((character) => pattern.test(character) !== slow?.test(character));

    expect(differing).toEqual([]);
  });

  test.each([
    ['x\\/\\-\\u0041\\x42\\cA\\0', 'x/-AB\u0001\u0000'],
    ['\\Qa\\E\\z', 'QaEz'],
    ['[[:alpha:]]', ':]'],
    ['{a}', '{a}'],
    ['a{,2}', 'a{,2}'],
    ['a😀b', 'a😀b'],
    ['\\é', 'é'],
    ['(?i:wArN) x', 'WaRn x'],
    ['(?i:[a-c]+)d', 'AbCd'],
  ])('reads the syntax of JavaScript: %s', (source, text) => {
    const slow = linear(source);

    expect(plain(slow?.exec(text) ?? null)).toEqual([text]);
    expect(plain(Pattern.compile(source).exec(text))).toEqual([text]);
  });

  test('captures what is wanted only, from several places if need be', () => {
    const source = '(?<a>x)-(?<b>\\w+)|(?<b>\\d+)';

    expect(plain(linear(source, ['b'])?.exec('x-yz') ?? null)).toEqual(['x-yz', 'yz']);
    expect(plain(linear(source, ['b', 'a'])?.exec('12') ?? null)).toEqual(['12', '12', undefined]);
  });

  test.each([
    ['(?=a)a', 'the look-around (?=a)'],
    ['(?<!a)b', 'the look-around (?<!a)'],
    ['(?<q>.)\\k<q>', 'the back-reference \\k<q>'],
    ['😀+', 'half of a character beyond U+FFFF, as in [😀]'],
    ['(?m:^a)', 'the multi-line ^'],
    ['a{1001}', 'counts above 1000'],
    ['(?:(?<a>x)|y)+', 'a group that not every repetition sets (?<a>x)'],
    ['(?<a>.*)?b', 'the repetition of what may be empty (?<a>.*)?'],
  ])('does not know %s, so that it is switched off', (source, what) => {
    const pattern = Pattern.compile(source);

    expect(pattern.demote('it was slow')).toEqual({
      name: source,
      engine: 'off',
      reason: `it was slow, and the linear engine does not know ${what}`,
    });
    expect(pattern.isOff).toBe(true);
  });
});
