// The state of the fleet as JSON, for scripts: /status.json. Times are in milliseconds since the Unix epoch.

import { hostPort } from '../web/address.js';
import type { EndpointView } from './endpoints.js';
import type { ExporterState, ExporterView } from './exporters.js';
import type { FlowView } from './flows.js';
import type { FleetView, ReloadResult } from './view.js';

export interface ExporterJson {
  readonly source: string;
  readonly kind: string;
  readonly title: string;
  readonly env: string;
  readonly state: ExporterState;
  readonly url: string;
  readonly pid?: number;
  readonly since: number;
  readonly restarts: number;
  readonly series?: number;
  readonly configSha?: string;
  /** Why it is not up, or else how its process ended last. */
  readonly lastError?: string;
}

export interface StatusJson {
  readonly version: string;
  readonly configSha: string;
  readonly exporters: readonly ExporterJson[];
  readonly flows: readonly FlowView[];
  readonly endpoints: readonly EndpointView[];
  readonly reload: ReloadResult;
}

/** @param host under which the reader reaches the exporters */
export function statusJson({ version, configSha, exporters, flows, endpoints, reload }: FleetView, host: string): StatusJson {
  return { version, configSha, exporters: exporters.map((exporter) => exporterJson(exporter, host)), flows, endpoints, reload };
}

function exporterJson(exporter: ExporterView, host: string): ExporterJson {
  const { source, kind, title, env, state, pid, since, restarts, status, problem, lastEnd, port } = exporter;
  const lastError = problem ?? lastEnd?.reason;
  return {
    source,
    kind,
    title,
    env,
    state,
    since,
    restarts,
    url: `http://${hostPort(host, port)}/`,
    ...(pid !== undefined && { pid }),
    ...(status && { series: status.series, configSha: status.configSha }),
    ...(lastError !== undefined && state !== 'starting' && { lastError }),
  };
}
