// Parts of a fleet as suites need them: each takes what matters to the test and fills in the rest.

import type { Config } from '../../src/config/model.js';
import { CATALOG, intended, observed } from '../../src/conventions.js';
import type { CollectorStatus, ExporterStatus, StatusSample } from '../../src/exporter/status.js';
import type { ChildState } from '../../src/fleet/child.js';
import { viewExporter, type ExporterView } from '../../src/fleet/exporters.js';
import type { PlannedExporter } from '../../src/fleet/plan.js';
import type { FleetView } from '../../src/fleet/view.js';
import type { Watcher } from '../../src/fleet/watchers.js';
import type { SourceConfig } from '../../src/sources/kind.js';
import { flow } from '../flow.js';

export const NOW = Date.parse('2026-03-02T08:00:00Z');

export function source(name: string, parts: Partial<SourceConfig> = {}): SourceConfig {
  return {
    name,
    kind: 'sql',
    title: undefined,
    team: undefined,
    env: 'prod',
    path: undefined,
    interval: 1_000,
    timeout: 1_000,
    maxStaleness: 3_000,
    maxSeries: 10_000,
    exporterPort: undefined,
    baseDir: '/',
    options: {},
    ...parts,
  };
}

export function config(parts: Partial<Config> = {}): Config {
  return {
    file: '/etc/vigie/exporters.yaml',
    files: ['/etc/vigie/exporters.yaml'],
    sha: '0123456789ab',
    environment: 'prod',
    environments: [{ name: 'prod', title: 'Production', production: true, calendar: undefined }],
    teams: [],
    partners: [],
    calendars: {},
    flows: [flow()],
    sources: [],
    ...parts,
  };
}

export function planned(name: string, parts: Partial<PlannedExporter> = {}): PlannedExporter {
  return { source: name, kind: 'sql', title: name, team: undefined, env: 'prod', port: 9702, ...parts };
}

export function child(parts: Partial<ChildState> = {}): ChildState {
  return { phase: 'listening', pid: 42, since: NOW - 60_000, phaseAt: 1_000, restarts: 0, crashLoop: false, lastEnd: undefined, ...parts };
}

export function collector(name: string, parts: Partial<CollectorStatus> = {}): CollectorStatus {
  return {
    name,
    up: true,
    stale: false,
    intervalMs: 1_000,
    maxStalenessMs: 3_000,
    lastSuccessAt: NOW - 500,
    nextRunAt: NOW + 500,
    consecutiveFailures: 0,
    failingSince: null,
    runs: [{ at: NOW - 500, durationMs: 3 }],
    ...parts,
  };
}

export function failing(name: string, message = 'no answer at 127.0.0.1:5432'): CollectorStatus {
  const error = { phase: 'connect', class: 'refused', message } as const;
  return collector(name, { up: false, failingSince: NOW - 5_000, runs: [{ at: NOW - 500, durationMs: 3, error }] });
}

export function status(name: string, parts: Partial<ExporterStatus> = {}): ExporterStatus {
  return {
    source: name,
    kind: 'sql',
    title: name,
    env: 'prod',
    version: '0.1.0',
    pid: 42,
    startedAt: NOW - 60_000,
    configSha: '0123456789ab',
    reload: { successful: true, at: NOW - 60_000 },
    ready: true,
    up: true,
    series: 10,
    seriesDropped: 0,
    collectors: [collector('waiting')],
    warnings: [],
    undeclared: [],
    samples: [],
    ...parts,
  };
}

/** An exporter that is up and says this. */
export function speaking(name: string, samples: readonly StatusSample[], parts: Partial<ExporterStatus> = {}): ExporterView {
  return viewExporter(planned(name), child(), { status: status(name, { samples, ...parts }), failure: undefined, failedAt: 0 });
}

/** An exporter whose process ended. */
export function dead(name: string, reason = 'exit code 1'): ExporterView {
  const lastEnd = { at: NOW - 3_000, reason, lines: ['cannot open the file'] };
  return viewExporter(planned(name), child({ phase: 'waiting', pid: undefined, lastEnd }), {
    status: undefined,
    failure: undefined,
    failedAt: 0,
  });
}

type Place = { flow?: string; partner?: string; stage?: string; env?: string };

function sample(
  metric: string,
  { flow: name = 'factures-tge', partner = 'chuv', stage = 'received', env = 'prod' }: Place,
  value: number,
): StatusSample {
  return { metric, labels: { flow: name, partner, env, stage }, value };
}

export function messages(value: number, place: Place = {}, outcome = 'ok'): StatusSample {
  const { metric, labels } = sample(observed.messages.name, place, value);
  return { metric, labels: { ...labels, outcome }, value };
}

export function lastMessage(at: number, place: Place = {}): StatusSample {
  return sample(observed.last_message.name, place, at / 1000);
}

export function backlog(value: number, place: Place = {}): StatusSample {
  return sample(observed.backlog.name, place, value);
}

export function oldest(at: number, place: Place = {}): StatusSample {
  return sample(observed.backlog_oldest.name, place, at / 1000);
}

/** The catalogue, which says that the flow is open or closed until then. */
export function catalogSaying(name: string, open: boolean, nextChangeAt: number): ExporterView {
  const labels = { flow: name, env: 'prod' };
  return speaking(CATALOG, [
    { metric: intended.windowOpen.name, labels, value: Number(open) },
    { metric: intended.windowNextChange.name, labels, value: nextChangeAt / 1000 },
  ]);
}

/** These sources watch messages and backlog of every stage. */
export function watchedBy(...sources: readonly string[]): () => readonly Watcher[] {
  const watchers = sources.flatMap((name) =>
    (['messages', 'backlog'] as const).map((signal) => ({ source: name, signal, part: 'waiting' })),
  );
  return () => watchers;
}

export function fleetView(parts: Partial<FleetView> = {}): FleetView {
  return {
    at: NOW,
    startedAt: NOW - 3_600_000,
    version: '0.1.0',
    configFile: '/etc/vigie/exporters.yaml',
    configSha: '0123456789ab',
    exporters: [],
    flows: [],
    endpoints: [],
    reload: { successful: true, at: NOW - 3_600_000, messages: [] },
    ...parts,
  };
}
