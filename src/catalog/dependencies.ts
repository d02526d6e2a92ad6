// What each flow depends on in the end, in each of its environments, as the rules and the node graph read it. Pure.

import type { Config } from '../config/model.js';
import { intended } from '../conventions.js';
import { closure, type DependenciesOf, type Reached } from '../domain/dependencies.js';
import type { Dependency, Flow } from '../domain/flow.js';
import type { Observation } from '../domain/observation.js';
import { present } from './labels.js';

/** A dependency of a flow, and with which of its partners it is needed. */
export interface FlowDependency extends Reached {
  /** Undefined: with all. */
  readonly partner: string | undefined;
}

/** What flows depend on in one environment. */
export class Dependencies {
  readonly #flows: ReadonlyMap<string, Flow>;
  /** Partners of the endpoints of this name; '' where one is of none. */
  readonly #endpoints = new Map<string, Set<string>>();
  /** Endpoints that name the flow which needs them. */
  readonly #endpointsOfFlow = new Map<string, Dependency[]>();
  readonly #of: DependenciesOf;

  constructor(config: Config, env: string) {
    this.#flows = new Map(config.flows.filter(({ environments }) => environments.includes(env)).map((flow) => [flow.name, flow]));
    const platforms = new Map((config.platforms ?? []).map((platform) => [platform.name, platform]));
    for (const source of config.sources.filter((one) => one.env === env)) this.#addEndpoints(source.endpoints ?? []);
    this.#of = ({ kind, name }) => {
      if (kind === 'endpoint') return [];
      if (kind === 'platform') return platforms.get(name)?.dependsOn ?? [];
      return [...(this.#flows.get(name)?.dependsOn ?? []), ...(this.#endpointsOfFlow.get(name) ?? [])];
    };
  }

  #addEndpoints(endpoints: NonNullable<Config['sources'][number]['endpoints']>): void {
    for (const { name, partner = '', flow } of endpoints) {
      this.#endpoints.set(name, (this.#endpoints.get(name) ?? new Set()).add(partner));
      if (flow !== undefined) this.#endpointsOfFlow.set(flow, [...(this.#endpointsOfFlow.get(flow) ?? []), { kind: 'endpoint', name }]);
    }
  }

  /** All that the flow depends on and that is in this environment, what is nearest first. */
  of(flow: Flow): FlowDependency[] {
    return closure({ kind: 'flow', name: flow.name }, this.#of).flatMap((reached) =>
      this.#partners(flow, reached).map((partner) => ({ ...reached, partner })),
    );
  }

  /** Nothing where it is not in this environment. */
  #partners(flow: Flow, { kind, name }: Dependency): (string | undefined)[] {
    if (kind === 'platform') return [undefined];
    const theirs = kind === 'endpoint' ? this.#endpoints.get(name) : new Set(this.#flows.get(name)?.partners);
    if (!theirs || theirs.size === 0) return [];
    const shared = flow.partners.filter((partner) => theirs.has(partner));
    // What is of none of its partners, all that it exchanges may need; and with one partner, that is all it exchanges.
    const isWhole = shared.length === 0 || theirs.has('') || (flow.partners.length === 1 && theirs.size === 1);
    return isWhole ? [undefined] : shared;
  }
}

/** For each flow and environment. */
export function dependencies(config: Config): Observation[] {
  const byEnvironment = new Map(config.environments.map(({ name }) => [name, new Dependencies(config, name)]));
  return config.flows.flatMap((flow) =>
    flow.environments.flatMap((env) =>
      (byEnvironment.get(env)?.of(flow) ?? []).map(({ kind, name, direct, partner }) => ({
        metric: intended.dependency,
        labels: present({ flow: flow.name, partner, env, kind, dependency: name, direct: String(direct) }),
        value: 1,
      })),
    ),
  );
}
