// Fields and their units.

import { DURATION_UNITS } from '../../src/sources/duration-field.js';
import { parseQuantity, quantityProblem } from '../../src/sources/units.js';

describe('a field and its unit', () => {
  test.each([
    ['took us', 'took', 1e-6, 'seconds'],
    ['took ms', 'took', 1e-3, 'seconds'],
    ['took s', 'took', 1, 'seconds'],
    ['took m', 'took', 60, 'seconds'],
    ['took h', 'took', 3600, 'seconds'],
    ['took d', 'took', 86_400, 'seconds'],
    ['size B', 'size', 1, 'bytes'],
    ['size kB', 'size', 1000, 'bytes'],
    ['size MB', 'size', 1e6, 'bytes'],
    ['size GB', 'size', 1e9, 'bytes'],
    ['size TB', 'size', 1e12, 'bytes'],
    ['size KiB', 'size', 1024, 'bytes'],
    ['size MiB', 'size', 1_048_576, 'bytes'],
    ['size GiB', 'size', 1_073_741_824, 'bytes'],
    ['size TiB', 'size', 1_099_511_627_776, 'bytes'],
    ['share %', 'share', 0.01, 'ratio'],
    ['count', 'count', 1, 'none'],
    ['ms', 'ms', 1, 'none'],
    ['  http.took   ms ', 'http.took', 1e-3, 'seconds'],
    ['Größe der Datei KiB', 'Größe der Datei', 1024, 'bytes'],
  ])('come to base units (NE5): %j', (text, field, unit, base) => {
    expect(parseQuantity(text)).toEqual({ field, unit, base });
  });

  test.each(['', '  ', 'took parsec', 'took MS', 'size KB', 'size constructor', 'size kb'])('are none with an unknown unit: %j', (text) => {
    expect(parseQuantity(text)).toBeUndefined();
  });

  test.each([
    ['took ms', ['seconds'], undefined],
    ['count', ['none', 'ratio'], undefined],
    ['size', ['bytes', 'none'], undefined],
    ['took', ['seconds'], '"took" must be a field and its unit (us, ms, s, m, h, d), e.g. took ms'],
    [
      'size KB',
      ['bytes'],
      '"size KB" must be a field and its unit (B, kB, MB, GB, TB, KiB, MiB, GiB, TiB), e.g. size KiB: "KB" is none (is it kB?)',
    ],
    ['took ms', ['bytes', 'none'], /^"took ms" must be a field, or a field and its unit \(B, .*\), e\.g\. size KiB: "ms" is none$/],
    ['', ['seconds'], '"" must be a field and its unit (us, ms, s, m, h, d), e.g. took ms'],
  ] as const)('are explained where they are wrong: %j as %j', (text, bases, expected) => {
    const problem = quantityProblem(text, bases);

    if (expected instanceof RegExp) expect(problem).toMatch(expected);
    else expect(problem).toBe(expected);
  });

  test('are of one table with those of durations', () => {
    expect(DURATION_UNITS).toEqual({ us: 1e-6, ms: 1e-3, s: 1, m: 60 });
  });
});
