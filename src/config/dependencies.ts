// What flows and platforms depend on: the schema of `depends_on:` and `platforms:`, names that nothing declares, and cycles. NE8.

import { cycles, dependencyName, type Platform } from '../domain/dependencies.js';
import type { Dependency, Flow } from '../domain/flow.js';
import { nearest, suggest } from '../domain/suggest.js';
import type { SourceConfig } from '../sources/kind.js';
import type { Declarations, Declared } from './declarations.js';
import { within, type Report, type Spot } from './report.js';
import { asArray, asObject, either, show } from './words.js';

/** What does not fit these is told here, for the schema does not know the names there are. */
export const DEPENDENCY_PATTERNS = ['^(?:endpoint|flow|platform) [^ ]+$', '^(?:endpoint|platform) [^ ]+$'] as const;

export const dependsOnSchema = {
  type: 'array',
  items: { type: 'string', pattern: DEPENDENCY_PATTERNS[0], examples: ['endpoint chuv-api'] },
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
      items: { type: 'string', pattern: DEPENDENCY_PATTERNS[1], examples: ['endpoint db-ping'] },
      description: 'The endpoints that tell whether it works, and the platforms it stands on.',
      examples: [['endpoint db-ping', 'platform storage']],
    },
  },
  examples: [{ title: 'Database of the exchange', depends_on: ['endpoint db-ping'] }],
} as const;

const KINDS: readonly Dependency['kind'][] = ['endpoint', 'flow', 'platform'];

/** What it may depend on: platforms stand below flows. */
function kindsBelow({ kind }: Dependency): readonly Dependency['kind'][] {
  return kind === 'platform' ? KINDS.filter((below) => below !== 'flow') : KINDS;
}

/** Without what is no reference. */
export function readDependsOn(raw: unknown): Dependency[] {
  return asArray(asObject(raw)['depends_on']).flatMap((written) => readDependency(written) ?? []);
}

function readDependency(written: unknown): Dependency | undefined {
  const [word, name, ...more] = typeof written === 'string' ? written.split(' ') : [];
  const kind = KINDS.find((known) => known === word);
  return kind === undefined || !name || more.length > 0 ? undefined : { kind, name };
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
  /** All files could be read: what is not there is not declared. */
  readonly isComplete: boolean;
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
  const known = surroundings.isComplete ? knownNames(surroundings) : NOTHING_KNOWN;
  for (const { node, spot, raw, environments } of places) {
    for (const [index, written] of asArray(asObject(raw)['depends_on']).entries()) {
      const place = within(spot, 'depends_on', index);
      const dependency = readDependency(written);
      if (dependency && kindsBelow(node).includes(dependency.kind)) checkReference(dependency, environments, known, place, report);
      else if (typeof written === 'string' || typeof written === 'number') {
        const form = `must be ${either(kindsBelow(node))}, and a name`;
        report.error(place, `${show(written, place.path)} ${form}${hint(`${written}`, node, known, surroundings)}`);
      }
    }
  }
  if (!surroundings.isComplete) return;
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

const NOTHING_KNOWN: Known = { endpoint: undefined, flow: undefined, platform: undefined };

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

/** The references that may have been meant, else one that there is. */
function hint(written: string, node: Dependency, known: Known, { sources }: Surroundings): string {
  const there = kindsBelow(node).flatMap((kind) => [...(known[kind]?.keys() ?? [])].map((name): Dependency => ({ kind, name })));
  const others = there.filter((one) => one.kind !== node.kind || one.name !== node.name);
  const meant = guesses(written.split(/[\s:/]+/).filter(Boolean), kindsBelow(node), known, others, sources).map(dependencyName);
  if (meant.length > 0) return ` (is it "${meant.slice(0, 3).join('" or "')}"?)`;
  const [first] = others;
  return `, e.g. ${first ? dependencyName(first) : 'endpoint chuv-api'}`;
}

/** By the word in front, else by the name: `flw a`, `Flow a`, `flow:a`, `a`, and the endpoints of `source a`. */
function guesses(
  [word = '', second]: readonly string[],
  kinds: readonly Dependency['kind'][],
  known: Known,
  others: readonly Dependency[],
  sources: readonly SourceConfig[],
): Dependency[] {
  const name = second ?? word;
  const near = nearest(word.toLowerCase(), kinds);
  const kind = second === undefined ? undefined : kinds.find((one) => one === near);
  if (kind !== undefined && known[kind] === undefined) return [{ kind, name }];
  const named = others.filter((one) => one.name === name);
  const ofKind = others.filter((one) => one.kind === kind);
  const exact = named.filter((one) => ofKind.length === 0 || one.kind === kind);
  if (exact.length > 0) return exact;
  if (named.length > 0) return named;
  const asked = word === 'source' ? sources.find((source) => source.name === name)?.endpoints : undefined;
  if (asked) return asked.map((endpoint) => ({ kind: 'endpoint', name: endpoint.name }));
  const pool = ofKind.length > 0 ? ofKind : others;
  const similar = nearest(
    name,
    pool.map((one) => one.name),
  );
  return pool.filter((one) => one.name === similar);
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
