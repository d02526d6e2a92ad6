// Bounds of a flow as intentions: once for each stage they are on, with what rules need to judge by them.

import { intended } from '../conventions.js';
import { askedOf, isTime, stagesOf } from '../domain/bound.js';
import type { Bound, Flow } from '../domain/flow.js';
import type { Observation } from '../domain/observation.js';
import { present } from './labels.js';

export function boundIntentions(flow: Flow, env: string): Observation[] {
  const traffic = new Map<string, Observation>();
  const others = flow.bounds.flatMap((bound) =>
    stagesOf(bound, flow).flatMap((stage) => ofStage(bound, stage, { flow: flow.name, env }, traffic)),
  );
  return [...others, ...traffic.values(), ...askedOfTimes(flow, env)];
}

/** Of each stage that has bounds on times, all that they ask, in one label: rules compute only that. */
function askedOfTimes(flow: Flow, env: string): Observation[] {
  const asked = flow.bounds
    .filter(({ indicator }) => isTime(indicator))
    .flatMap((bound) => stagesOf(bound, flow).map((stage) => ({ stage, indicator: bound.indicator, what: askedOf(bound) })));
  const ofPlaces = Map.groupBy(asked, ({ stage = '', indicator }) => `${indicator} ${stage}`);
  return [...ofPlaces.values()].flatMap((ofPlace) =>
    ofPlace.slice(0, 1).map(({ stage, indicator }) => ({
      metric: intended.asked,
      labels: present({
        flow: flow.name,
        env,
        stage,
        indicator,
        asked: [...new Set(ofPlace.map(({ what }) => what))].toSorted().join(','),
      }),
      value: 1,
    })),
  );
}

/** @param traffic where the least number of messages goes, which the two severities of a bound share */
function ofStage(
  bound: Bound,
  stage: string | undefined,
  place: { flow: string; env: string },
  traffic: Map<string, Observation>,
): Observation[] {
  const { indicator, statistic, severity, side, value, window, minMessages, forecast, always } = bound;
  const what = { ...place, stage, indicator };
  if (minMessages !== undefined) {
    const labels = present({ ...what, statistic, window });
    traffic.set(JSON.stringify(labels), { metric: intended.boundTraffic, labels, value: minMessages });
  }
  return [
    {
      metric: intended.bound,
      labels: present({ ...what, statistic, severity, side, window, hours: always ? 'always' : undefined }),
      value,
    },
    ...(forecast === undefined ? [] : [{ metric: intended.boundForecast, labels: present({ ...what, severity, side }), value: forecast }]),
  ];
}
