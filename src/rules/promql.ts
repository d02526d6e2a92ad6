// Pieces of PromQL that rules share.

import type { MetricDefinition } from '../domain/observation.js';

/**
 * How far the intentions are looked back for while the catalogue is away: long enough for a restart, short enough that
 * a flow or source removed from the YAML is soon forgotten.
 */
const INTENTION_BRIDGE = '5m';

/**
 * An intention as exactly one series for each identity, whatever the number of catalogues that export it, and also while
 * none does for a moment. Joins need this: two series on their "one" side fail the whole rule.
 */
export function settled(
  { name }: MetricDefinition,
  { identity, labels, selector = '' }: { identity: readonly string[]; labels: readonly string[]; selector?: string },
): string {
  const kept = [...identity, ...labels].join(', ');
  return [
    `topk by (${identity.join(', ')}) (1,`,
    `  max by (${kept}) (${name}${selector})`,
    `  or on (${identity.join(', ')}) max by (${kept}) (last_over_time(${name}${selector}[${INTENTION_BRIDGE}]))`,
    `)`,
  ].join('\n');
}
