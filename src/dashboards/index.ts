// The dashboards, and the files they are rendered to. No dashboard knows a flow: they learn of them from the catalogue's metrics.

import type { RenderedFile } from '../domain/rendered.js';
import { finish } from './finish.js';
import { operations } from './operations.js';
import { renderProvisioning } from './provisioning.js';

/** By file name. */
const dashboards = { operations } as const;

export function renderDashboards(): RenderedFile[] {
  const files = Object.entries(dashboards).map(([name, build]) => ({
    path: `grafana/dashboards/${name}.json`,
    content: `${JSON.stringify(finish(build(), `dashboards/${name}.ts`), undefined, 2)}\n`,
  }));
  return [...files, ...renderProvisioning()];
}
