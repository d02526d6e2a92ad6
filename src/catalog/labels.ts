// Labels of the intentions: what has no value has no label either.

import type { Labels } from '../domain/observation.js';

/** The labels that have a value. */
export function present(labels: Readonly<Record<string, string | undefined>>): Labels {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(labels)) {
    if (value !== undefined && value !== '') kept[name] = value;
  }
  return kept;
}
