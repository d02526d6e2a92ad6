// The names of metrics in a PromQL expression, and those that are known.

import * as conventions from '../../src/conventions.js';
import type { MetricDefinition } from '../../src/domain/observation.js';

/** Names that begin like those of Vigie, outside quoted strings. */
export function metricNames(expr: string): string[] {
  const code = expr.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""').replaceAll(/'(?:[^'\\]|\\.)*'/g, "''");
  return [...new Set(code.match(/(?<![\w:$])(?:[a-z_]+:)?(?:flow|vigie|endpoint)_[a-z0-9_]+(?::[a-z0-9_]+)?(?![\w:])/g) ?? [])];
}

/** Every name a series may have: histograms have three. */
export const knownNames: ReadonlySet<string> = new Set(
  Object.values(conventions)
    .flatMap((group) => (typeof group === 'object' ? Object.values<unknown>(group) : []))
    .filter(isMetric)
    .flatMap(({ name, type }) => (type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name])),
);

function isMetric(value: unknown): value is MetricDefinition {
  return typeof value === 'object' && value !== null && 'name' in value && 'help' in value && 'labels' in value;
}
