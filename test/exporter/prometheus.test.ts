// A real Prometheus scrapes an exporter in both formats.

import { own } from '../../src/conventions.js';
import type { MetricDefinition, Observation } from '../../src/domain/observation.js';
import { startExporter, type RunningExporter } from '../../src/exporter/runtime.js';
import { describeWith } from '../servers/describe.js';
import { startPrometheus, type Prometheus } from '../servers/prometheus.js';
import { until } from '../wait.js';
import { backlog, fakeCollector, fakeConfig, fakeSubject, messages, place, recordingLogger } from './fake-subject.js';

const LIMIT_MS = 60_000;

const duration: MetricDefinition = {
  name: 'flow_stage_duration_seconds',
  type: 'histogram',
  help: 'Time "to pass"\nthe stage, C:\\in.',
  labels: ['flow', 'path'],
  buckets: [0.25, 1, 3600, 1_000_000],
};

const observations: readonly Observation[] = [
  backlog(5),
  backlog(Number.NaN, { ...place, path: 'nan' }),
  backlog(Infinity, { ...place, path: 'inf' }),
  backlog(2 ** 53 - 1, { ...place, path: 'quoted "name"\nC:\\in é 🏥' }),
  messages(7),
  { metric: duration, labels: { flow: 'invoices' }, value: { cumulative: [1, 2, 3, 3], sum: 12.5, count: 4 } },
];

describeWith(['prometheus'], 'a real Prometheus', () => {
  let exporter: RunningExporter;
  let prometheus: Prometheus;

  beforeAll(async () => {
    exporter = await startExporter({
      find: async () => fakeSubject(() => [fakeCollector(() => Promise.resolve(observations))]),
      missing: () => 'none',
      configFile: 'exporters.yaml',
      listen: { host: '127.0.0.1', port: 0 },
      logger: recordingLogger().logger,
      loadConfig: async () => ({ config: fakeConfig(), diagnostics: [] }),
    });
    const job = (name: string, protocol: string) => `
  - job_name: ${name}
    scrape_interval: 1s
    scrape_timeout: 1s
    scrape_protocols: [${protocol}]
    static_configs: [{ targets: ['127.0.0.1:${exporter.port}'] }]`;
    prometheus = await startPrometheus(`scrape_configs:${job('text', 'PrometheusText0.0.4')}${job('openmetrics', 'OpenMetricsText1.0.0')}`);
    await until(async () => (await prometheus.query('up == 1')).length === 2, LIMIT_MS);
  }, LIMIT_MS);

  afterAll(async () => {
    await prometheus.stop();
    await exporter.stop();
  });

  const values = async (query: string) => (await prometheus.query(query)).map(({ value }) => value);

  it('takes the same series from both formats', async () => {
    const everything = await prometheus.query('{job=~".+",__name__!~"up|scrape_.*"}');

    const ofJob = (wanted: string) =>
      everything
        .filter(({ metric }) => metric['job'] === wanted)
        .map(({ metric: { job: _job, ...labels } }) => JSON.stringify(Object.entries(labels).toSorted(byName)))
        .toSorted();
    expect(ofJob('text').length).toBeGreaterThan(40);
    expect(ofJob('openmetrics')).toEqual(ofJob('text'));
  });

  it.each(['text', 'openmetrics'])('reads the values as they are from %s', async (job) => {
    expect(await values(`flow_backlog_messages{job="${job}",path=""}`)).toEqual([5]);
    expect(await values(`flow_backlog_messages{job="${job}",path="nan"}`)).toEqual([Number.NaN]);
    expect(await values(`flow_backlog_messages{job="${job}",path="inf"} == +Inf`)).toHaveLength(1);
    expect(await values(`flow_backlog_messages{job="${job}",path="quoted \\"name\\"\\nC:\\\\in é 🏥"}`)).toEqual([9007199254740991]);
    expect(await values(`flow_messages_total{job="${job}"}`)).toEqual([7]);
    expect(await values(`flow_stage_duration_seconds_bucket{job="${job}",le="3600.0"}`)).toEqual([3]);
    expect(await values(`histogram_quantile(0.5, flow_stage_duration_seconds_bucket{job="${job}"})`)).toEqual([1]);
    expect(await values(`${own.sourceUp.name}{job="${job}"}`)).toEqual([1]);
  });

  it('knows the types and the help', async () => {
    const metadata = await prometheus.api<Record<string, { type: string; help: string }[]>>('metadata');

    const types = (name: string) => new Set(metadata[name]?.map(({ type }) => type));
    expect(types('flow_backlog_messages')).toEqual(new Set(['gauge']));
    expect(types('flow_messages_total')).toEqual(new Set(['counter']));
    expect(types('flow_messages')).toEqual(new Set(['counter']));
    expect(new Set(metadata['flow_stage_duration_seconds']?.map(({ type, help }) => `${type} ${help}`))).toEqual(
      new Set(['histogram Time "to pass"\nthe stage, C:\\in.']),
    );
  });
});

function byName([a]: [string, string], [b]: [string, string]): number {
  return a < b ? -1 : 1;
}
