// Service discovery for Prometheus (http_sd): every exporter there should be, also one that is down, so that `up` is 0 and not absent.
// https://prometheus.io/docs/prometheus/latest/http_sd/

import { discoveryLabels, FLEET } from '../conventions.js';
import { hostPort } from '../web/address.js';
import type { PlannedExporter } from './plan.js';

/** One element of what http_sd answers with. Labels that start with `__meta_` are there for relabelling. */
export interface TargetGroup {
  readonly targets: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

export type Target = Pick<PlannedExporter, 'source' | 'kind' | 'team' | 'env' | 'port'>;

/** The fleet itself. */
export function fleetTarget(port: number, env: string): Target {
  return { source: FLEET, kind: FLEET, team: undefined, env, port };
}

/** One group for each target. @param host under which the scraper reaches them */
export function targetGroups(targets: readonly Target[], host: string): TargetGroup[] {
  return targets.map(({ source, kind, team, env, port }) => ({
    targets: [hostPort(host, port)],
    labels: {
      [discoveryLabels.source]: source,
      [discoveryLabels.kind]: kind,
      [discoveryLabels.team]: team ?? '',
      [discoveryLabels.env]: env,
    },
  }));
}
