// Moments and stretches of time in words.

import { and, moment, relative, stretch } from '../../src/explain/words.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

test.each([
  [0, '0 s'],
  [999, '0 s'],
  [45_000, '45 s'],
  [MINUTE - 1, '59 s'],
  [MINUTE, '1 min'],
  [HOUR + 15 * MINUTE + 30_000, '1 h 15 min'],
  [DAY, '1 d'],
  [3 * DAY + 30 * MINUTE, '3 d'],
  [3 * DAY + 5 * HOUR, '3 d 5 h'],
])('a stretch of %d ms is %s', (ms, words) => {
  expect(stretch(ms)).toBe(words);
});

test('a moment is told from now on, or back', () => {
  expect([relative(HOUR, 0), relative(0, HOUR), relative(500, 0), relative(0, 0)]).toEqual(['in 1 h', '1 h ago', 'now', 'now']);
});

test('a moment is that of the clock on the wall, in summer and in winter', () => {
  expect(moment(Date.parse('2026-07-01T22:30:00Z'), 'Europe/Zurich')).toBe('Thu 2026-07-02 00:30');
  expect(moment(Date.parse('2026-12-01T22:30:00Z'), 'Europe/Zurich')).toBe('Tue 2026-12-01 23:30');
});

test('words are put together', () => {
  expect([and([]), and(['a']), and(['a', 'b']), and(['a', 'b', 'c'])]).toEqual(['', 'a', 'a and b', 'a, b and c']);
});
