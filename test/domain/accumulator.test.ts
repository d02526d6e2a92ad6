// What grows from event to event, and how it is kept and taken up again.

import { Accumulator } from '../../src/domain/accumulator.js';
import type { MetricDefinition } from '../../src/domain/observation.js';
import { memoryUsed } from '../memory.js';

const counter: MetricDefinition = { name: 'messages_total', type: 'counter', help: 'Messages.', labels: ['code'] };
const histogram: MetricDefinition = { name: 'size_bytes', type: 'histogram', help: 'Sizes.', labels: ['code'], buckets: [1, 10] };

const gauge: MetricDefinition = { name: 'newest_timestamp_seconds', type: 'gauge', help: 'Newest.', labels: ['code'] };
const labels = { code: '1' };
const trace = { labels: { trace_id: '4bf92f35' }, value: 5, timestamp: 1_795_412_506.5 };

function filled(): Accumulator {
  const accumulator = new Accumulator();
  accumulator.counter(counter, { code: '1' }).add(3);
  accumulator.histogram(histogram, { code: '1' }).observe(5);
  accumulator.histogram(histogram, { code: '1' }).observe(50);
  return accumulator;
}

function told(accumulator: Accumulator): unknown[] {
  return accumulator.observations().map(({ value }) => value);
}

describe('a handle', () => {
  test('refuses what would spoil a counter or a sum for ever, and counts nothing of it', () => {
    const accumulator = new Accumulator();
    const [added, observed] = [accumulator.counter(counter, labels), accumulator.histogram(histogram, labels)];
    const before = accumulator.observations();

    for (const amount of [-1, Infinity, Number.NaN]) expect(() => added.add(amount)).toThrow(`messages_total cannot grow by ${amount}`);
    for (const value of [-Infinity, Infinity, Number.NaN]) expect(() => observed.observe(value)).toThrow(`size_bytes cannot hold ${value}`);

    expect(accumulator.observations()).toEqual(before);
  });

  test.each([
    [-3, [1, 1]],
    [1, [1, 1]],
    [1.5, [0, 1]],
    [10, [0, 1]],
    [11, [0, 0]],
  ])('counts %p in the first bucket that is not below it', (value, cumulative) => {
    const accumulator = new Accumulator();

    accumulator.histogram(histogram, labels).observe(value);

    expect(told(accumulator)).toEqual([{ cumulative, sum: value, count: 1 }]);
  });

  test('raises a gauge, and never lowers it', () => {
    const accumulator = new Accumulator();
    const newest = accumulator.gauge(gauge, labels);

    newest.raise(7);
    newest.raise(3);

    expect(told(accumulator)).toEqual([7]);
  });
});

describe('a series that is declared again', () => {
  test('goes on with its value under a new help', () => {
    const accumulator = filled();
    const reworded = { ...counter, help: 'All messages.' };

    accumulator.counter(reworded, labels);

    expect(accumulator.observations()[0]).toEqual({ metric: reworded, labels, value: 3 });
  });

  test.each([
    ['another type', (accumulator: Accumulator) => accumulator.gauge({ ...gauge, name: counter.name }, labels), 0],
    ['other buckets', (accumulator: Accumulator) => accumulator.histogram({ ...histogram, buckets: [1, 20] }, labels), 1],
  ])('begins anew where it has %s', (_title, declare, place) => {
    const accumulator = filled();
    const before = accumulator.version;

    declare(accumulator);

    expect(told(accumulator)[place]).toEqual([0, { cumulative: [0, 0], sum: 0, count: 0 }][place]);
    expect(accumulator.version).not.toBe(before);
  });
});

describe('an accumulator that is not staged', () => {
  test('tells every event at once, and changes its version only then', () => {
    const accumulator = new Accumulator();
    const handle = accumulator.counter(counter, labels);
    const versions = [accumulator.version, accumulator.version];

    handle.add(1);
    versions.push(accumulator.version);

    expect(told(accumulator)).toEqual([1]);
    expect(versions[1]).toBe(versions[0]);
    expect(versions[2]).not.toBe(versions[1]);
  });

  test('tells the same object as long as a series has not changed', () => {
    const accumulator = filled();
    const [first, second] = accumulator.observations();

    accumulator.counter(counter, labels).add(1);

    expect(accumulator.observations()[0]).not.toBe(first);
    expect(accumulator.observations()[1]).toBe(second);
  });
});

