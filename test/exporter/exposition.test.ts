// Both exposition formats: exact bytes for what is peculiar, a reader for everything else, promtool as the judge.

import { spawnSync } from 'node:child_process';
import type { Exemplar, MetricDefinition, Observation } from '../../src/domain/observation.js';
import { ENDINGS, renderFamilies, type Family, type Format } from '../../src/exporter/exposition.js';
import { seeded } from '../random.js';
import { describeWith, program } from '../servers/describe.js';
import { parseExposition, type ReadSample } from './parse-exposition.js';

const gauge: MetricDefinition = { name: 'inbox_files', type: 'gauge', help: 'Files in the inbox.', labels: ['flow', 'partner'] };
const counter: MetricDefinition = { name: 'inbox_files_seen_total', type: 'counter', help: 'Files seen.', labels: ['flow'] };
const histogram: MetricDefinition = {
  name: 'stage_duration_seconds',
  type: 'histogram',
  help: 'Time.',
  labels: ['flow'],
  buckets: [0.00001, 0.25, 1, 2.5, 86400, 1_000_000],
};

const trace: Exemplar = { labels: { trace_id: '4bf92f3577b34da6' }, value: 0.67, timestamp: 1_520_879_607.789 };

function families(...observations: Observation[]): Family[] {
  return [...Map.groupBy(observations, ({ metric }) => metric)].map(([metric, own]) => ({ metric, series: own }));
}

function render(format: Format, ...observations: Observation[]): string {
  return renderFamilies(families(...observations), format) + ENDINGS[format];
}

describe('the text format', () => {
  it('writes HELP and TYPE once for each family', () => {
    const text = render(
      'text',
      { metric: gauge, labels: { flow: 'a', partner: 'x' }, value: 1 },
      { metric: gauge, labels: { flow: 'b' }, value: 2.5 },
      { metric: counter, labels: {}, value: 3 },
    );

    expect(text).toBe(
      [
        '# HELP inbox_files Files in the inbox.',
        '# TYPE inbox_files gauge',
        'inbox_files{flow="a",partner="x"} 1',
        'inbox_files{flow="b"} 2.5',
        '# HELP inbox_files_seen_total Files seen.',
        '# TYPE inbox_files_seen_total counter',
        'inbox_files_seen_total 3',
        '',
      ].join('\n'),
    );
  });

  it('escapes backslash, newline and quote in labels, and no quote in HELP', () => {
    const metric = { ...gauge, help: 'A "quoted"\nC:\\in' };

    const text = render('text', { metric, labels: { flow: 'C:\\in\n"x"' }, value: 1 });

    expect(text).toBe('# HELP inbox_files A "quoted"\\nC:\\\\in\n# TYPE inbox_files gauge\ninbox_files{flow="C:\\\\in\\n\\"x\\""} 1\n');
  });

  it.each([
    [Number.NaN, 'NaN'],
    [Infinity, '+Inf'],
    [-Infinity, '-Inf'],
    [0, '0'],
    [9_007_199_254_740_991, '9007199254740991'],
    [1_795_412_506.759, '1795412506.759'],
    [1e21, '1e+21'],
    [5e-324, '5e-324'],
  ])('writes %p as %s', (value, written) => {
    expect(render('text', { metric: gauge, labels: {}, value })).toContain(`\ninbox_files ${written}\n`);
  });

  it('writes the buckets, the sum and the count of a histogram', () => {
    const value = { cumulative: [0, 1, 2, 2, 3, 3], sum: 100.5, count: 4 };

    const text = render('text', { metric: histogram, labels: { flow: 'a' }, value });

    expect(text.split('\n').slice(2, -1)).toEqual([
      'stage_duration_seconds_bucket{flow="a",le="0.00001"} 0',
      'stage_duration_seconds_bucket{flow="a",le="0.25"} 1',
      'stage_duration_seconds_bucket{flow="a",le="1"} 2',
      'stage_duration_seconds_bucket{flow="a",le="2.5"} 2',
      'stage_duration_seconds_bucket{flow="a",le="86400"} 3',
      'stage_duration_seconds_bucket{flow="a",le="1000000"} 3',
      'stage_duration_seconds_bucket{flow="a",le="+Inf"} 4',
      'stage_duration_seconds_sum{flow="a"} 100.5',
      'stage_duration_seconds_count{flow="a"} 4',
    ]);
  });

  it('writes nothing at all for a family without series', () => {
    expect(renderFamilies([{ metric: gauge, series: [] }], 'text')).toBe('');
  });
});

