// Names of the user's own metrics: what Prometheus refuses and what promtool complains about is told before anything runs.

import { spawnSync } from 'node:child_process';
import { labelProblem, nameProblem } from '../../src/config/metrics.js';
import type { MetricDefinition } from '../../src/domain/observation.js';
import { describeWith, program } from '../servers/describe.js';
import { messages } from './load-text.js';

const GOOD = [
  'exchange_rejects',
  'exchange_rejects_total',
  'exchange_wait_seconds',
  'queue_size_bytes',
  'kafka_lag',
  'a_discount',
  'gauges_seen',
];
const LINTED = [
  'exchange_waitMax',
  'exchange_wait_milliseconds',
  'exchange_wait_minutes',
  'exchange_wait_ms',
  'exchange_size_kb',
  'exchange_size_kilobytes',
  'exchange_gauge_size',
  'exchange_size_gauge',
  'exchange_counter_total',
  'exchange_size_bucket',
  'exchange_size_count',
  'exchange_size_sum',
];
/** Prometheus has nothing against these, but they would collide with Vigie's own or with OpenMetrics. */
const RESERVED = ['flow_x', 'endpoint_x', 'vigie_x', 'process_x', 'nodejs_x', 'exchange_version_info', 'exchange_size_created'];
const MALFORMED = ['exchange-rejects', '1_exchange', 'exchange rejects', '', 'exchange:rejects'];

function metric(name: string): MetricDefinition {
  return { name, type: name.endsWith('_total') ? 'counter' : 'gauge', help: 'Help.', labels: [] };
}

describe('the name of a metric', () => {
  test.each(GOOD)('may be %s', (name) => {
    expect(nameProblem(metric(name))).toBeUndefined();
  });

  test.each([...LINTED, ...RESERVED, ...MALFORMED])('may not be "%s"', (name) => {
    expect(nameProblem(metric(name))).toContain(`"${name}"`);
  });

  test('ends in _total for counters, and for them only', () => {
    expect(nameProblem({ ...metric('exchange_rejects'), type: 'counter' })).toContain('exchange_rejects_total');
    expect(nameProblem({ ...metric('exchange_rejects_total'), type: 'gauge' })).toContain('only names of counters');
  });
});

describe('the name of a label', () => {
  test.each(['code', 'reject_code', '_x', 'flow', 'partner', 'env'])('may be %s', (label) => {
    expect(labelProblem(label)).toBeUndefined();
  });

  test.each(['__name__', 'le', 'quantile', 'rejectCode', 'reject-code', '1st', '', 'job', 'instance', 'source', 'kind'])(
    'may not be "%s"',
    (label) => {
      expect(labelProblem(label)).toContain(`"${label}"`);
    },
  );
});

describeWith(['promtool'], 'promtool check metrics', () => {
  test.each([...GOOD, ...LINTED])('has the same opinion of %s', (name) => {
    const { type, help } = metric(name);
    const exposition = `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${name} 1\n`;

    const { status } = spawnSync(program('promtool'), ['check', 'metrics'], { input: exposition });

    expect(status === 0).toBe(nameProblem(metric(name)) === undefined);
  });
});

describe('metrics of one name', () => {
  test('may come from two sources where they mean the same', async () => {
    const one = '{ name: exchange_rejects, help: Rejects., labels: [code, env] }';
    const other = '{ name: exchange_rejects, help: Rejects., labels: [env, code] }';

    const found = await load(source('a', one), source('b', other));

    expect(found).toEqual([]);
  });

  test.each([
    ['type', '{ name: exchange_x, help: X. }', '{ name: exchange_x, help: X., type: counter }'],
    ['help', '{ name: exchange_x, help: X. }', '{ name: exchange_x, help: Y. }'],
    ['set of labels', '{ name: exchange_x, help: X. }', '{ name: exchange_x, help: X., labels: [code] }'],
  ])('may not differ in their %s', async (difference, one, other) => {
    const found = await load(source('a', one), source('b', other));

    expect(found.at(-1)).toContain(`5:38 error sources.b.metrics[0].name: "exchange_x" has another ${difference} in sources.a.metrics[0]`);
  });

  test('may not be a counter and a gauge of the same family in one source', async () => {
    const found = await load(source('a', '{ name: exchange_x, help: X. }, { name: exchange_x_total, help: X. }'));

    expect(found).toEqual([
      'exporters.yaml:4:38 error sources.a.metrics[0].name: "exchange_x" clashes with the counter "exchange_x_total" of the same source: rename one',
    ]);
  });
});

function source(name: string, metrics: string): string {
  return `  ${name}: { kind: fake, metrics: [${metrics}] }\n`;
}

function load(...sources: string[]): Promise<string[]> {
  return messages(`defaults: { team: flux }\nteams: { flux: { email: a@b } }\nsources:\n${sources.join('')}`);
}
