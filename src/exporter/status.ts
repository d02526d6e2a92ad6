// What an exporter says of itself as JSON on /status: the landing pages of the exporter and of the fleet are made from it.

import type { ErrorClass } from '../sources/kind.js';

export interface RunStatus {
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  readonly durationMs: number;
  readonly error?: { readonly phase: string; readonly class: ErrorClass; readonly message: string };
}

export interface CollectorStatus {
  readonly name: string;
  /** The last collection succeeded and is not older than `maxStalenessMs`. */
  readonly up: boolean;
  readonly stale: boolean;
  readonly intervalMs: number;
  readonly maxStalenessMs: number;
  readonly lastSuccessAt: number | null;
  readonly nextRunAt: number | null;
  readonly consecutiveFailures: number;
  /** When the present series of failures began. */
  readonly failingSince: number | null;
  /** The last runs, newest first, at most ten. */
  readonly runs: readonly RunStatus[];
}

export interface StatusSample {
  readonly metric: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface ExporterStatus {
  readonly source: string;
  readonly kind: string;
  readonly title: string;
  readonly env: string;
  readonly version: string;
  readonly pid: number;
  readonly startedAt: number;
  readonly configSha: string;
  readonly reload: { readonly successful: boolean; readonly at: number; readonly message?: string };
  readonly ready: boolean;
  readonly up: boolean;
  readonly series: number;
  readonly seriesDropped: number;
  readonly collectors: readonly CollectorStatus[];
  /** There where it keeps transcripts, which its page /probes shows. */
  readonly probes?: true;
  /** What people should mend although nothing fails. */
  readonly warnings: readonly string[];
  /** Values seen that the YAML does not declare, a bounded number of them. */
  readonly undeclared: readonly { readonly label: string; readonly value: string; readonly count: number }[];
  /** The counters and gauges exposed now for flows and endpoints, and whether flows are open; no histograms, none of the exporter's own metrics. */
  readonly samples: readonly StatusSample[];
}
