// The metrics of the fleet itself: how its exporters fare, which configuration it runs, what its process uses.

import { fleet, own, runtime } from '../conventions.js';
import type { Observation } from '../domain/observation.js';
import { assemble } from '../exporter/assembly.js';
import { liveBlocks } from '../exporter/blocks.js';
import { ENDINGS, renderFamilies, type Format } from '../exporter/exposition.js';
import { PROCESS_GAUGES, type ProcessStats } from '../exporter/process-stats.js';
import { answers } from './exporters.js';
import type { FleetView } from './view.js';

const NOTHING_RESERVED: ReadonlySet<string> = new Set();

/** @param loadedAt when a configuration was last loaded with success, in milliseconds since the Unix epoch */
export function renderMetrics(view: FleetView, loadedAt: number, stats: ProcessStats, format: Format): string {
  const blocks = liveBlocks([...ofExporters(view), ...ofConfig(view, loadedAt), ...ofProcess(stats)]);
  const { families } = assemble([{ collector: 'fleet', blocks }], Infinity, NOTHING_RESERVED);
  return renderFamilies(families, format) + ENDINGS[format];
}

function ofExporters({ exporters }: FleetView): Observation[] {
  return exporters.flatMap((exporter) => {
    const labels = { source: exporter.source, kind: exporter.kind };
    return [
      { metric: fleet.exporterUp, labels, value: Number(answers(exporter)) },
      { metric: fleet.restarts, labels, value: exporter.restarts },
      { metric: fleet.crashLoop, labels, value: Number(exporter.crashLoop) },
    ];
  });
}

function ofConfig({ version, configSha, reload }: FleetView, loadedAt: number): Observation[] {
  return [
    { metric: own.buildInfo, labels: { version, node_version: process.version }, value: 1 },
    { metric: own.configInfo, labels: { sha: configSha }, value: 1 },
    { metric: own.reloadSuccessful, labels: {}, value: Number(reload.successful) },
    { metric: own.reloadTimestamp, labels: {}, value: loadedAt / 1000 },
  ];
}

function ofProcess({ cpu, ...gauges }: ProcessStats): Observation[] {
  const known = PROCESS_GAUGES.flatMap((name) => {
    const value = gauges[name];
    return value === undefined ? [] : [{ metric: runtime[name], labels: {}, value }];
  });
  return [
    { metric: runtime.cpu, labels: {}, value: cpu },
    { metric: runtime.version, labels: { version: process.version }, value: 1 },
    ...known,
  ];
}
