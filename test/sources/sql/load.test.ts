// How much a source may cost a database, and how many of its targets are asked at once.

import { Accumulator } from '../../../src/domain/accumulator.js';
import type { MetricDefinition } from '../../../src/domain/observation.js';
import { Gate } from '../../../src/sources/sql/gate.js';
import { LoadBudget } from '../../../src/sources/sql/load-budget.js';
import { LoadMeter } from '../../../src/sources/sql/load-meter.js';
import { FakeClock, settle } from '../../fake-clock.js';

const seconds: MetricDefinition = { name: 'seconds_total', type: 'counter', help: 'Seconds.', labels: [] };

describe('the load budget', () => {
  test('lets queries run while there is some left, then makes them wait until nothing is owed', () => {
    const budget = new LoadBudget(3_000, 0);

    budget.spend(2_000, 0);
    const within = budget.wait(0);
    budget.spend(2_000, 0);

    expect(within).toBe(0);
    expect(budget.wait(0)).toBe(20_000);
    expect(budget.wait(15_000)).toBe(5_000);
    expect(budget.wait(20_000)).toBe(0);
  });

  test('holds over a day, whatever the queries take', () => {
    const budget = new LoadBudget(3_000, 0);
    let now = 0;
    let spent = 0;
    while (now < 86_400_000) {
      const ms = 500 + (now % 7_000);
      spent += ms;
      budget.spend(ms, now);
      now += Math.max(1_000, budget.wait(now));
    }

    expect(spent / (now / 60_000)).toBeGreaterThan(2_900);
    expect(spent / (now / 60_000)).toBeLessThan(3_010);
  });

  test('does not save up more than a minute’s worth', () => {
    const budget = new LoadBudget(3_000, 0);

    budget.spend(6_000, 3_600_000);

    expect(budget.wait(3_600_000)).toBe(60_000);
  });
});

describe('the load meter', () => {
  test('counts seconds by query, and makes all of them wait for one that was dear', async () => {
    const clock = new FakeClock();
    const accumulator = new Accumulator();
    const meter = new LoadMeter(new LoadBudget(1_000, clock.monotonic()), clock);
    meter.count('waiting', accumulator.counter(seconds, {}));

    meter.spent('waiting', 1_500);

    expect(accumulator.observations()[0]?.value).toBe(1.5);
    expect(meter.wait()).toBe(30_000);
  });

  test('never makes anybody wait without a budget', () => {
    const meter = new LoadMeter(undefined, new FakeClock());

    meter.spent('waiting', 1e9);

    expect(meter.wait()).toBe(0);
  });
});

describe('the gate between targets', () => {
  const never = new AbortController().signal;

  test('lets so many through, the others in the order they came', async () => {
    const gate = new Gate(2);
    const entered: string[] = [];
    const enter = (name: string, signal = never) =>
      gate.enter(signal).then((leave) => {
        entered.push(name);
        return leave;
      });
    const first = await enter('a');
    await enter('b');
    void enter('c');
    void enter('d');
    await settle();
    const before = [...entered];

    first();
    first();
    await settle();

    expect(before).toEqual(['a', 'b']);
    expect(entered).toEqual(['a', 'b', 'c']);
  });

  test('one that no longer waits takes nobody’s place', async () => {
    const gate = new Gate(1);
    const leave = await gate.enter(never);
    const stop = new AbortController();
    const waiting = gate.enter(stop.signal);
    const last = gate.enter(never);

    stop.abort();
    await expect(waiting).rejects.toThrow();
    leave();

    await expect(last).resolves.toBeInstanceOf(Function);
  });
});
