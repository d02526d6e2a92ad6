// Snapshots: made once per change, written once per format; gauges go with age, counters stay.

import { gunzipSync } from 'node:zlib';
import { Accumulator } from '../../src/domain/accumulator.js';
import { endGzip, startGzip, type GzipStart } from '../../src/exporter/gzip.js';
import { SnapshotStore } from '../../src/exporter/snapshot.js';
import type { Collector } from '../../src/sources/kind.js';
import { backlog, fakeCollector, messages, passed, place, waiting } from './fake-subject.js';

const nothing = () => Promise.resolve([]);

function store(...collectors: Collector[]): SnapshotStore {
  const snapshots = new SnapshotStore(new Set());
  snapshots.use(collectors, 1000);
  return snapshots;
}

function lines(snapshots: SnapshotStore): string[] {
  const text = snapshots.current().bytes('text').toString();
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

describe('a snapshot', () => {
  it('stays the same object, with the same bytes, until something changes', async () => {
    const snapshots = store(fakeCollector(nothing));
    snapshots.put('waiting', [backlog(1)]);
    const before = snapshots.current();

    expect(snapshots.current()).toBe(before);
    expect(before.bytes('text')).toBe(before.bytes('text'));
    expect(await before.gzip('openmetrics')).toBe(await before.gzip('openmetrics'));
    snapshots.put('waiting', [backlog(2)]);

    expect(snapshots.current()).not.toBe(before);
    expect(before.bytes('text').toString()).toContain('} 1\n');
    expect(snapshots.current().bytes('text').toString()).toContain('} 2\n');
  });

  it('holds nothing of a collector that left it out', () => {
    const snapshots = store(fakeCollector(nothing));
    snapshots.put('waiting', [backlog(1), backlog(2, { ...place, stage: 'answered' })]);

    snapshots.put('waiting', [backlog(3)]);

    expect(lines(snapshots)).toEqual(['flow_backlog_messages{flow="invoices",partner="chuv",env="prod",stage="received"} 3']);
  });

  it('holds what is said now, whatever stood in the same place before', () => {
    const other = { ...place, stage: 'answered' };
    const snapshots = store(fakeCollector(nothing));
    snapshots.put('waiting', [backlog(1), backlog(2, other)]);

    snapshots.put('waiting', [backlog(3, other), messages(4), backlog(5)]);

    expect(lines(snapshots).toSorted()).toEqual([
      'flow_backlog_messages{flow="invoices",partner="chuv",env="prod",stage="answered"} 3',
      'flow_backlog_messages{flow="invoices",partner="chuv",env="prod",stage="received"} 5',
      'flow_messages_total{flow="invoices",partner="chuv",env="prod",stage="received",outcome="ok"} 4',
    ]);
  });

  it('loses the gauges of a collector with age, and keeps its counters', () => {
    const snapshots = store(fakeCollector(nothing), fakeCollector(nothing, { name: 'other' }));
    snapshots.put('waiting', [backlog(1), messages(7)]);
    snapshots.put('other', [backlog(5, { ...place, stage: 'answered' })]);

    snapshots.withdraw('waiting');

    expect(lines(snapshots)).toEqual([
      'flow_backlog_messages{flow="invoices",partner="chuv",env="prod",stage="answered"} 5',
      'flow_messages_total{flow="invoices",partner="chuv",env="prod",stage="received",outcome="ok"} 7',
    ]);
  });
});

describe('what grows from event to event', () => {
  it('is in the first snapshot at 0; its gauges come with the first success', () => {
    const { collector } = followed();
    const snapshots = store(collector);

    expect(lines(snapshots)).toEqual(['flow_messages_total{flow="invoices",partner="chuv",env="prod",stage="received",outcome="ok"} 0']);
    snapshots.put('follow', []);

    expect(lines(snapshots)).toHaveLength(2);
  });

  it('makes a new snapshot with the next look after an event, and none without', () => {
    const { collector, counter } = followed();
    const snapshots = store(collector);
    const before = snapshots.current();

    expect(snapshots.current()).toBe(before);
    counter.add(3);

    expect(lines(snapshots)).toContain('flow_messages_total{flow="invoices",partner="chuv",env="prod",stage="received",outcome="ok"} 3');
  });

  it('keeps counting while its gauges are withdrawn', () => {
    const { collector, counter, gauge } = followed();
    const snapshots = store(collector);
    snapshots.put('follow', []);

    snapshots.withdraw('follow');
    counter.add(1);
    gauge.set(99);

    expect(lines(snapshots)).toEqual(['flow_messages_total{flow="invoices",partner="chuv",env="prod",stage="received",outcome="ok"} 1']);
  });
});

describe('other collectors after a reload', () => {
  it('keeps what collectors said that are still there, and forgets the others', () => {
    const snapshots = store(fakeCollector(nothing), fakeCollector(nothing, { name: 'gone' }));
    snapshots.put('waiting', [backlog(1)]);
    snapshots.put('gone', [backlog(2, { ...place, stage: 'answered' })]);

    snapshots.use([fakeCollector(nothing), fakeCollector(nothing, { name: 'new' })], 1000);

    expect(lines(snapshots)).toEqual(['flow_backlog_messages{flow="invoices",partner="chuv",env="prod",stage="received"} 1']);
  });
});

describe('the compressed document', () => {
  it('is made as soon as something changes, in the formats that were asked for lately', async () => {
    let compressed = 0;
    const snapshots = new SnapshotStore(new Set(), (data) => {
      compressed++;
      return startGzip(data);
    });
    snapshots.use([fakeCollector(nothing)], 1000);
    const change = (value: number) => {
      snapshots.put('waiting', [backlog(value)]);
      return snapshots.current();
    };

    change(1);
    expect(compressed).toBe(0);
    await snapshots.current().gzip('openmetrics');
    expect(compressed).toBe(1);
    change(2);
    expect(compressed).toBe(2);
    await snapshots.current().gzip('openmetrics');
    expect(compressed).toBe(2);
    for (const value of [3, 4, 5, 6, 7, 8, 9]) change(value);

    expect(compressed).toBe(6);
    expect(gunzipped(await change(10).gzip('text'))).toContain('} 10\n');
  });
});

describe('what is wrong with a collection', () => {
  const answered = { ...place, stage: 'answered' };
  function two() {
    const follow = followed();
    const snapshots = store(fakeCollector(nothing), fakeCollector(nothing, { name: 'other' }), follow.collector);
    snapshots.put('waiting', [backlog(1)]);
    snapshots.put('other', [backlog(2, answered)]);
    snapshots.problems();
    return { snapshots, follow };
  }

  it('costs no assembly where only values have changed, and the next scrape has them', () => {
    const { snapshots } = two();
    const before = snapshots.current();

    snapshots.put('waiting', [backlog(3)]);

    expect(snapshots.problems().conflicts.size).toBe(0);
    expect(before).not.toBe(snapshots.current());
    expect(lines(snapshots)).toContain('flow_backlog_messages{flow="invoices",partner="chuv",env="prod",stage="received"} 3');
  });

  it('is found at once where a collector tells other series, as many as before', () => {
    const { snapshots } = two();

    snapshots.put('other', [backlog(2)]);

    expect(snapshots.problems().conflicts.get('other')).toContain('comes twice');
    snapshots.put('other', [backlog(2, answered)]);
    expect(snapshots.problems().conflicts.size).toBe(0);
  });

  it('is found at once where its accumulator has got a series', () => {
    const { snapshots, follow } = two();
    follow.accumulator.retain(() => false);
    snapshots.put('follow', []);
    snapshots.problems();

    follow.accumulator.gauge(waiting, answered).set(9);
    snapshots.put('follow', []);

    expect(snapshots.problems().conflicts.get('follow')).toContain('comes twice');
  });

  it('is found at once where values come back that had been withdrawn', () => {
    const { snapshots } = two();
    snapshots.withdraw('other');
    snapshots.put('waiting', [backlog(1), backlog(2, answered)]);
    snapshots.problems();

    snapshots.put('other', [backlog(2, answered)]);

    expect(snapshots.problems().conflicts.get('other')).toContain('comes twice');
  });
});

function gunzipped(start: GzipStart): string {
  return gunzipSync(Buffer.concat([start.bytes, endGzip(start, Buffer.alloc(0))])).toString();
}

function followed() {
  const accumulator = new Accumulator();
  const counter = accumulator.counter(passed, { ...place, outcome: 'ok' });
  const gauge = accumulator.gauge(waiting, place);
  return { accumulator, counter, gauge, collector: fakeCollector(nothing, { name: 'follow', accumulator }) };
}
