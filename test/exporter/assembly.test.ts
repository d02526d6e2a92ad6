// What several collectors say together: duplicates, clashes, the budget.

import type { MetricDefinition, Observation } from '../../src/domain/observation.js';
import { assemble, type Assembly } from '../../src/exporter/assembly.js';
import { writtenBlocks } from '../../src/exporter/blocks.js';
import { backlog, messages, place } from './fake-subject.js';

const RESERVED = new Set(['vigie_source_up']);

function assembled(parts: Record<string, readonly Observation[]>, maxSeries = 1000): Assembly {
  const named = Object.entries(parts).map(([collector, observations]) => ({ collector, blocks: writtenBlocks(observations) }));
  return assemble(named, maxSeries, RESERVED);
}

function exposed({ families }: Assembly): [string, unknown][] {
  return families.flatMap(({ series }) => series.map(({ id, value }): [string, unknown] => [id, value]));
}

function gauge(name: string): MetricDefinition {
  return { name, type: 'gauge', help: name, labels: ['code'] };
}

describe('families', () => {
  it('are sorted by name, each with the series of all collectors', () => {
    const assembly = assembled({ waiting: [messages(3), backlog(1)], others: [backlog(2, { ...place, stage: 'answered' })] });

    expect(assembly.families.map(({ metric, series }) => [metric.name, series.length])).toEqual([
      ['flow_backlog_messages', 2],
      ['flow_messages_total', 1],
    ]);
    expect(assembly.series).toBe(3);
    expect(assembly.conflicts.size).toBe(0);
    expect(assembly.dropped.size).toBe(0);
  });

  it('count a histogram as what it is in Prometheus: buckets, sum and count', () => {
    const metric: MetricDefinition = { name: 'd_seconds', type: 'histogram', help: 'd', labels: [], buckets: [1, 2] };

    const assembly = assembled({ waiting: [{ metric, labels: {}, value: { cumulative: [0, 1], sum: 1, count: 1 } }] });

    expect(assembly.series).toBe(5);
  });
});

describe('names that a histogram takes beside its own', () => {
  const histogram: MetricDefinition = { name: 'd_seconds', type: 'histogram', help: 'd', labels: [], buckets: [1] };
  const duration = { metric: histogram, labels: {}, value: { cumulative: [1], sum: 1, count: 1 } };
  const code = { code: 'E42' };

  it.each(['d_seconds_bucket', 'd_seconds_sum', 'd_seconds_count'])('%s goes to neither of two metrics, but to the first', (name) => {
    const other = { metric: gauge(name), labels: code, value: 3 };

    const histogramFirst = assembled({ durations: [duration], codes: [other, { ...other, labels: { code: 'E43' } }] });
    const gaugeFirst = assembled({ codes: [other], durations: [duration] });

    expect(histogramFirst.families.map(({ metric }) => metric.name)).toEqual(['d_seconds']);
    expect([...histogramFirst.conflicts]).toEqual([
      ['codes', `${name} and d_seconds would both be exposed as ${name}: give one of them another name (1 more like it)`],
    ]);
    expect(gaugeFirst.families.map(({ metric }) => metric.name)).toEqual([name]);
    expect([...gaugeFirst.conflicts]).toEqual([
      ['durations', `d_seconds and ${name} would both be exposed as ${name}: give one of them another name`],
    ]);
    expect(gaugeFirst.dropped.get('durations')).toEqual({ budget: 0, duplicate: 4 });
  });
});

describe('the same series twice', () => {
  const LINE = 'flow_backlog_messages{flow="invoices",partner="chuv",env="prod",stage="received"}';

  it('keeps the one of the first collector and tells both with their values', () => {
    const assembly = assembled({ waiting: [backlog(12)], older: [backlog(14), backlog(1, { ...place, stage: 'answered' })] });

    expect(exposed(assembly)).toEqual([
      [LINE, 12],
      [LINE.replace('received', 'answered'), 1],
    ]);
    expect(assembly.dropped.get('older')).toEqual({ budget: 0, duplicate: 1 });
    expect([...assembly.conflicts]).toEqual([
      ['older', `the series ${LINE} comes twice: 12 from waiting and 14 from older; the first one is exposed`],
    ]);
  });

  it('says so of one collector that tells it twice, and counts how often', () => {
    const assembly = assembled({ waiting: [backlog(1), backlog(2), backlog(Number.NaN)] });

    expect(exposed(assembly)).toEqual([[LINE, 1]]);
    expect(assembly.conflicts.get('waiting')).toBe(
      `the series ${LINE} comes twice: 1 from waiting and 2 from waiting; the first one is exposed (1 more like it)`,
    );
    expect(assembly.dropped.get('waiting')).toEqual({ budget: 0, duplicate: 2 });
  });

  it('is seen whatever the order of the labels, and an empty label is none', () => {
    const { flow, partner, env, stage } = place;

    const assembly = assembled({ waiting: [backlog(1)], older: [backlog(2, { path: '', stage, env, partner, flow })] });

    expect(assembly.conflicts.has('older')).toBe(true);
  });

  it('is not taken for one where values of labels only look alike', () => {
    const assembly = assembled({
      waiting: [backlog(1, { ...place, flow: 'a",partner="b' }), backlog(2, { ...place, flow: 'a', partner: 'b' })],
    });

    expect(assembly.conflicts.size).toBe(0);
    expect(assembly.series).toBe(2);
  });
});

