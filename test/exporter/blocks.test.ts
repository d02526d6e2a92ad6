// Series as bytes and as objects say the same, whatever the labels and however many there are.

import type { MetricDefinition, Observation } from '../../src/domain/observation.js';
import { liveBlocks, writtenBlocks } from '../../src/exporter/blocks.js';
import type { Format } from '../../src/exporter/exposition.js';
import { passed, waiting } from './fake-subject.js';

const histogram: MetricDefinition = { name: 'd_seconds', type: 'histogram', help: 'd', labels: ['flow'], buckets: [1, 2] };

/** Labels that are escaped, that take several bytes for each character, and that look like something else. */
const FLOWS = ['a', 'Außer Haus', 'C:\\new\nline', 'say "x"', '} 1', 'a="b",c="d"', '日本語 🚀', 'é'.repeat(50), ' '];
const VALUES = [0, -0.5, 1e21, 5e-324, Number.NaN, Infinity, -Infinity, 1_795_412_506.759];

function gauges(count: number): Observation[] {
  return Array.from({ length: count }, (_, index) => ({
    metric: waiting,
    labels: { flow: `${FLOWS[index % FLOWS.length]}`, partner: `p${index}`, env: 'prod' },
    value: VALUES[index % VALUES.length] ?? 0,
  }));
}

describe('a block that is written', () => {
  it.each([0, 1, 20, 5000])('gives back %i series as they were', (count) => {
    const observations = gauges(count);

    const series = writtenBlocks(observations).flatMap((block) => [...block.series()]);

    expect(series.map(({ metric, labels, value }) => ({ metric, labels, value }))).toEqual(observations);
  });

  it.each([
    ['fewer', 100],
    ['as many', 5000],
    ['more', 50_000],
  ])('holds all series where %s come than before', (_title, count) => {
    const before = writtenBlocks(gauges(5000));

    const [written] = writtenBlocks(gauges(count), before);

    const [afresh] = writtenBlocks(gauges(count));
    expect(written?.bytes('text').equals(afresh?.bytes('text') ?? Buffer.alloc(0))).toBe(true);
    expect(written?.at(count - 1)).toEqual(afresh?.at(count - 1));
  });

  it('is one for each metric, in the order in which they turn up', () => {
    const [first, second] = gauges(2);
    if (!first || !second) throw new Error('two were made');

    const blocks = writtenBlocks([first, { metric: passed, labels: {}, value: 1 }, second]);

    expect(blocks.map(({ metric, size }) => [metric.name, size])).toEqual([
      ['flow_backlog_messages', 2],
      ['flow_messages_total', 1],
    ]);
  });
});

describe.each([
  ['written', writtenBlocks],
  ['live', liveBlocks],
])('a %s block', (_title, make) => {
  it('has the same bytes, hashes and identities as one of the other form', () => {
    const observations = gauges(40);

    const [one] = make(observations);
    const [other] = liveBlocks(observations);

    expect(one?.bytes('openmetrics').toString()).toBe(other?.bytes('openmetrics').toString());
    for (const index of observations.keys()) {
      expect(one?.hash(index)).toBe(other?.hash(index));
      expect(one?.at(index).id).toBe(other?.at(index).id);
    }
  });

  it('keeps the others, in their order, without some', () => {
    const [block] = make(gauges(4));

    const rest = block?.without(new Set([0, 2]));

    expect(rest?.size).toBe(2);
    expect([...(rest?.series() ?? [])].map(({ labels }) => labels['partner'])).toEqual(['p1', 'p3']);
    expect(rest?.hash(1)).toBe(block?.hash(3));
    expect(rest?.bytes('text').toString().split('\n')).toHaveLength(3);
  });

  it('writes the bounds of a histogram as each format does', () => {
    const [block] = make([{ metric: histogram, labels: { flow: 'a' }, value: { cumulative: [1, 2], sum: 4, count: 3 } }]);

    expect(block?.seriesEach).toBe(5);
    expect(block?.bytes('text').toString()).toContain('d_seconds_bucket{flow="a",le="1"} 1\n');
    expect(block?.bytes('openmetrics').toString()).toContain('d_seconds_bucket{flow="a",le="1.0"} 1\n');
  });
});

describe.each([
  ['a collection', writtenBlocks],
  ['an accumulator', liveBlocks],
])('exemplars that %s tells', (_title, make) => {
  it('are written in OpenMetrics only (CE5)', () => {
    const exemplar = { labels: { trace_id: '4bf92f35' }, value: 1 };
    const blocks = make([
      { metric: passed, labels: { flow: 'a' }, value: 1, exemplar },
      { metric: passed, labels: { flow: 'b' }, value: 2 },
    ]);

    const written = (format: Format) => Buffer.concat(blocks.map((block) => block.bytes(format))).toString();

    expect(written('openmetrics')).toContain('flow_messages_total{flow="a"} 1 # {trace_id="4bf92f35"} 1\n');
    expect(written('openmetrics')).toContain('flow_messages_total{flow="b"} 2\n');
    expect(written('text')).toContain('flow_messages_total{flow="a"} 1\n');
  });
});

describe('a live block', () => {
  it('is the same where the same is told again, and shows a new exemplar of an old value', () => {
    const labels = { flow: 'a' };
    const before = liveBlocks([{ metric: passed, labels, value: 1 }]);

    const same = liveBlocks([{ metric: passed, labels, value: 1 }], before);
    const other = liveBlocks([{ metric: passed, labels, value: 1, exemplar: { labels: { id: 'm1' }, value: 0 } }], same);

    expect(same[0]?.at(0)).toBe(before[0]?.at(0));
    expect(other[0]?.bytes('openmetrics').toString()).toBe('flow_messages_total{flow="a"} 1 # {id="m1"} 0\n');
  });

  it('shows new values, and new labels in the place of others', () => {
    const labels = { flow: 'a' };
    const before = liveBlocks([{ metric: waiting, labels, value: 1 }]);

    const same = liveBlocks([{ metric: waiting, labels, value: 2 }], before);
    const other = liveBlocks([{ metric: waiting, labels: { flow: 'b' }, value: 3 }], same);

    expect(same[0]?.bytes('text').toString()).toBe('flow_backlog_messages{flow="a"} 2\n');
    expect(other[0]?.bytes('text').toString()).toBe('flow_backlog_messages{flow="b"} 3\n');
  });
});
