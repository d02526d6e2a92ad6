// All that the page, /status.json and the metrics show, taken at one moment.

import type { EndpointView } from './endpoints.js';
import type { ExporterView } from './exporters.js';
import type { FlowView } from './flows.js';

/** How the last attempt to load the configuration went. */
export interface ReloadResult {
  readonly successful: boolean;
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  /** What was wrong, or was warned of, one line each. */
  readonly messages: readonly string[];
}

export interface FleetView {
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  readonly startedAt: number;
  readonly version: string;
  readonly configFile: string;
  readonly configSha: string;
  readonly exporters: readonly ExporterView[];
  readonly flows: readonly FlowView[];
  readonly endpoints: readonly EndpointView[];
  readonly reload: ReloadResult;
}
