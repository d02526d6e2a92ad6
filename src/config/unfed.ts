// What a flow declares on signals and indicators that no source feeds: it would be silent for ever.

import { isBoundSignal } from '../domain/bound.js';
import type { BoundSignal } from '../domain/flow.js';
import { indicatorSignal } from '../sources/indicator.js';
import type { ClaimedSignal } from '../sources/kind.js';
import { readBoundEntries } from './bounds.js';
import type { PlacedClaim } from './claims.js';
import { readConservation, readParity } from './comparisons.js';
import { isComputed, readIndicators } from './indicators.js';
import { readObjectives } from './objectives.js';
import { atKey, within, type Report, type Spot } from './report.js';
import { asArray, asObject } from './words.js';

/** What sources claim to feed where they feed a signal of bounds. */
const FED_BY: Readonly<Record<BoundSignal, ClaimedSignal>> = {
  backlog: 'backlog',
  backlog_age: 'backlog_oldest',
  duration: 'duration',
  messages: 'messages',
  errors: 'messages',
  rejects: 'messages',
  failures: 'messages',
  success: 'messages',
  unanswered: 'responses',
  answer_time: 'responses',
};

interface Wanted {
  readonly spot: Spot;
  readonly signal: ClaimedSignal;
  readonly what: string;
  readonly stage?: string | undefined;
  readonly path?: string | undefined;
}

/** A warning for each. Of a flow that nothing observes that is told already. */
export function checkUnfed(
  flows: readonly { readonly name: string; readonly spot: Spot; readonly raw: unknown }[],
  claims: readonly PlacedClaim[],
  report: Report,
): void {
  const byFlow = Map.groupBy(claims, ({ flow }) => flow);
  for (const flow of flows) {
    const own = byFlow.get(flow.name) ?? [];
    // Prometheus computes nothing of a signal: a flow with promql that no source observes has all its signals unfed.
    if (own.length === 0 && !isComputed(flow.raw)) continue;
    const stages = asArray(asObject(flow.raw)['stages']);
    for (const { spot, signal, what, stage, path } of wantedOf(flow.spot, flow.raw)) {
      if (stage !== undefined && !stages.includes(stage)) continue; // An unknown stage is told elsewhere.
      const isFed = own.some(
        (claim) =>
          claim.signal === signal &&
          (stage === undefined || claim.stage === stage) &&
          (path === undefined || (claim.path ?? claim.source.path) === path),
      );
      if (isFed) continue;
      const where = stage === undefined ? '' : ` of ${stage}`;
      const how = path === undefined ? '' : ` by path ${path}`;
      report.warning(spot, `no source feeds ${what}${where}${how}, so that nothing is ever told`);
    }
  }
}

function wantedOf(spot: Spot, raw: unknown): Wanted[] {
  return [
    ...readIndicators(raw)
      .filter(({ promql }) => promql === undefined)
      .map(({ name }) => ({ spot: atKey(within(spot, 'indicators', name)), signal: indicatorSignal(name), what: name })),
    ...readBoundEntries(raw).flatMap(({ name, signal, stage }) =>
      isBoundSignal(signal) ? [{ spot: atKey(within(spot, 'bounds', name)), signal: FED_BY[signal], what: signal, stage }] : [],
    ),
    ...readObjectives(raw).map(({ name, stage, threshold }) => {
      const signal = threshold === undefined ? ('messages' as const) : ('duration' as const);
      return { spot: atKey(within(spot, 'objectives', name)), signal, what: signal, stage };
    }),
    ...readConservation(raw).flatMap(({ from, to }) =>
      Object.entries({ from, to }).map(([key, stage]) => ({ spot: within(spot, 'conservation', key), ...messages, stage })),
    ),
    ...readParity(raw).flatMap(({ stage, paths }) =>
      paths.map((path, index) => ({ spot: within(spot, 'parity', 'paths', index), ...messages, stage, path })),
    ),
  ];
}

const messages = { signal: 'messages', what: 'messages' } as const;