describe('a staged accumulator', () => {
  test('tells what was told before until it is published', () => {
    const accumulator = filled();
    const before = accumulator.observations();
    accumulator.stage();
    const { version } = accumulator;

    accumulator.counter(counter, labels).add(4);
    accumulator.histogram(histogram, labels).observe(5);
    accumulator.gauge(gauge, labels).set(9);

    expect(accumulator.observations()).toEqual(before);
    expect(accumulator.version).toBe(version);
    expect([...accumulator.series()].map(({ metric }) => metric.name)).toEqual([counter.name, histogram.name, gauge.name]);

    accumulator.publish();

    expect(told(accumulator)).toEqual([7, { cumulative: [0, 2], sum: 60, count: 3 }, 9]);
    expect(accumulator.version).not.toBe(version);
  });

  test('records and restores what is not told yet', () => {
    const accumulator = new Accumulator();
    accumulator.stage();
    const handle = accumulator.counter(counter, labels);
    handle.add(4);
    const record = accumulator.record();

    accumulator.restore({ ...record, scalars: [{ metric: counter.name, labels, value: 40 }] }, [counter]);
    handle.add(2);

    expect(record.scalars).toEqual([{ metric: counter.name, labels, value: 4 }]);
    expect(accumulator.observations()).toEqual([]);
    accumulator.publish();
    expect(told(accumulator)).toEqual([42]);
  });

  test('is not changed by staging it again, as a reload does', () => {
    const accumulator = new Accumulator();
    accumulator.stage();
    accumulator.counter(counter, labels).add(1);

    accumulator.stage();

    expect(accumulator.observations()).toEqual([]);
  });

  test('has nothing new where nothing has happened', () => {
    const accumulator = filled();
    accumulator.stage();
    const { version } = accumulator;

    accumulator.publish();
    accumulator.restore(filled().record(), [counter, histogram]);
    accumulator.publish();

    expect(accumulator.version).toBe(version);
  });

  test('forgets at once what is not retained', () => {
    const accumulator = filled();
    accumulator.stage();
    const { version } = accumulator;

    accumulator.retain((metric) => metric === histogram);

    expect(accumulator.observations().map(({ metric }) => metric)).toEqual([histogram]);
    expect(accumulator.record().scalars).toEqual([]);
    expect(accumulator.version).not.toBe(version);
  });
});

describe('exemplars (CE5, GM4)', () => {
  test('are the last one of a counter, and the last one of each bucket', () => {
    const accumulator = new Accumulator();
    const [added, observed] = [accumulator.counter(counter, labels), accumulator.histogram(histogram, labels)];
    const second = { labels: { trace_id: '9a2b' }, value: 6 };

    added.add(5, { labels: { trace_id: 'first' }, value: 5 });
    added.add(5, trace);
    added.add(1);
    observed.observe(5, trace);
    observed.observe(6, second);
    observed.observe(7);

    const [messages, sizes] = accumulator.observations();
    expect(messages).toEqual({ metric: counter, labels, value: 11, exemplar: trace });
    expect(sizes?.value).toEqual({ cumulative: [0, 3], sum: 18, count: 3, exemplars: [undefined, second, undefined] });
  });

  test('are published with the value', () => {
    const accumulator = new Accumulator();
    accumulator.stage();
    const [added, observed] = [accumulator.counter(counter, labels), accumulator.histogram(histogram, labels)];
    added.add(5, trace);
    observed.observe(5, trace);
    accumulator.publish();
    const before = structuredClone(accumulator.observations());

    added.add(6, { labels: { trace_id: 'next' }, value: 6 });
    observed.observe(6, { labels: { trace_id: 'next' }, value: 6 });

    expect(accumulator.observations()).toEqual(before);
  });

  test('keep no piece of a log alive that they were cut out of', () => {
    const accumulator = new Accumulator();
    const before = memoryUsed();

    for (let index = 0; index < 100; index++) {
      const piece = Buffer.alloc(1 << 20, `message-${index}-of-the-exchange `).toString('latin1');
      const exemplar = { labels: { id: piece.slice(0, 30) }, value: 1 };
      accumulator.counter(counter, { code: `${index}` }).add(1, exemplar);
      accumulator.histogram(histogram, { code: `${index}` }).observe(1, exemplar);
      accumulator.observations();
    }

    expect(memoryUsed() - before).toBeLessThan(60 << 20);
    expect(accumulator.observations()[0]?.exemplar?.labels).toEqual({ id: 'message-0-of-the-exchange mess' });
  });

  test('are in no record, and go where a record brings another value', () => {
    const accumulator = new Accumulator();
    accumulator.counter(counter, labels).add(5, trace);
    accumulator.histogram(histogram, labels).observe(5, trace);

    expect(JSON.stringify(accumulator.record())).not.toContain('trace_id');
    accumulator.restore(filled().record(), [counter, histogram]);

    expect(accumulator.observations()).toEqual(filled().observations());
  });
});

describe('the record of an accumulator', () => {
  test('holds all that is needed to go on, also as JSON', () => {
    const restored = new Accumulator();

    restored.restore(JSON.parse(JSON.stringify(filled().record())), [counter, histogram]);

    expect(restored.observations()).toEqual(filled().observations());
  });

  test('sets series that are there already, and their handles stay good', () => {
    const accumulator = new Accumulator();
    const handle = accumulator.counter(counter, { code: '1' });
    handle.add(100);
    const before = accumulator.version;

    accumulator.restore(filled().record(), [counter]);
    handle.add(1);

    expect(accumulator.observations()).toEqual([{ metric: counter, labels: { code: '1' }, value: 4 }]);
    expect(accumulator.version).toBeGreaterThan(before);
  });

  test('leaves out metrics that are no longer wanted, and histograms whose buckets have changed', () => {
    const accumulator = new Accumulator();

    accumulator.restore(filled().record(), [{ ...histogram, buckets: [1, 10, 100] }]);

    expect(accumulator.observations()).toEqual([]);
  });

  test('shares nothing with what it was made of', () => {
    const accumulator = filled();
    const record = accumulator.record();

    accumulator.histogram(histogram, { code: '1' }).observe(5);

    expect(record.histograms[0]?.counts).toEqual([0, 1, 1]);
  });
});
