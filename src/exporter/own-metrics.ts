// The exporter's metrics of itself. The only file that works with prom-client, so that another client library is a change here alone.
// prom-client keeps the values; our own serializer writes them: its OpenMetrics output would rename counters for good.

import { own, runtime } from '../conventions.js';
import type { Labels, MetricDefinition } from '../domain/observation.js';
import type { ErrorClass, SourceError } from '../sources/kind.js';
import { VERSION } from '../version.js';
import type { Dropped } from './assembly.js';
import { UNKNOWN_PHASE } from './collector-loop.js';
import type { Family } from './exposition.js';
import { PROCESS_GAUGES, type ProcessStats } from './process-stats.js';
import { Counter, Gauge, Registry } from './prom-client.js';
import type { CollectorStatus } from './status.js';

/** Names that no source may use. */
export const OWN_NAMES: ReadonlySet<string> = new Set([...Object.values(own), ...Object.values(runtime)].map(({ name }) => name));

const UNDECLARED_LABELS = ['flow', 'partner', 'stage', 'outcome'] as const;
export type UndeclaredLabel = (typeof UNDECLARED_LABELS)[number];

/** Errors that come from the frame rather than from the source. */
const FRAME_ERRORS = { [UNKNOWN_PHASE]: ['timeout', 'schema', 'internal'], secret: ['secret'] } as const;

/** The state that gauges show, all of one moment. */
export interface OwnState {
  readonly up: boolean;
  readonly collectors: readonly CollectorStatus[];
  readonly series: number;
  readonly configSha: string;
  readonly reloadSuccessful: boolean;
  /** Milliseconds since the Unix epoch. */
  readonly configLoadedAt: number;
  readonly process: ProcessStats;
}

export class OwnMetrics {
  readonly #registry = new Registry();
  readonly #definitions: MetricDefinition[] = [];
  readonly #source: Labels;

  readonly #sourceUp = this.#gauge(own.sourceUp);
  readonly #collectorUp = this.#gauge(own.collectorUp);
  readonly #lastSuccess = this.#gauge(own.lastSuccess);
  readonly #collectDuration = this.#gauge(own.collectDuration);
  readonly #staleness = this.#gauge(own.staleness);
  readonly #series = this.#gauge(own.series);
  readonly #configInfo = this.#gauge(own.configInfo);
  readonly #reloadSuccessful = this.#gauge(own.reloadSuccessful);
  readonly #reloadTimestamp = this.#gauge(own.reloadTimestamp);
  readonly #collections = this.#counter(own.collections);
  readonly #errors = this.#counter(own.errors);
  readonly #undeclared = this.#counter(own.undeclared);
  readonly #dropped = this.#counter(own.seriesDropped);
  readonly #cpu = this.#counter(runtime.cpu);
  readonly #process = PROCESS_GAUGES.map((name) => ({ name, gauge: this.#gauge(runtime[name]) }));

  constructor(source: string, kind: string) {
    this.#source = { source, kind };
    this.#gauge(own.buildInfo).set({ version: VERSION, node_version: process.version }, 1);
    this.#gauge(runtime.version).set({ version: process.version }, 1);
    for (const label of UNDECLARED_LABELS) this.#undeclared.inc({ ...this.#source, label }, 0);
    for (const reason of ['budget', 'duplicate']) this.#dropped.inc({ ...this.#source, reason }, 0);
    this.declareErrors(FRAME_ERRORS);
  }

  /** Lets the counters of these errors exist at 0 before the first one happens. */
  declareErrors(errors: Readonly<Record<string, readonly ErrorClass[]>>): void {
    for (const [phase, classes] of Object.entries(errors)) {
      for (const one of classes) this.#errors.inc({ ...this.#source, phase, class: one }, 0);
    }
  }

  declareCollectors(names: readonly string[]): void {
    for (const collector of names) this.#collections.inc({ ...this.#source, collector }, 0);
  }

  forgetCollector(collector: string): void {
    this.#collections.remove({ ...this.#source, collector });
  }

  collectionEnded(collector: string, error: SourceError | undefined): void {
    this.#collections.inc({ ...this.#source, collector });
    if (error) this.#errors.inc({ ...this.#source, phase: error.phase, class: error.errorClass });
  }

  seriesDropped({ budget, duplicate }: Dropped): void {
    this.#dropped.inc({ ...this.#source, reason: 'budget' }, budget);
    this.#dropped.inc({ ...this.#source, reason: 'duplicate' }, duplicate);
  }

  undeclared(label: UndeclaredLabel): void {
    this.#undeclared.inc({ ...this.#source, label });
  }

  /** The gauges of this state, and the counters as they stand, sorted by name. */
  async families(state: OwnState): Promise<Family[]> {
    this.#set(state);
    const values = new Map((await this.#registry.getMetricsAsJSON()).map((metric) => [metric.name, metric.values]));
    const families = this.#definitions.map((metric) => ({
      metric,
      series: (values.get(metric.name) ?? []).map(({ labels, value }) => ({ metric, labels: texts(labels), value })),
    }));
    return families.toSorted((a, b) => (a.metric.name < b.metric.name ? -1 : 1));
  }

  #set(state: OwnState): void {
    for (const gauge of [this.#collectorUp, this.#lastSuccess, this.#collectDuration, this.#staleness, this.#configInfo]) gauge.reset();
    this.#sourceUp.set(this.#source, Number(state.up));
    for (const { name, up, lastSuccessAt, runs, maxStalenessMs } of state.collectors) {
      const labels = { ...this.#source, collector: name };
      this.#collectorUp.set(labels, Number(up));
      this.#lastSuccess.set(labels, (lastSuccessAt ?? 0) / 1000);
      this.#collectDuration.set(labels, (runs[0]?.durationMs ?? 0) / 1000);
      this.#staleness.set(labels, maxStalenessMs / 1000);
    }
    this.#series.set(this.#source, state.series);
    this.#configInfo.set({ sha: state.configSha }, 1);
    this.#reloadSuccessful.set(Number(state.reloadSuccessful));
    this.#reloadTimestamp.set(state.configLoadedAt / 1000);
    this.#setProcess(state.process);
  }

  #setProcess({ cpu, ...gauges }: ProcessStats): void {
    this.#cpu.reset();
    this.#cpu.inc(cpu);
    for (const { name, gauge } of this.#process) {
      const value = gauges[name];
      if (value === undefined) gauge.remove();
      else gauge.set(value);
    }
  }

  #gauge(metric: MetricDefinition): Gauge {
    this.#definitions.push(metric);
    return new Gauge({ name: metric.name, help: metric.help, labelNames: metric.labels, registers: [this.#registry] });
  }

  #counter(metric: MetricDefinition): Counter {
    this.#definitions.push(metric);
    return new Counter({ name: metric.name, help: metric.help, labelNames: metric.labels, registers: [this.#registry] });
  }
}

function texts(labels: Partial<Record<string, string | number>>): Labels {
  return Object.fromEntries(Object.entries(labels).map(([name, value]) => [name, String(value)]));
}
