// Metrics of the user's own naming, where kinds read them from the YAML.

import type { MetricDefinition } from '../domain/observation.js';
import type { Problem } from './kind.js';

/** As the schema `ownMetric` lets it be written. */
export interface WrittenMetric {
  readonly name: string;
  readonly help: string;
  readonly type?: 'gauge' | 'counter';
  readonly labels?: readonly string[];
}

/** The metric as exposed: `env` comes with it, as with every other one. */
export function definitionOf({ name, help, type, labels = [] }: WrittenMetric): MetricDefinition {
  return { name, help, type: type ?? (name.endsWith('_total') ? 'counter' : 'gauge'), labels: [...labels, 'env'] };
}

/** What is wrong with its labels, whatever the source finds. */
export function labelProblems({ labels = [] }: WrittenMetric): Problem[] {
  const at = labels.indexOf('env');
  if (at < 0) return [];
  return [{ path: ['labels', at], message: '`env` is always added, from the environment of the source; leave it out' }];
}
