// The endpoints that are probed, and how they answer now.

import { endpoint as metrics } from '../conventions.js';
import type { StatusSample } from '../exporter/status.js';
import type { ExporterView } from './exporters.js';

export interface EndpointView {
  readonly source: string;
  readonly endpoint: string;
  readonly partner: string;
  readonly env: string;
  readonly protocol: string;
  /** Undefined while nothing is known of it. */
  readonly up: boolean | undefined;
  /** Why it does not answer as expected, or why nothing is known. */
  readonly reason: string | undefined;
  /** Over all phases, in seconds. */
  readonly duration: number | undefined;
  /** Status code of the last HTTP answer. */
  readonly code: number | undefined;
  /** When its certificate expires, in milliseconds since the Unix epoch. */
  readonly certificateExpiresAt: number | undefined;
}

type Mutable = { -readonly [Key in keyof EndpointView]: EndpointView[Key] };

/**
 * @param known samples by source as they were when the exporter last answered: they tell which endpoints there are, and nothing
 *   about how they are now
 */
export function viewEndpoints(exporters: readonly ExporterView[], known: (source: string) => readonly StatusSample[]): EndpointView[] {
  return exporters.flatMap((exporter) => {
    if (exporter.status) return readEndpoints(exporter.source, exporter.status.samples, exporter.problem);
    const names = readEndpoints(exporter.source, known(exporter.source), undefined);
    return names.map((endpoint) => ({ ...endpoint, ...UNKNOWN, reason: exporter.problem }));
  });
}

/** @param problem of the exporter: why an endpoint that it speaks of has no state */
function readEndpoints(source: string, samples: readonly StatusSample[], problem: string | undefined): EndpointView[] {
  const found = new Map<string, Mutable>();
  for (const { metric, labels, value } of samples) {
    const { endpoint, partner = '', env = '', protocol = '' } = labels;
    if (endpoint === undefined) continue;
    const key = `${endpoint}\n${partner}\n${env}\n${protocol}`;
    const view = found.get(key) ?? { source, endpoint, partner, env, protocol, ...UNKNOWN };
    found.set(key, view);
    take(view, metric, labels, value);
  }
  for (const view of found.values()) if (view.up === undefined) view.reason = problem;
  return [...found.values()];
}

const UNKNOWN = { up: undefined, reason: undefined, duration: undefined, code: undefined, certificateExpiresAt: undefined };

function take(view: Mutable, metric: string, labels: StatusSample['labels'], value: number): void {
  if (metric === metrics.up.name) view.up = value === 1;
  else if (metric === metrics.failure.name) view.reason = why(labels['reason'] ?? '', labels['phase'] ?? '');
  else if (metric === metrics.duration.name) view.duration = (view.duration ?? 0) + value;
  else if (metric === metrics.status.name && value > 0) view.code = value;
  else if (metric === metrics.certificateExpiry.name) view.certificateExpiresAt = value * 1000;
}

/** Reasons that are no words for somebody who does not know the metric. */
const IN_WORDS: Readonly<Record<string, string>> = { status: 'unexpected status', body: 'unexpected body', slow: 'too slow' };

function why(reason: string, phase: string): string {
  return `${IN_WORDS[reason] ?? reason.replaceAll('_', ' ')} in phase ${phase}`;
}
