// Which sources feed which stage of which flow, so that a gap in the data can be laid to the source that leaves it.

import type { Config } from '../config/model.js';
import { observed, type Signal } from '../conventions.js';
import type { Claim } from '../sources/kind.js';
import { kinds } from '../sources/all-kinds.js';

export interface Watcher {
  readonly source: string;
  readonly signal: Signal;
  /** The part of the source's block that claims the signal: often the name of a collector. */
  readonly part: string;
}

/** The watchers of one stage of one flow in one environment. */
export type Watchers = (flow: string, env: string, stage: string) => readonly Watcher[];

export function findWatchers(config: Config): Watchers {
  const found = new Map<string, Watcher[]>();
  const partners = config.partners.map(({ name }) => name);
  for (const source of config.sources) {
    const flows = config.flows.filter(({ environments }) => environments.includes(source.env));
    for (const { signal, flow, stage, at } of kinds[source.kind]?.claims(source, { flows, partners }) ?? []) {
      // What is not shown of a stage cannot be missed.
      if (!isSignal(signal)) continue;
      const key = keyOf(flow, source.env, stage);
      const list = found.get(key) ?? [];
      list.push({ source: source.name, signal, part: String(at[1] ?? '') });
      found.set(key, list);
    }
  }
  return (flow, env, stage) => found.get(keyOf(flow, env, stage)) ?? [];
}

function isSignal(signal: Claim['signal']): signal is Signal {
  return signal in observed;
}

function keyOf(flow: string, env: string, stage: string): string {
  return `${flow}\n${env}\n${stage}`;
}
