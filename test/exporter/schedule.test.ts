// When collectors look.

import { backOff, jitter, nextSlot, at } from '../../src/exporter/schedule.js';
import { FakeClock } from '../fake-clock.js';

describe('jitter', () => {
  it('is the same for the same collector, always', () => {
    expect(jitter('exchange-db', 'waiting', 60_000)).toBe(jitter('exchange-db', 'waiting', 60_000));
  });

  it('is FNV-1a over "source/collector", modulo the interval', () => {
    // The reference value of FNV-1a, 32 bits, for "foo/bar".
    let hash = 2166136261n;
    for (const byte of Buffer.from('foo/bar')) hash = ((hash ^ BigInt(byte)) * 16777619n) % 2n ** 32n;

    expect(jitter('foo', 'bar', 10_000)).toBe(Number(hash % 10_000n));
  });

  it('spreads a fleet over the interval: no tenth of it holds a third of 200 collectors', () => {
    const tenths = Array.from({ length: 10 }, () => 0);
    for (let index = 0; index < 200; index++) {
      const tenth = Math.floor(jitter(`source-${index}`, 'waiting', 10_000) / 1000);
      tenths[tenth] = (tenths[tenth] ?? 0) + 1;
    }

    expect(Math.max(...tenths)).toBeLessThan(66);
    expect(Math.min(...tenths)).toBeGreaterThan(5);
  });
});

describe('backOff', () => {
  it.each([
    [0, 10_000, 1],
    [1, 10_000, 1],
    [2, 10_000, 2],
    [3, 10_000, 4],
    [4, 10_000, 4],
    [99, 10_000, 4],
    [5, 5_000, 4],
    [3, 20_000, 3],
    [3, 120_000, 1],
    [3, 40_000, 1],
  ])('after %d failures of a collector with %d ms it waits %d intervals', (failures, interval, intervals) => {
    expect(backOff(failures, interval)).toBe(intervals);
  });
});

describe('nextSlot', () => {
  const interval = 10_000;

  it('is one interval later for a run on a slot', () => {
    expect(nextSlot(23_000, 23_005, 1, interval, 3_000)).toBe(33_000);
  });

  it('is the same for a run that started a little late', () => {
    expect(nextSlot(23_700, 24_000, 1, interval, 3_000)).toBe(33_000);
  });

  it('comes at least half an interval after a first run between slots', () => {
    for (let offset = 0; offset < interval; offset += 100) {
      const slot = nextSlot(0, 5, 1, interval, offset);
      expect(slot % interval).toBe(offset);
      expect(slot).toBeGreaterThanOrEqual(interval / 2);
      expect(slot).toBeLessThanOrEqual(interval * 1.5);
    }
  });

  it('skips the slots that a long run has missed', () => {
    expect(nextSlot(23_000, 53_001, 1, interval, 3_000)).toBe(63_000);
    expect(nextSlot(23_000, 53_000, 1, interval, 3_000)).toBe(63_000);
  });

  it('waits as many intervals as it is told', () => {
    expect(nextSlot(23_000, 23_100, 4, interval, 3_000)).toBe(63_000);
  });
});

describe('at', () => {
  it('waits further when a timer fires too early', async () => {
    const clock = new FakeClock();
    const early = { ...methodsOf(clock), after: (ms: number, callback: () => void) => clock.after(ms > 10 ? ms - 10 : ms, callback) };
    const calls: number[] = [];

    at(early, 1000, () => calls.push(clock.monotonic()));
    await clock.advance(990);
    expect(calls).toEqual([]);
    await clock.advance(10);

    expect(calls).toEqual([1000]);
  });

  it('can be cancelled at any time', async () => {
    const clock = new FakeClock();
    let called = false;

    const timer = at(clock, 1000, () => (called = true));
    timer.cancel();
    await clock.advance(5000);

    expect(called).toBe(false);
    expect(clock.pendingTimers).toBe(0);
  });
});

function methodsOf(clock: FakeClock) {
  return { now: () => clock.now(), monotonic: () => clock.monotonic() };
}
