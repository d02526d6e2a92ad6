// A real Prometheus stores the exemplars of an exporter, so that a graph leads to one message or trace.

import type { Exemplar, MetricDefinition } from '../../src/domain/observation.js';
import { startExporter, type RunningExporter } from '../../src/exporter/runtime.js';
import { describeWith } from '../servers/describe.js';
import { startPrometheus, type Prometheus } from '../servers/prometheus.js';
import { until } from '../wait.js';
import { fakeCollector, fakeConfig, fakeSubject, passed, place, recordingLogger } from './fake-subject.js';

const LIMIT_MS = 60_000;

const duration: MetricDefinition = {
  name: 'flow_stage_duration_seconds',
  type: 'histogram',
  help: 'Time to pass the stage.',
  labels: ['flow'],
  buckets: [0.25, 1],
};
/** Another family has its bare name: OpenMetrics can only call it unknown. */
const rejects: MetricDefinition = { name: 'rejects', type: 'gauge', help: 'Rejected now.', labels: ['flow'] };
const rejected: MetricDefinition = { ...rejects, name: 'rejects_total', type: 'counter' };

const second = Math.floor(Date.now() / 1000);

const MESSAGE_ID = 'say "é" 🏥\nC:\\in';
/** Prometheus undoes no escapes in exemplars. */
const STORED_ID = String.raw`say \"é\" 🏥\nC:\\in`;

function exemplar(trace_id: string, value: number, timestamp: number): Exemplar {
  return { labels: { trace_id, message_id: MESSAGE_ID }, value, timestamp };
}

interface Stored {
  readonly seriesLabels: Readonly<Record<string, string>>;
  readonly exemplars: readonly { readonly labels: Readonly<Record<string, string>>; readonly value: string; readonly timestamp: number }[];
}

describeWith(['prometheus'], 'a real Prometheus with exemplar storage', () => {
  let exporter: RunningExporter;
  let prometheus: Prometheus;

  beforeAll(async () => {
    exporter = await startExporter({
      find: async () =>
        fakeSubject((context) => {
          const accumulator = context.accumulator('follow');
          const flow = { flow: 'invoices' };
          accumulator.counter(passed, { ...place, outcome: 'ok' }).add(1, exemplar('of a counter', 1, second + 0.5));
          const seconds = accumulator.histogram(duration, flow);
          seconds.observe(0.1, { labels: { trace_id: 'x'.repeat(200) }, value: 0.1 });
          seconds.observe(0.5, exemplar('within', 0.5, second + 0.25));
          seconds.observe(7, exemplar('above all bounds', 7, second));
          accumulator.gauge(rejects, flow).set(1);
          accumulator.counter(rejected, flow).add(2, exemplar('of an unknown', 2, second));
          return [fakeCollector(() => Promise.resolve([]), { name: 'follow', accumulator })];
        }),
      missing: () => 'none',
      configFile: 'exporters.yaml',
      listen: { host: '127.0.0.1', port: 0 },
      logger: recordingLogger().logger,
      loadConfig: async () => ({ config: fakeConfig(), diagnostics: [] }),
    });
    prometheus = await startPrometheus(
      `
scrape_configs:
  - job_name: vigie
    scrape_interval: 1s
    scrape_timeout: 1s
    scrape_protocols: [OpenMetricsText1.0.0]
    static_configs: [{ targets: ['127.0.0.1:${exporter.port}'] }]`,
      ['exemplar-storage'],
    );
    await until(async () => (await prometheus.query('rejects_total == 2 and on () up == 1')).length === 1, LIMIT_MS);
  }, LIMIT_MS);

  afterAll(async () => {
    await prometheus.stop();
    await exporter.stop();
  });

  async function stored(query: string): Promise<unknown[]> {
    const range = `start=${second - 60}&end=${second + 60}`;
    const found = await prometheus.api<Stored[]>(`query_exemplars?query=${encodeURIComponent(query)}&${range}`);
    const byBound = found.toSorted((a, b) => (`${a.seriesLabels['le']}` < `${b.seriesLabels['le']}` ? -1 : 1));
    return byBound.flatMap(({ seriesLabels: { le }, exemplars }) =>
      exemplars.map(({ labels, value, timestamp }) => ({ le, ...labels, value: Number(value), at: timestamp - second })),
    );
  }

  it('finds the message behind a counter (CE5, GM4)', async () => {
    expect(await stored('flow_messages_total')).toEqual([{ trace_id: 'of a counter', message_id: STORED_ID, value: 1, at: 0.5 }]);
  });

  it('finds the trace behind each bucket of a histogram, but none that is too long (CE5, GM4)', async () => {
    expect(await stored('flow_stage_duration_seconds_bucket')).toEqual([
      { le: '+Inf', trace_id: 'above all bounds', message_id: STORED_ID, value: 7, at: 0 },
      { le: '1.0', trace_id: 'within', message_id: STORED_ID, value: 0.5, at: 0.25 },
    ]);
  });

  it('takes the scrape where a counter may have none', async () => {
    expect(await stored('rejects_total')).toEqual([]);
    expect((await prometheus.query('rejects_total')).map(({ value }) => value)).toEqual([2]);
  });
});
