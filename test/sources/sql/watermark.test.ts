// Marks of incremental queries, and how rows are held back.

import { Instant, type Cell, type Watermark } from '../../../src/sources/sql/driver.js';
import { compareWatermarks, HoldBack, isWatermark, watermarkOf, watermarkValue } from '../../../src/sources/sql/watermark.js';

function mark(cell: Cell): Watermark {
  const found = watermarkOf(cell);
  if (!found) throw new Error('no mark');
  return found;
}

const at = (number: number): Watermark => ({ type: 'integer', text: String(number) });

describe('a watermark', () => {
  test.each<[Cell, Watermark | undefined]>([
    [17, { type: 'integer', text: '17' }],
    [17n, { type: 'integer', text: '17' }],
    ['9223372036854775807', { type: 'integer', text: '9223372036854775807' }],
    ['12.50', { type: 'decimal', text: '12.50' }],
    ['2026-03-02 08:00:00.123456', { type: 'time', text: '2026-03-02 08:00:00.123456' }],
    [new Instant(1, '2026-03-02 08:00:00.123456+01'), { type: 'time', text: '2026-03-02 08:00:00.123456+01' }],
    ['2026-03-02', { type: 'time', text: '2026-03-02' }],
    [12.5, undefined],
    [2 ** 60, undefined],
    ['01HXYZ', undefined],
    ["1' OR '1'='1", undefined],
    ["2026-03-02' OR 1=1 --", undefined],
    [null, undefined],
    [true, undefined],
    [new Uint8Array(8), undefined],
  ])('of %p is %p', (cell, expected) => {
    expect(watermarkOf(cell)).toEqual(expected);
  });

  test.each([
    ['9223372036854775806', '9223372036854775807'],
    ['9', '10'],
    ['-2', '1'],
    ['1.09', '1.1'],
    ['-1.1', '-1.09'],
    ['2026-03-02 08:00:00', '2026-03-02 08:00:00.000001'],
    ['2026-03-02 08:00:00.1234567', '2026-03-02 08:00:00.1234568'],
    ['2026-03-02 08:59:59+01', '2026-03-02 08:00:00+00'],
    ['2026-10-25 02:59:59+02', '2026-10-25 02:00:00+01'],
    ['2026-03-01', '2026-03-01T00:00:00.5'],
  ])('%s comes before %s', (one, other) => {
    expect(compareWatermarks(mark(one), mark(other))).toBe(-1);
    expect(compareWatermarks(mark(other), mark(one))).toBe(1);
    expect(compareWatermarks(mark(one), mark(one))).toBe(0);
  });

  test('is a number for people: the id, or Unix seconds; a time without zone is no moment', () => {
    expect(watermarkValue(mark('17'))).toBe(17);
    expect(watermarkValue(mark('2026-03-02 08:00:00.25+01'))).toBe(Date.UTC(2026, 2, 2, 7) / 1000 + 0.25);
    expect(watermarkValue(mark('2026-03-02 08:00:00'))).toBeUndefined();
  });

  test.each([{ type: 'integer', text: '1; DROP TABLE x' }, { type: 'time', text: 'now()' }, { type: 'text', text: '1' }, 17, null])(
    'is not what a record of %p says',
    (value) => {
      expect(isWatermark(value)).toBe(false);
    },
  );
});

describe('rows are held back', () => {
  test('until what was the highest one is older than the lag', () => {
    const holdBack = new HoldBack(10_000);
    const ripeAtFirst = holdBack.ripe(0);
    holdBack.see(at(5), 100);
    const ripeTooSoon = holdBack.ripe(10_099);
    holdBack.see(at(8), 10_100);
    const ripe = holdBack.ripe(10_100);

    expect(ripeAtFirst(at(1))).toBe(false);
    expect(ripeTooSoon(at(1))).toBe(false);
    expect([4, 5, 6].map((number) => ripe(at(number)))).toEqual([true, true, false]);
  });

  test('no longer than that: what ripened once stays ripe', () => {
    const holdBack = new HoldBack(1_000);
    holdBack.see(at(5), 0);
    holdBack.ripe(1_000);
    holdBack.see(at(3), 1_000);

    expect(holdBack.ripe(60_000)(at(5))).toBe(true);
  });

  test('not at all without a lag', () => {
    expect(new HoldBack(0).ripe(0)(at(1))).toBe(true);
  });
});
