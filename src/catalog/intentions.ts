// What the YAML says should be so, as observations that only change with the YAML. Pure.

import type { Config, Environment } from '../config/model.js';
import { CATALOG, intended } from '../conventions.js';
import type { Flow } from '../domain/flow.js';
import type { Observation } from '../domain/observation.js';
import type { SourceConfig } from '../sources/kind.js';
import { boundIntentions } from './bounds.js';
import { comparisonIntentions } from './comparisons.js';
import { dependencies } from './dependencies.js';
import { present } from './labels.js';
import { objectiveIntentions } from './objectives.js';

/** A flow in one of the environments it runs in, and the opening hours that hold there. */
export interface Placement {
  readonly flow: Flow;
  readonly env: string;
  /** Name of the calendar of the environment, else of the flow; without either it is always open. */
  readonly calendar: string | undefined;
}

export function placements(config: Config): Placement[] {
  const environments = new Map(config.environments.map((environment) => [environment.name, environment]));
  return config.flows.flatMap((flow) =>
    flow.environments.map((env) => ({ flow, env, calendar: environments.get(env)?.calendar ?? flow.calendar })),
  );
}

/** Everything that is declared, in the order of the YAML. Made as it is asked for: of ten thousand flows it takes 50 MB together. */
export function* intentions(config: Config): Generator<Observation> {
  const titles = new Map(config.partners.map(({ name, title }) => [name, title]));
  yield* config.environments.map(environmentInfo);
  yield* expectedSources(config);
  for (const source of config.sources) yield* observedFlows(source);
  yield* dependencies(config);
  for (const placement of placements(config)) yield* flowIntentions(placement, titles);
}

function environmentInfo({ name, title, production }: Environment): Observation {
  return { metric: intended.environment, labels: { env: name, title, production: String(production) }, value: 1 };
}

/** The catalogue expects itself as well: while it is there, its series say that it must be. */
function expectedSources(config: Config): Observation[] {
  const catalog = { name: CATALOG, kind: CATALOG, team: undefined, env: config.environment };
  return [catalog, ...config.sources].map(({ name, kind, team, env }) => ({
    metric: intended.sourceExpected,
    labels: present({ source: name, kind, team: team ?? config.defaultTeam, env }),
    value: 1,
  }));
}

function observedFlows({ name, env, observes = [] }: SourceConfig): Observation[] {
  return observes.map((flow) => ({ metric: intended.flowSource, labels: { flow, env, source: name }, value: 1 }));
}

function flowIntentions({ flow, env, calendar }: Placement, partnerTitles: ReadonlyMap<string, string>): Observation[] {
  const { name, title, team, criticality, direction, runbook } = flow;
  const identity = { flow: name, env };
  const info = present({ ...identity, team, criticality, direction, calendar, title, runbook_url: runbook });
  return [
    { metric: intended.flow, labels: info, value: 1 },
    ...flow.stages.map((stage, index) => ({
      metric: intended.stage,
      // What partners send, they owe; all that happens to it then is ours.
      labels: { ...identity, stage, origin: index === 0 && direction === 'inbound' ? 'partner' : 'internal' },
      value: index + 1,
    })),
    ...flow.partners.map((partner) => ({
      metric: intended.partner,
      labels: { ...identity, partner, direction, title: partnerTitles.get(partner) ?? partner },
      value: 1,
    })),
    ...boundIntentions(flow, env),
    ...objectiveIntentions(flow, env),
    ...comparisonIntentions(flow, env),
  ];
}
