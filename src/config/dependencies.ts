// What flows and platforms depend on: the schema of `depends_on:` and `platforms:`, names that nothing declares, and cycles. NE8.

import { cycles, dependencyName, type Platform } from '../domain/dependencies.js';
import type { Dependency, Flow } from '../domain/flow.js';
import { suggest } from '../domain/suggest.js';
import type { SourceConfig } from '../sources/kind.js';
import type { Declarations, Declared } from './declarations.js';
import { within, type Report, type Spot } from './report.js';
import { asArray, asObject } from './words.js';

export const dependsOnSchema = {
  type: 'array',
  items: { type: 'string', pattern: '^(?:endpoint|flow|platform) [^ ]+$', examples: ['endpoint chuv-api'] },
  minItems: 1,
  uniqueItems: true,
  description:
    'What must work for it to work: endpoints of sources, other flows, platforms. While one of them is down, the alerts that follow from it are held back.',
  examples: [['endpoint chuv-api', 'flow cotisations', 'platform exchange-db']],
} as const;

export const platformSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    title: { type: 'string', description: 'A name for people.' },
    depends_on: {
      ...dependsOnSchema,
      items: { type: 'string', pattern: '^(?:endpoint|platform) [^ ]+$', examples: ['endpoint db-ping'] },
      description: 'The endpoints that tell whether it works, and the platforms it stands on.',
      examples: [['endpoint db-ping', 'platform storage']],
    },
  },
  examples: [{ title: 'Database of the exchange', depends_on: ['endpoint db-ping'] }],
} as const;

const KINDS: readonly Dependency['kind'][] = ['endpoint', 'flow', 'platform'];

/** What is no reference is told by the schema. */
export function readDependsOn(raw: unknown): Dependency[] {
  return asArray(asObject(raw)['depends_on']).flatMap((written) => readDependency(written) ?? []);
}

function readDependency(written: unknown): Dependency | undefined {
  const [word, name, ...more] = typeof written === 'string' ? written.split(' ') : [];
  const kind = KINDS.find((known) => known === word);
  return kind === undefined || name === undefined || more.length > 0 ? undefined : { kind, name };
}

export function readPlatforms({ platforms }: Declarations): Platform[] {
  return [...platforms.values()].map(({ name, raw, value }) => ({ name, title: value?.title ?? name, dependsOn: readDependsOn(raw) }));
}

/** What dependencies are checked against. */
interface Surroundings {
  readonly declared: Declarations;
  readonly flows: readonly Flow[];
  /** Those that could be read. */
  readonly sources: readonly SourceConfig[];
}

/** Something that names dependencies. */
interface Place {
  readonly node: Dependency;
  readonly spot: Spot;
  readonly raw: unknown;
  /** Of a flow; undefined for platforms, which are where they are. */
  readonly environments: readonly string[] | undefined;
}

export function checkDependencies(surroundings: Surroundings, report: Report): void {
  const places = placesOf(surroundings);
  const known = knownNames(surroundings);
  for (const { spot, raw, environments } of places) {
    for (const [index, written] of asArray(asObject(raw)['depends_on']).entries()) {
      const dependency = readDependency(written);
      if (dependency) checkReference(dependency, environments, known, within(spot, 'depends_on', index), report);
    }
  }
  const byName = new Map(places.map((place) => [dependencyName(place.node), place]));
  const of = (node: Dependency) => readDependsOn(byName.get(dependencyName(node))?.raw);
  for (const { chain, closedBy, index } of cycles(
    places.map(({ node }) => node),
    of,
  )) {
    const spot = byName.get(dependencyName(closedBy))?.spot;
    if (spot) report.error(within(spot, 'depends_on', index), `depends on itself in the end: ${chain.map(dependencyName).join(' → ')}`);
  }
}

function placesOf({ declared, flows }: Surroundings): Place[] {
  const environments = new Map(flows.map((flow) => [flow.name, flow.environments]));
  return [
    ...[...declared.flows.values()].map((flow) => ({ ...placeOf('flow', flow), environments: environments.get(flow.name) })),
    ...[...declared.platforms.values()].map((platform) => ({ ...placeOf('platform', platform), environments: undefined })),
  ];
}

function placeOf(kind: Dependency['kind'], { name, spot, raw }: Declared<unknown>): Omit<Place, 'environments'> {
  return { node: { kind, name }, spot, raw };
}

/** By kind and name, the environments it is in; undefined for a kind of which some may be missing, so that none can be called unknown. */
type Known = Readonly<Record<Dependency['kind'], ReadonlyMap<string, ReadonlySet<string> | undefined> | undefined>>;

function knownNames({ declared, flows, sources }: Surroundings): Known {
  const environments = new Map(flows.map((flow) => [flow.name, new Set(flow.environments)]));
  const endpoints = new Map<string, Set<string>>();
  for (const { env, endpoints: names = [] } of sources) {
    for (const { name } of names) endpoints.set(name, (endpoints.get(name) ?? new Set()).add(env));
  }
  const allRead = sources.length === declared.sources.size && !declared.unreadable.has('sources');
  return {
    endpoint: allRead ? endpoints : undefined,
    flow: declared.unreadable.has('flows') ? undefined : new Map([...declared.flows.keys()].map((name) => [name, environments.get(name)])),
    platform: declared.unreadable.has('platforms') ? undefined : new Map([...declared.platforms.keys()].map((name) => [name, undefined])),
  };
}

function checkReference(
  { kind, name }: Dependency,
  environments: readonly string[] | undefined,
  known: Known,
  spot: Spot,
  report: Report,
): void {
  const names = known[kind];
  if (!names) return;
  if (!names.has(name)) {
    report.error(spot, `no ${kind} "${name}"${suggest(name, names.keys())}`);
    return;
  }
  const there = names.get(name);
  if (!there || !environments || environments.some((env) => there.has(env))) return;
  const where = `${kind === 'endpoint' ? 'is asked' : 'runs'} only in ${[...there].join(', ')}`;
  report.warning(spot, `${kind} "${name}" ${where}, and the flow runs in ${environments.join(', ')}: nothing follows from it there`);
}
