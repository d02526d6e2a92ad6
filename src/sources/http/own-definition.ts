// A metric of the user's own naming as it is exposed.

import type { MetricDefinition } from '../../domain/observation.js';
import { definitionOf } from '../own-metric.js';
import type { WrittenOwnMetric } from './schema-values.js';

/** Labels of the endpoint that such a metric bears too. */
export const ENDPOINT_OWN_LABELS = ['endpoint', 'partner', 'flow', 'site', 'env'] as const;

export function ownDefinition(written: WrittenOwnMetric): MetricDefinition {
  const definition = definitionOf({ ...written, type: 'gauge' });
  return { ...definition, labels: ['endpoint', 'partner', 'flow', 'site', ...definition.labels] };
}
