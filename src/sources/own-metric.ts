// Metrics of the user's own naming, where kinds read them from the YAML.

import type { MetricDefinition, MetricType } from '../domain/observation.js';
import type { Problem } from './kind.js';

/** As the schema `ownMetric` lets it be written. */
export interface WrittenMetric {
  readonly name: string;
  readonly help: string;
  readonly type?: MetricType;
  /** Names, or objects that hold the name as `label`. */
  readonly labels?: readonly (string | { readonly label: string })[];
  readonly buckets?: readonly number[];
}

/** The metric as exposed: `env` comes with it, as with every other one. */
export function definitionOf({ name, help, type, labels = [], buckets }: WrittenMetric): MetricDefinition {
  return {
    name,
    help,
    type: type ?? (name.endsWith('_total') ? 'counter' : 'gauge'),
    labels: [...labels.map(labelName), 'env'],
    ...(buckets && { buckets }),
  };
}

export function labelName(label: string | { readonly label: string }): string {
  return typeof label === 'string' ? label : label.label;
}

/** What is wrong with its labels, whatever the source finds. */
export function labelProblems({ labels = [] }: WrittenMetric): Problem[] {
  const at = labels.map(labelName).indexOf('env');
  if (at < 0) return [];
  return [{ path: ['labels', at], message: '`env` is always added, from the environment of the source; leave it out' }];
}
