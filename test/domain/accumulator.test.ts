// What grows from event to event, and how it is kept and taken up again.

import { Accumulator } from '../../src/domain/accumulator.js';
import type { MetricDefinition } from '../../src/domain/observation.js';

const counter: MetricDefinition = { name: 'messages_total', type: 'counter', help: 'Messages.', labels: ['code'] };
const histogram: MetricDefinition = { name: 'size_bytes', type: 'histogram', help: 'Sizes.', labels: ['code'], buckets: [1, 10] };

function filled(): Accumulator {
  const accumulator = new Accumulator();
  accumulator.counter(counter, { code: '1' }).add(3);
  accumulator.histogram(histogram, { code: '1' }).observe(5);
  accumulator.histogram(histogram, { code: '1' }).observe(50);
  return accumulator;
}

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