describe('OpenMetrics', () => {
  it('names the family of a counter without _total, and ends with # EOF', () => {
    expect(render('openmetrics', { metric: counter, labels: {}, value: 3 })).toBe(
      '# HELP inbox_files_seen Files seen.\n# TYPE inbox_files_seen counter\ninbox_files_seen_total 3\n# EOF\n',
    );
  });

  it('escapes quotes in HELP', () => {
    const metric = { ...gauge, help: 'A "quoted"\nC:\\in' };

    expect(render('openmetrics', { metric, labels: {}, value: 1 })).toContain('# HELP inbox_files A \\"quoted\\"\\nC:\\\\in\n');
  });

  it('writes bounds in the canonical form, so that a bucket keeps its name', () => {
    const value = { cumulative: [0, 1, 2, 2, 3, 3], sum: 1, count: 3 };

    const text = render('openmetrics', { metric: histogram, labels: {}, value });

    expect([...text.matchAll(/le="([^"]+)"/g)].map(([, le]) => le)).toEqual(['1e-05', '0.25', '1.0', '2.5', '86400.0', '1e+06', '+Inf']);
  });

  it('writes a counter as unknown where another family has its bare name', () => {
    const bare = { ...gauge, name: 'rejects' };
    const total = { ...counter, name: 'rejects_total' };

    const text = render('openmetrics', { metric: bare, labels: {}, value: 1 }, { metric: total, labels: {}, value: 2 });

    const read = parseExposition(text, 'openmetrics');
    expect(read.map(({ name, type }) => [name, type])).toEqual([
      ['rejects', 'gauge'],
      ['rejects_total', 'unknown'],
    ]);
  });
});

describe('exemplars (CE5, GM4)', () => {
  const sizes = { cumulative: [0, 1, 2, 2, 3, 3], sum: 100.5, count: 4 };
  const bare: Exemplar = { labels: { id: 'a"\\\n' }, value: 2_000_000 };
  const exemplars = [undefined, trace, undefined, undefined, undefined, undefined, bare];
  const observations: Observation[] = [
    { metric: counter, labels: { flow: 'a' }, value: 3, exemplar: trace },
    { metric: counter, labels: { flow: 'b' }, value: 4 },
    { metric: histogram, labels: { flow: 'a' }, value: { ...sizes, exemplars } },
  ];

  it('stand on totals and on buckets in OpenMetrics, escaped as labels are', () => {
    const text = render('openmetrics', ...observations);

    expect(text.split('\n').filter((line) => !line.startsWith('# '))).toEqual([
      'inbox_files_seen_total{flow="a"} 3 # {trace_id="4bf92f3577b34da6"} 0.67 1520879607.789',
      'inbox_files_seen_total{flow="b"} 4',
      'stage_duration_seconds_bucket{flow="a",le="1e-05"} 0',
      'stage_duration_seconds_bucket{flow="a",le="0.25"} 1 # {trace_id="4bf92f3577b34da6"} 0.67 1520879607.789',
      'stage_duration_seconds_bucket{flow="a",le="1.0"} 2',
      'stage_duration_seconds_bucket{flow="a",le="2.5"} 2',
      'stage_duration_seconds_bucket{flow="a",le="86400.0"} 3',
      'stage_duration_seconds_bucket{flow="a",le="1e+06"} 3',
      String.raw`stage_duration_seconds_bucket{flow="a",le="+Inf"} 4 # {id="a\"\\\n"} 2000000`,
      'stage_duration_seconds_sum{flow="a"} 100.5',
      'stage_duration_seconds_count{flow="a"} 4',
      '',
    ]);
  });

  it('are unknown to the text format', () => {
    const without = observations.map(({ metric, labels, value }) => ({ metric, labels, value }));

    expect(render('text', ...observations)).toBe(render('text', ...without));
    expect(render('text', ...observations)).not.toContain('trace_id');
  });

  it.each([
    ['a gauge', [{ metric: gauge, labels: {}, value: 1, exemplar: trace }]],
    ['a counter without _total', [{ metric: { ...counter, name: 'rejects' }, labels: {}, value: 1, exemplar: trace }]],
    [
      'a counter that is written as unknown',
      [
        { metric: { ...gauge, name: 'rejects' }, labels: {}, value: 1 },
        { metric: { ...counter, name: 'rejects_total' }, labels: {}, value: 2, exemplar: trace },
      ],
    ],
  ])('are not written on %s, which may not have one', (_title, series: Observation[]) => {
    const text = render('openmetrics', ...series);

    expect(text).not.toContain('trace_id');
    expect(parseExposition(text, 'openmetrics').at(-1)?.samples.at(-1)?.value).toBe(series.at(-1)?.value);
  });

  const written = (labels: Record<string, string>) => {
    const text = render('openmetrics', { metric: counter, labels: {}, value: 1, exemplar: { labels, value: 1 } });
    return parseExposition(text, 'openmetrics')[0]?.samples[0]?.exemplar?.labels;
  };

  it.each([
    ['a', 120],
    // One character, and two code units.
    ['🏥', 120],
    // One character, and three bytes.
    ['日', 120],
    // One character, and written as two, which Prometheus counts.
    ['"', 60],
  ])('have at most 128 characters of names and values: %s', (character, fit) => {
    expect(written({ trace_id: character.repeat(fit) })).toEqual({ trace_id: character.repeat(fit) });
    expect(written({ trace_id: character.repeat(fit + 1) })).toBeUndefined();
  });

  it('lose the labels that do not fit, each whole, and keep those after them that do', () => {
    const [trace_id, span_id] = ['t'.repeat(32), 's'.repeat(16)];

    expect(written({ trace_id, message_id: 'm'.repeat(79), span_id })).toEqual({ trace_id, span_id });
    expect(written({ trace_id, message_id: 'm'.repeat(78) })).toEqual({ trace_id, message_id: 'm'.repeat(78) });
    expect(written({ message_id: 'm'.repeat(1_000_000), span_id })).toEqual({ span_id });
  });

  it('lose labels whose name would spoil the scrape, and those without a value', () => {
    expect(written({ 'trace-id': 'a', '0': 'b', '': 'c', empty: '', id: 'd' })).toEqual({ id: 'd' });
  });

  it('have no time stamp where none is known', () => {
    expect(timestamped(Number.NaN)).toContain(' 1 # {trace_id="4bf92f3577b34da6"} 0.67\n');
    expect(timestamped(1_520_879_607)).toContain(' 0.67 1520879607\n');
  });
});

describe('any series', () => {
  it.each(['text', 'openmetrics'] as const)('reads back from %s as it was', (format) => {
    const random = seeded(4711);
    for (let round = 0; round < 200; round++) {
      const observations = randomObservations(random);

      const read = parseExposition(render(format, ...observations), format);

      const samples = read.flatMap((family) => family.samples.map(withNumericBound));
      expect(samples).toEqual(observations.flatMap((observation) => samplesOf(observation, format)));
      expect(read.map(({ help }) => help)).toEqual([...new Set(observations.map(({ metric }) => metric.help))]);
    }
  });
});

describeWith(['promtool'], 'promtool check metrics', () => {
  it('has nothing to say about random families', () => {
    const random = seeded(815);
    const text = render('text', ...randomObservations(random), ...[1, 2, 3].map((value) => gaugeOf(`flow ${value}`, value)));

    const { status, stdout, stderr } = spawnSync(program('promtool'), ['check', 'metrics'], { input: text, encoding: 'utf8' });

    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' });
  });
});

function timestamped(timestamp: number): string {
  return render('openmetrics', { metric: counter, labels: {}, value: 1, exemplar: { ...trace, timestamp } });
}

function gaugeOf(flow: string, value: number): Observation {
  return { metric: gauge, labels: { flow, partner: 'chuv' }, value };
}

const PIECES = ['a', 'é', '"', '\\', '\n', ' ', '{', '}', ',', '=', '#', '🏥', '\\n', '\t'];
const VALUES = [0, 1, -1, 0.1, 1e-9, 1e300, 2 ** 53 - 1, Infinity, -Infinity, Number.NaN];

function randomObservations(random: () => number): Observation[] {
  const pick = <T>(values: readonly T[]): T => {
    const value = values[Math.floor(random() * values.length)];
    if (value === undefined) throw new Error('nothing to pick from');
    return value;
  };
  const text = () => `x${Array.from({ length: Math.floor(random() * 8) }, () => pick(PIECES)).join('')}`;
  return Array.from({ length: 1 + Math.floor(random() * 5) }, (_, index): Observation[] => {
    const type = pick(['gauge', 'counter', 'histogram'] as const);
    const name = { gauge: `g${index}_files`, counter: `c${index}_files_total`, histogram: `h${index}_seconds` }[type];
    const metric = {
      name,
      type,
      help: `${index} ${text()}`,
      labels: ['one', 'two'],
      ...(type === 'histogram' && { buckets: [0.5, 1, 100] }),
    };
    return Array.from({ length: 1 + Math.floor(random() * 3) }, (_unused, serial) => {
      const labels = { one: `${serial}${text()}`, ...(random() < 0.5 && { two: text() }) };
      const exemplar = (): Exemplar | undefined => (random() < 0.5 ? { ...trace, labels: { trace_id: text(), id: text() } } : undefined);
      if (type === 'gauge') return { metric, labels, value: pick(VALUES) };
      if (type === 'counter') return { metric, labels, value: Math.floor(random() * 1e6), exemplar: exemplar() };
      const exemplars = random() < 0.5 ? { exemplars: [exemplar(), exemplar(), exemplar(), exemplar()] } : {};
      return { metric, labels, value: { cumulative: [1, 2, 2], sum: 3.25, count: 5, ...exemplars } };
    });
  }).flat();
}

function samplesOf({ metric, labels, value, exemplar }: Observation, format: Format): ReadSample[] {
  const own = { ...labels };
  const of = (one: Exemplar | undefined) => (one && format === 'openmetrics' ? { exemplar: one } : {});
  if (typeof value === 'number') return [{ name: metric.name, labels: own, value, ...of(exemplar) }];
  const bounds = [...(metric.buckets ?? []), Infinity];
  return [
    ...bounds.map((bound, index) => ({
      name: `${metric.name}_bucket`,
      labels: { ...own, le: String(bound) },
      value: value.cumulative[index] ?? value.count,
      ...of(value.exemplars?.[index]),
    })),
    { name: `${metric.name}_sum`, labels: own, value: value.sum },
    { name: `${metric.name}_count`, labels: own, value: value.count },
  ];
}

/** The formats write the same bound differently: 1 and 1.0. */
function withNumericBound(sample: ReadSample): ReadSample {
  const { le } = sample.labels;
  return le === undefined ? sample : { ...sample, labels: { ...sample.labels, le: String(Number(le.replace('Inf', 'Infinity'))) } };
}
