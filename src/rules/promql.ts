// Pieces of PromQL that rules share.

import { recorded } from '../conventions.js';
import type { MetricDefinition } from '../domain/observation.js';
import { block } from './text.js';

/** What tells one place of a message from another. */
export const PLACE = 'flow, partner, env, stage';
/** And what bounds are on. */
export const OF_BOUND = 'flow, env, stage, indicator';

/** Gives each series of a vector the label. */
export function withLabel(label: string, value: string, vector: string): string {
  return `label_replace(${block(vector)}, "${label}", "${value}", "", "")`;
}

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

/** An intention that is a gauge, also while the catalogue is away for a moment; aggregate it, for more than one catalogue may export it. */
export function remembered({ name }: { readonly name: string }, selector = ''): string {
  return `last_over_time(${name}${selector}[${INTENTION_BRIDGE}])`;
}

/** One failed scrape must not reset an alert that waits for its time: each value is looked back for this far. */
const BRIDGE = '1m';

/** A gauge, also over a failed scrape. */
export function bridged({ name }: { readonly name: string }): string {
  return `last_over_time(${name}[${BRIDGE}])`;
}

/** Gives what is told of a source its team and environment. */
export const owned = `* on (source) group_left (team, env) ${recorded.sourceOwner.name}`;

/** In a summary: the environment, where it is known. */
export const where = `{{ if $labels.env }} ({{ $labels.env }}){{ end }}`;

/** The increase of a counter of a source, by default over 15 minutes, also where it was born above 0: increase() does not see a birth. */
export function grown(
  { name }: { readonly name: string },
  by: readonly string[],
  { selector = '', window = '15m' }: { readonly selector?: string; readonly window?: string } = {},
): string {
  const series = `${name}${selector}`;
  return `max by (${by.join(', ')}) (increase(${series}[${window}]) > 0 or (${series} > 0 unless ${name} offset ${window}))\n${owned}`;
}
