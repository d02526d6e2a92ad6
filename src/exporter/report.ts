// What an exporter says of itself as JSON.

import { endpoint, files, intended, observed } from '../conventions.js';
import { VERSION } from '../version.js';
import type { Snapshot } from './snapshot.js';
import type { ExporterStatus, StatusSample } from './status.js';
import type { Watch } from './watch.js';

/**
 * Metrics of flows and endpoints, and whether flows are open; those of the user's own naming mean nothing to the pages. Who asks has the YAML:
 * all intentions of ten thousand flows would be 40 MB at each look.
 */
const SHOWN: ReadonlySet<string> = new Set(
  [...[observed, files, endpoint].flatMap((group) => Object.values(group)), intended.windowOpen, intended.windowNextChange].map(
    ({ name }) => name,
  ),
);

export interface ConfigState {
  /** Of the configuration that runs. */
  readonly sha: string;
  /** When it was loaded, in milliseconds since the Unix epoch. */
  readonly loadedAt: number;
  /** The last attempt to load one. */
  readonly attempt: ExporterStatus['reload'];
}

export function exporterStatus(watch: Watch, config: ConfigState, startedAt: number): ExporterStatus {
  const { subject } = watch;
  const snapshot = watch.snapshot();
  const collectors = watch.collectors();
  const dropped = [...snapshot.assembly.dropped.values()];
  return {
    source: subject.name,
    kind: subject.kind,
    title: subject.title,
    env: subject.env,
    version: VERSION,
    pid: process.pid,
    startedAt,
    configSha: config.sha,
    reload: config.attempt,
    ready: watch.ready,
    up: collectors.every(({ up }) => up),
    series: snapshot.assembly.series,
    seriesDropped: dropped.reduce((sum, { budget, duplicate }) => sum + budget + duplicate, 0),
    collectors,
    ...(watch.journals && { probes: true as const }),
    warnings: watch.warnings,
    undeclared: watch.undeclared,
    // Most who ask for a status do not read them.
    get samples() {
      return samples(snapshot);
    },
  };
}

/** Values that JSON cannot write (a window that never changes is +Inf) are left out. */
function samples({ assembly }: Snapshot): StatusSample[] {
  return assembly.families
    .filter(({ metric }) => SHOWN.has(metric.name))
    .flatMap(({ series }) =>
      series.flatMap(({ metric, labels, value }) =>
        typeof value === 'number' && Number.isFinite(value) ? [{ metric: metric.name, labels, value }] : [],
      ),
    );
}