describe('clashes of names', () => {
  it('keeps the first type of a family', () => {
    const counter: MetricDefinition = { ...gauge('rejects'), type: 'counter' };

    const assembly = assembled({
      waiting: [{ metric: gauge('rejects'), labels: { code: '1' }, value: 1 }],
      older: [{ metric: counter, labels: { code: '2' }, value: 2 }],
    });

    expect(exposed(assembly)).toEqual([['rejects{code="1"}', 1]]);
    expect(assembly.conflicts.get('older')).toBe('rejects is a gauge and a counter at once: only the gauge is exposed');
  });

  it('writes a family once that two definitions describe alike', () => {
    const assembly = assembled({
      waiting: [{ metric: gauge('rejects'), labels: { code: '1' }, value: 1 }],
      older: [{ metric: gauge('rejects'), labels: { code: '2' }, value: 2 }],
    });

    expect(assembly.families).toHaveLength(1);
    expect(assembly.series).toBe(2);
    expect(assembly.conflicts.size).toBe(0);
  });

  it('leaves out what has a name of the exporter itself', () => {
    const assembly = assembled({ waiting: [{ metric: gauge('vigie_source_up'), labels: {}, value: 1 }, backlog(1)] });

    expect(assembly.series).toBe(1);
    expect(assembly.conflicts.get('waiting')).toBe('vigie_source_up is a metric of the exporter itself: give yours another name');
    expect(assembly.dropped.get('waiting')).toEqual({ budget: 0, duplicate: 1 });
  });
});

describe('the series budget', () => {
  it('drops the same series whatever their order, and counts them by collector', () => {
    const one = assembled({ a: coded('1', '5', '3'), b: coded('4', '2') }, 3);
    const other = assembled({ a: coded('3', '1', '5'), b: coded('2', '4') }, 3);

    const kept = ['rejects{code="1"}', 'rejects{code="2"}', 'rejects{code="3"}'];
    expect(
      exposed(one)
        .map(([id]) => id)
        .toSorted(),
    ).toEqual(kept);
    expect(
      exposed(other)
        .map(([id]) => id)
        .toSorted(),
    ).toEqual(kept);
    expect([...one.dropped]).toEqual([
      ['a', { budget: 1, duplicate: 0 }],
      ['b', { budget: 1, duplicate: 0 }],
    ]);
    expect(one.series).toBe(3);
  });

  it('is kept to by histograms as well, which count as several', () => {
    const metric: MetricDefinition = { name: 'd_seconds', type: 'histogram', help: 'd', labels: [], buckets: [1, 2] };
    const value = { cumulative: [0, 1], sum: 1, count: 1 };

    const assembly = assembled({ a: [{ metric, labels: {}, value }, ...coded('1', '2')] }, 4);

    expect(exposed(assembly).map(([id]) => id)).toEqual(['rejects{code="1"}', 'rejects{code="2"}']);
    expect(assembly.dropped.get('a')).toEqual({ budget: 5, duplicate: 0 });
  });

  it('drops nothing that fits exactly', () => {
    expect(assembled({ a: coded('1', '2', '3') }, 3).dropped.size).toBe(0);
  });

  it('is neither used nor cut by what Vigie says of itself', () => {
    const about = { metric: gauge('vigie_sql_rows_total'), labels: { code: 'waiting' }, value: 7 };

    const assembly = assembled({ a: [about, ...coded('1', '2', '3')] }, 2);

    expect(exposed(assembly).map(([id]) => id)).toEqual(['rejects{code="1"}', 'rejects{code="2"}', 'vigie_sql_rows_total{code="waiting"}']);
    expect(assembly.series).toBe(2);
    expect(assembly.dropped.get('a')).toEqual({ budget: 1, duplicate: 0 });
  });
});

function coded(...codes: string[]): Observation[] {
  return codes.map((code) => ({ metric: gauge('rejects'), labels: { code }, value: 1 }));
}
