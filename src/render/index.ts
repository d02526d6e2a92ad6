// Everything that `vigie render` writes: rules, routes, dashboards, the schema for editors and the reference.

import { renderedFiles } from '../config/rendered.js';
import type { Config } from '../config/model.js';
import { renderDashboards } from '../dashboards/index.js';
import type { RenderedFile } from '../domain/rendered.js';
import { renderRoutes, type RouteProblem } from '../routes/index.js';
import { renderRules } from '../rules/index.js';

/** With an error among the problems nothing must be written: an alert would not reach somebody. */
export async function renderAll(config: Config): Promise<{ files: RenderedFile[]; problems: readonly RouteProblem[] }> {
  const routes = renderRoutes(config);
  return {
    files: [...renderRules(config.flows), ...routes.files, ...renderDashboards(), ...(await renderedFiles())],
    problems: routes.problems,
  };
}
