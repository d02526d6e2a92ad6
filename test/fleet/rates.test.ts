import { RateWindow } from '../../src/fleet/rates.js';

/** A window that saw these totals of one counter, at seconds from the start. */
function seen(...states: readonly (readonly [second: number, total: number])[]): RateWindow {
  const rates = new RateWindow();
  for (const [second, total] of states) rates.note(second * 1000, new Map([['a', total]]));
  return rates;
}

describe('the rate of a counter', () => {
  test('is its growth over the last minute', () => {
    const states = Array.from({ length: 61 }, (_, index) => [index * 2, index < 30 ? 0 : (index - 30) * 2] as const);

    expect(seen(...states).perMinute('a')).toBeCloseTo(60, 5);
  });

  test('is scaled to a minute while less is known', () => {
    expect(seen([0, 100], [10, 105]).perMinute('a')).toBe(30);
  });

  test('is not known from less than four seconds', () => {
    expect(seen([0, 100]).perMinute('a')).toBeUndefined();
    expect(seen([0, 100], [3, 105]).perMinute('a')).toBeUndefined();
    expect(seen([0, 100], [4, 105]).perMinute('a')).toBe(75);
  });

  test('is not known after the counter fell', () => {
    expect(seen([0, 100], [10, 5]).perMinute('a')).toBeUndefined();
  });

  test('counts a series from when it was first seen, not from zero', () => {
    const rates = seen([0, 100]);
    rates.note(10_000, new Map([['b', 1_000]]));
    rates.note(20_000, new Map([['b', 1_010]]));

    expect(rates.perMinute('b')).toBe(60);
    expect(rates.perMinute('a')).toBeUndefined();
  });
});
