import { ago, count, grouped, perMinute, seconds, span } from '../../src/fleet/page/words.js';

/** Non-breaking spaces as plain ones. */
function plain(text: string): string {
  return text.replace(/[\u00a0\u202f]/g, ' ');
}

test.each([
  [0, '0'],
  [999, '999'],
  [1_000, '1 000'],
  [1_234_567, '1 234 567'],
])('%d reads %s', (value, text) => {
  expect(plain(grouped(value))).toBe(text);
});

test.each([
  [0, '0'],
  [0.01, '0.1'],
  [0.5, '0.5'],
  [9.94, '9.9'],
  [9.96, '10'],
  [1234.4, '1 234'],
])('a rate of %d reads %s: what is not zero never reads as zero', (value, text) => {
  expect(plain(perMinute(value))).toBe(text);
});

test.each([
  [-5_000, '0 s'],
  [4_400, '4 s'],
  [59_600, '1 min'],
  [3_599_000, '59 min'],
  [3_600_000, '1 h'],
  [7_800_000, '2 h 10 min'],
  [86_400_000, '1 d'],
  [90_000_000, '1 d 1 h'],
])('%d milliseconds read %s', (ms, text) => {
  expect(plain(span(ms))).toBe(text);
});

test('a moment reads as how long ago it was', () => {
  expect(plain(ago(1_000, 5_000))).toBe('4 s ago');
});

test('a duration reads in the unit that fits', () => {
  expect([0.0042, 1.25].map((value) => plain(seconds(value)))).toEqual(['4 ms', '1.3 s']);
});

test('a count reads with its noun', () => {
  expect([0, 1, 2].map((amount) => count(amount, 'flow'))).toEqual(['0 flows', '1 flow', '2 flows']);
});
