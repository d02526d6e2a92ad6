// Which source feeds which signal of which flow: nothing may be counted twice, and every flow should be seen by something.

import type { Flow } from '../domain/flow.js';
import type { Claim, SourceConfig } from '../sources/kind.js';
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

/** Two parts of the YAML that feed the same signal of the same stage: one error for each pair of parts. */
export function checkDoubleClaims(claims: readonly PlacedClaim[], report: Report): void {
  const bySeries = new Map<string, PlacedClaim[]>();
  const pairs = new Map<string, { first: PlacedClaim; second: PlacedClaim; what: string[] }>();
  for (const claim of claims) {
    const key = JSON.stringify([claim.signal, claim.flow, claim.stage, claim.source.env, claim.source.path ?? '']);
    const earlier = bySeries.get(key) ?? [];
    const first = earlier.find((other) => overlap(other, claim));
    bySeries.set(key, [...earlier, claim]);
    if (!first) continue;
    const pairKey = `${formatSpot(first.spot)} ${formatSpot(claim.spot)}`;
    const pair = pairs.get(pairKey) ?? { first, second: claim, what: [] };
    pair.what.push(`${claim.signal} of ${claim.flow}/${claim.stage}`);
    pairs.set(pairKey, pair);
  }
  for (const { first, second, what } of pairs.values()) report.error(second.spot, doubleMessage(first, second, what));
}

/** The teams of the flows that a source observes; the one that is told of its failures where there is just one. */
export function teamOf(
  config: SourceConfig,
  claims: readonly PlacedClaim[],
  flows: readonly Flow[],
  fallback: string | undefined,
): string | undefined {
  if (config.team !== undefined) return config.team;
  const claimed = new Set(claims.filter(({ source }) => source.name === config.name).map(({ flow }) => flow));
  const teams = new Set(flows.filter(({ name }) => claimed.has(name)).map(({ team }) => team));
  const [only] = teams;
  return teams.size === 1 ? only : fallback;
}

export function checkUnobserved(flows: readonly { name: string; spot: Spot }[], claims: readonly PlacedClaim[], report: Report): void {
  const observed = new Set(claims.map(({ flow }) => flow));
  for (const { name, spot } of flows) {
    if (!observed.has(name)) report.warning(atKey(spot), 'no source observes it');
  }
}

function overlap(a: PlacedClaim, b: PlacedClaim): boolean {
  return a.partner === undefined || b.partner === undefined || a.partner === b.partner;
}

function doubleMessage(first: PlacedClaim, second: PlacedClaim, what: readonly string[]): string {
  const shown = what.slice(0, 3).join(', ');
  const more = what.length > 3 ? ` and ${what.length - 3} more` : '';
  const mend =
    first.source.name === second.source.name
      ? 'limit one of them, e.g. with flows, stages or partner'
      : 'limit one of them, e.g. with flows, stages or partner, or give each source a path of its own';
  return `feeds ${shown}${more}, and so does ${formatPath(first.spot.path)} (${formatSpot(first.spot)}): they would be counted twice; ${mend}`;
}
