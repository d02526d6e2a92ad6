// Patterns: what they capture, and which text a match cannot do without.

import { isDeepStrictEqual } from 'node:util';
import { Pattern, type PatternMatch } from '../../../../src/sources/log/patterns/pattern.js';
import { RandomPatterns } from './random.js';

/** Without what V8 adds to its arrays. */
function plain(match: PatternMatch | null): PatternMatch | null {
  return match && [...match];
}

describe('a pattern', () => {
  test('captures what is wanted, in the order of the wish', () => {
    const source = '(?<a>\\w)(?<b>\\w)(\\w)(?<c>\\w)';

    expect(plain(Pattern.compile(source).exec('-wxyz'))).toEqual(['wxyz', 'w', 'x', 'z']);
    expect(plain(Pattern.compile(source, { wanted: ['b'] }).exec('-wxyz'))).toEqual(['wxyz', 'x']);
    expect(plain(Pattern.compile(source, { wanted: ['c', 'a'] }).exec('-wxyz'))).toEqual(['wxyz', 'z', 'w']);
    expect(plain(Pattern.compile(source, { wanted: [] }).exec('-wxyz'))).toEqual(['wxyz']);
    expect(plain(Pattern.compile(source, { wanted: ['nosuch', 'a'] }).exec('-wxyz'))).toEqual(['wxyz', undefined, 'w']);
    expect(Pattern.compile(source).exec('-')).toBeNull();
  });

  test('names its groups once each, whichever are wanted', () => {
    expect(Pattern.compile('(?<b>x)|(?<a>y)(?:(?<b>z))', { wanted: [] }).groups).toEqual(['b', 'a']);
  });

  test('takes a name from the alternative that matched', () => {
    const pattern = Pattern.compile('in (?<ms>\\d+) ms|(?<ms>\\d+) ms (?<unit>total)');

    expect(plain(pattern.exec('in 12 ms'))).toEqual(['in 12 ms', '12', undefined]);
    expect(plain(pattern.exec('34 ms total'))).toEqual(['34 ms total', '34', 'total']);
  });

  test.each([
    ['(?<q>["\'])(?<text>.*?)\\k<q>', '"it\'s"', '"it\'s"', "it's"],
    ['(x)?(["\'])(?<text>.*?)\\2', '"it\'s"', '"it\'s"', "it's"],
    ['(?<n>\\d)\\k<n>0(?<text>.)', '1221105', '1105', '5'],
    ['(?:(?<q>a)|(?<q>b))-\\k<q>(?<text>.)', 'b-a b-bc', 'b-bc', 'c'],
    ['(?<\\u0071>a)\\k<q>(?<text>.)', 'aab', 'aab', 'b'],
  ])('keeps its back-references: %s', (source, text, whole, captured) => {
    expect(plain(Pattern.compile(source, { wanted: ['text'] }).exec(text))).toEqual([whole, captured]);
  });

  test('lets the dot match line ends: a text is one record', () => {
    expect(plain(Pattern.compile('a(?<x>.*)b').exec('a\n\nb'))).toEqual(['a\n\nb', '\n\n']);
    expect(Pattern.compile('a.b').test('a\nb')).toBe(true);
    expect(Pattern.compile('(?-s:a.b)').test('a\nb')).toBe(false);
  });

  test.each(['(?<a>', '(', 'a**', '(?<a>x)(?<a>y)', '[z-a]'])('is refused if it is none: %s', (source) => {
    expect(() => Pattern.compile(source)).toThrow(SyntaxError);
  });

  test('matches as V8 does by itself: random patterns on random texts', () => {
    const differing: unknown[] = [];
    let matches = 0;
    for (let seed = 0; seed < 3000; seed += 1) {
      const random = new RandomPatterns(seed);
      const source = random.pattern();
      const pattern = Pattern.compile(source);
      const wanted = pattern.groups.filter(() => random.number(2) === 0).toReversed();
      const chosen = Pattern.compile(source, { wanted });
      const regex = new RegExp(source, 's');
      for (const text of random.texts(10)) {
        const match = regex.exec(text);
        const expected = (names: readonly string[]) => match && [match[0], ...names.map((name) => match.groups?.[name])];
        const outcomes = [plain(pattern.exec(text)), plain(chosen.exec(text)), chosen.test(text)];
        if (!isDeepStrictEqual(outcomes, [expected(pattern.groups), expected(wanted), match !== null])) {
          differing.push({ source, wanted, text, outcomes });
        }
        if (match) matches += 1;
      }
    }

    expect(differing).toEqual([]);
    expect(matches).toBeGreaterThan(3000);
  });
});

describe('the literal of a pattern', () => {
  test.each<[string, string | undefined]>([
    ['upload done', 'upload done'],
    ['^\\S+ \\w+ +\\[\\S+\\] http: (?<method>[A-Z]+) (?<path>\\S+) took=(?<took>\\d+)', '] http: '],
    ['^\\S+ \\w+ +\\[\\S+\\] http: (?<method>[A-Z]+) (?<path>\\S+) status=(?<status>\\d+)', ' status='],
    ['took (?<ms>\\d+) ms in total', ' ms in total'],
    ['a(?:b(?<x>cd))e', 'abcde'],
    ['^ab\\b(?=x)c$', 'abc'],
    ['ab[.]c[ ]d', 'ab.c d'],
    ['(?:abc)+d', 'abcd'],
    ['x(?:abc){2}y', 'xabcabcy'],
    ['(?:abc)?de', undefined],
    ['(?:abc)*de', undefined],
    ['a.b.c', undefined],
    ['ab|cd', undefined],
    ['error|warning', undefined],
    ['(?:error: x|error: y)z', 'error: '],
    ['(?:a|b): done', ': done'],
    ['(?:x job done|y job done)', ' job done'],
    ['(?i:error) of abc', ' of abc'],
    ['(?i:error)', undefined],
    ['(?i:1234)', '1234'],
    ['(?i:a(?-i:bcd)e)', 'bcd'],
    ['   \\d+ab ', 'ab '],
    ['     ', undefined],
    ['(?<a>abc)\\k<a>', 'abc'],
    ['(?!abcdef)', undefined],
    ['\\u0061b\\x63', 'abc'],
    ['%{timestamp} status %{integer}', ' status '],
    ['(?:)', undefined],
    [`${'x'.repeat(100)}y`, 'x'.repeat(64)],
  ])('of %s is %j', (source, literal) => {
    expect(Pattern.compile(source).literal).toBe(literal);
  });

  test('is in every match of random patterns', () => {
    const without: unknown[] = [];
    let tried = 0;
    for (let seed = 0; seed < 6000; seed += 1) {
      const random = new RandomPatterns(seed);
      const pattern = Pattern.compile(random.pattern());
      const { source, literal } = pattern;
      if (literal === undefined) continue;
      for (const text of random.texts(20).filter((candidate) => pattern.test(candidate))) {
        tried += 1;
        if (!text.includes(literal)) without.push({ source, literal, text });
      }
    }

    expect(without).toEqual([]);
    expect(tried).toBeGreaterThan(500);
  });
});
