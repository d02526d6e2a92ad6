// Why a pattern does not match a line.

import { PatternProbe, type PatternMiss } from '../../../../src/sources/log/trying/nearest-miss.js';

function missOf(pattern: string, text: string): PatternMiss | undefined {
  return new PatternProbe(pattern, expand).miss(text);
}

const BLOCKS: Readonly<Record<string, string>> = {
  '%{word:level}': String.raw`(?<level>\w+)`,
  '%{number:n}': String.raw`(?<n>\d+)`,
  '%{quoted}': '"(?:[^"]*)"',
};

function expand(block: string): string | undefined {
  return BLOCKS[block];
}

const TRANSFER = String.raw`transfer: partner=(?<partner>\w+) (?<size>\d+) bytes`;
const UPLOAD = String.raw`^(?<time>\d{4}-\d\d-\d\d \d\d:\d\d) upload of (?<file>\S+) done$`;

describe('the nearest miss of a pattern', () => {
  test('tells how much matches, where it stops, what is wanted and what is there', () => {
    expect(missOf(TRANSFER, '2026 transfer: partner=chuv n/a in 12 ms')).toEqual({
      share: expect.closeTo(0.74, 2),
      rest: expect.closeTo(0.04, 2),
      nowhere: false,
      matchedText: 'transfer: partner=chuv ',
      column: 29,
      expected: String.raw`(?<size>\d+)`,
      within: undefined,
      found: 'n/a in 12 ms',
      resumes: undefined,
      gaveUp: false,
    });
  });

  test('is none where the pattern matches', () => {
    expect(missOf(TRANSFER, 'transfer: partner=hug 7 bytes')).toBeUndefined();
    expect(missOf('a|b', 'xb')).toBeUndefined();
    expect(missOf('', 'x')).toBeUndefined();
  });

  test.each([
    ['a text, from its first character that differs', 'upload recieved', 'upload received', 'upload rec', '"ieved"', 'eived'],
    ['the end', 'bytes$', '12 bytes (retry)', 'bytes', '$', ' (retry)'],
    ['the beginning', '^upload', 'an upload', '', '"upload"', 'an upload'],
    ['the rest of a line that ends too soon', 'upload done', 'upload', 'upload', '" done"', ''],
    ['an escaped character as what it means', String.raw`a\.b`, 'a,b', 'a', '".b"', ',b'],
    ['a group as a whole', String.raw`in (?<ms>\d+)ms`, 'in xms', 'in ', String.raw`(?<ms>\d+)`, 'xms'],
    ['a building block as it is written', '%{word:level} %{number:n} x', 'INFO abc x', 'INFO ', '%{number:n}', 'abc x'],
    ['a block that fails in the middle', 'of %{quoted} x', 'of "a x', 'of ', '%{quoted}', '"a x'],
    ['the second time that something is wanted', String.raw`(?:\d+,){2}x`, '1,x', '1,', String.raw`(?:\d+,){2}`, 'x'],
    ['a reference', String.raw`(?<a>\w)-\k<a>`, 'x-y', 'x-', String.raw`\k<a>`, 'y'],
    ['what must not come', '^(?!b)b', 'b', '', '(?!b)', 'b'],
    ['the alternative that gets further', String.raw`^foo bar|^bar: \d+`, 'bar: x', 'bar: ', String.raw`\d+`, 'x'],
  ])('names %s', (_what, pattern, text, matchedText, expected, found) => {
    expect(missOf(pattern, text)).toMatchObject({ matchedText, expected, found });
  });

  test('looks into groups, and names the group beside what is wanted in it', () => {
    expect(missOf(UPLOAD, '2026-03-02T08:00 upload of a.xml done')).toMatchObject({
      matchedText: '2026-03-02',
      expected: '" "',
      within: String.raw`(?<time>\d{4}-\d\d-\d\d \d\d:\d\d)`,
      found: 'T08:00 upload of a.…',
    });
    expect(missOf(String.raw`upload (?:done|failed: (?<why>\w+)) in (\d+)`, 'upload failed: - in 3')).toMatchObject({
      matchedText: 'upload failed: ',
      expected: String.raw`(?<why>\w+)`,
      within: String.raw`(?:done|failed: (?<why>\w+))`,
    });
  });

  test('says that the end of the pattern matches again, where only its beginning is wrong', () => {
    const miss = missOf(UPLOAD, 'Mon Feb 21 15:21 2011 upload of a.xml done');

    expect(miss).toMatchObject({ share: 0, column: 1, resumes: String.raw` upload of (?<file>\S+) done$` });
    expect(miss?.rest).toBeGreaterThan(0.5);
  });

  test('takes the place in the line at which most of the pattern matches', () => {
    expect(missOf('partner=hug', 'partner=chuv partner=hu')).toMatchObject({ matchedText: 'partner=hu', column: 24 });
  });

  test('what may be empty is no part of the pattern that counts', () => {
    expect(missOf('^.*foo', 'bar')?.share).toBe(0);
    expect(missOf('(?:x)?y?foo', 'bar')?.share).toBe(0);
    expect(missOf('^$', 'bar')).toMatchObject({ share: 0, expected: '$', found: 'bar' });
  });

  test('a pattern that runs away is stopped, and what is known by then is told', () => {
    const probe = new PatternProbe('^(a+)+$');
    const text = `${'a'.repeat(60)}b`;
    const started = performance.now();

    const misses = Array.from({ length: 10 }, () => probe.miss(text));

    expect(performance.now() - started).toBeLessThan(2000);
    expect(misses.every((miss) => miss?.gaveUp)).toBe(true);
    expect(misses).toContainEqual(expect.objectContaining({ matchedText: 'a'.repeat(60), expected: '$' }));
  });

  test('looks at the first 2000 characters', () => {
    expect(missOf('x$', `${'-'.repeat(3000)}x`)).toMatchObject({ column: 1, matchedText: '' });
  });

  test('refuses what is no pattern', () => {
    expect(() => new PatternProbe('(')).toThrow(SyntaxError);
  });
});
