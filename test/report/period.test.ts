// Times as people write them, and the parts of which recorded series have sums.

import { before, checkZone, DAY, HOUR, MINUTE, partsOf, PeriodError, readMoment, showMoment } from '../../src/report/period.js';
import { quantile } from '../../src/report/totals.js';

const NOW = Date.parse('2026-03-29T12:03:20Z');

describe('times of a report', () => {
  test.each([
    ['now', '2026-03-29T12:00:00Z'],
    ['30d', '2026-02-27T12:00:00Z'],
    ['1h30m', '2026-03-29T10:30:00Z'],
    ['2026-03-29', '2026-03-28T23:00:00Z'],
    ['2026-03-30', '2026-03-29T22:00:00Z'],
    ['2026-03-29T02:30', '2026-03-29T01:30:00Z'],
  ])('%s is %s in Zurich', (text, iso) => {
    expect(new Date(readMoment(text, NOW, 'Europe/Zurich')).toISOString().replace('.000', '')).toBe(iso);
  });

  test.each(['yesterday', '2026-02-30', '2026-1-1', ''])('%j is none', (text) => {
    expect(() => readMoment(text, NOW, 'UTC')).toThrow(
      new PeriodError(`"${text}" is no time: e.g. 2026-11-01, 2026-11-01T06:00, 30d (that long ago) or now`),
    );
  });

  test('are of a zone that there is', () => {
    expect(() => checkZone('Europe/Zurich')).not.toThrow();
    expect(() => checkZone('Zurich')).toThrow(new PeriodError('"Zurich" is no time zone: e.g. Europe/Zurich or UTC'));
    expect(showMoment(Date.parse('2026-07-01T22:05:59Z'), 'Europe/Zurich')).toBe('2026-07-02 00:05');
  });
});

describe('the parts of a period', () => {
  test('are five minutes, hours or days, by how long it is, and have no gap between them', () => {
    expect(partsOf({ from: 0, to: HOUR })).toEqual([{ window: '5m', from: 0, to: HOUR, step: 5 * MINUTE }]);
    expect(partsOf({ from: 0, to: 3 * DAY + 10 * MINUTE })).toEqual([
      { window: '1h', from: 0, to: 3 * DAY, step: HOUR },
      { window: '5m', from: 3 * DAY, to: 3 * DAY + 10 * MINUTE, step: 5 * MINUTE },
    ]);
    expect(partsOf({ from: HOUR, to: 40 * DAY })).toEqual([
      { window: '1d', from: HOUR, to: 39 * DAY + HOUR, step: DAY },
      { window: '5m', from: 39 * DAY + HOUR, to: 40 * DAY, step: 5 * MINUTE },
    ]);
  });

  test('the one before is as long, and ends where this one begins', () => {
    expect(before({ from: 10, to: 15 })).toEqual({ from: 5, to: 10 });
  });
});

describe('quantiles', () => {
  const buckets = [
    { le: 1, count: 50 },
    { le: 10, count: 90 },
    { le: Infinity, count: 100 },
  ];

  test('are linear within a bucket, as those of Prometheus', () => {
    expect(quantile(0.5, buckets)).toBe(1);
    expect(quantile(0.25, buckets)).toBe(0.5);
    expect(quantile(0.7, buckets)).toBe(5.5);
  });

  test('are the last bound beyond it, and nothing where there is nothing', () => {
    expect(quantile(0.95, buckets)).toBe(10);
    expect(quantile(0.5, [])).toBeUndefined();
    expect(quantile(0.5, [{ le: Infinity, count: 0 }])).toBeUndefined();
  });
});
