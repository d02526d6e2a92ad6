// Which source feeds which signal of which flow: nothing may be counted twice, and every flow should be seen by something.

import type { Flow } from '../domain/flow.js';
import type { Claim, SourceConfig } from '../sources/kind.js';
import { isComputed } from './indicators.js';
import { atKey, formatPath, formatSpot, within, type Report, type Spot } from './report.js';
import type { ReadSource } from './sources.js';

/** A claim, and who makes it where. */
export interface PlacedClaim extends Claim {
  readonly source: SourceConfig;
  readonly spot: Spot;
}

export function placeClaims({ config, kind, spot, context }: ReadSource): PlacedClaim[] {
  return kind.claims(config, context).map((claim) => ({ ...claim, source: config, spot: within(spot, ...claim.at) }));
}

/** Two parts of the YAML that feed the same signals of the same stages, and which. */
interface Pair {
  readonly first: PlacedClaim;
  readonly second: PlacedClaim;
  readonly signals: Set<string>;
  readonly stages: Set<string>;
}

/** What is fed twice would be counted twice: one error for each pair of parts. */
export function checkDoubleClaims(claims: readonly PlacedClaim[], report: Report): void {
  const bySeries = Map.groupBy(claims, ({ signal, flow, stage, source, path = source.path }) =>
    JSON.stringify([signal, flow, stage, source.env, path ?? '']),
  );
  const pairs = new Map<string, Pair>();
  for (const same of bySeries.values()) {
    for (const [index, second] of same.entries()) {
      const first = same.slice(0, index).find((other) => overlap(other, second));
      if (first) addPair(pairs, first, second);
    }
  }
  for (const pair of pairs.values()) report.error(pair.second.spot, doubleMessage(pair));
}

function addPair(pairs: Map<string, Pair>, first: PlacedClaim, second: PlacedClaim): void {
  const parts = { first: { ...first, spot: partOf(first.spot) }, second: { ...second, spot: partOf(second.spot) } };
  const key = `${formatSpot(parts.first.spot)} ${formatSpot(parts.second.spot)}`;
  const pair = pairs.get(key) ?? { ...parts, signals: new Set(), stages: new Set() };
  pair.signals.add(second.signal);
  pair.stages.add(second.stage === '' ? second.flow : `${second.flow}/${second.stage}`);
  pairs.set(key, pair);
}

/** The event, query or directory that feeds the signals: `sources.exchange-db.queries.waiting`. */
function partOf({ file, path }: Spot): Spot {
  return { file, path: path.slice(0, 4) };
}

/** For each source whose flows all belong to one team, that team: it hears of it when the source fails. */
export function teamsBySource(claims: readonly PlacedClaim[], flows: readonly Flow[]): Map<string, string> {
  const teamOfFlow = new Map(flows.map(({ name, team }) => [name, team]));
  const teams = new Map<string, Set<string>>();
  for (const { source, flow } of claims) {
    const team = teamOfFlow.get(flow);
    const known = teams.get(source.name) ?? new Set();
    teams.set(source.name, team === undefined ? known : known.add(team));
  }
  const owners = new Map<string, string>();
  for (const [source, [only, ...others]] of teams) {
    if (only !== undefined && others.length === 0) owners.set(source, only);
  }
  return owners;
}

/** A flow of which Prometheus computes an indicator is seen, too. */
export function checkUnobserved(
  flows: readonly { name: string; spot: Spot; raw: unknown }[],
  claims: readonly PlacedClaim[],
  report: Report,
): void {
  const observed = new Set(claims.map(({ flow }) => flow));
  for (const { name, spot, raw } of flows) {
    if (!observed.has(name) && !isComputed(raw)) report.warning(atKey(spot), 'no source observes it');
  }
}

function overlap(a: PlacedClaim, b: PlacedClaim): boolean {
  return a.partner === undefined || b.partner === undefined || a.partner === b.partner;
}

function doubleMessage({ first, second, signals, stages }: Pair): string {
  const shown = [...stages].slice(0, 3).join(', ');
  const more = stages.size > 3 ? ` and ${stages.size - 3} more` : '';
  const what = `${[...signals].join(', ')} of ${shown}${more}`;
  const where = `${formatPath(first.spot.path)} (${formatSpot(first.spot)})`;
  const paths = first.source.name === second.source.name ? '' : ', or give each source a path of its own';
  return `feeds ${what}, and so does ${where}: it would be counted twice; limit one of them, e.g. with flows, stages or partner${paths}`;
}
