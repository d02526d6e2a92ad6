// The state of each flow, twice: whether what it needs works (technical), and whether its messages pass (functional). IR6.

import { alertsOf, intended, own, recorded } from '../conventions.js';
import { BOUND_SIGNALS } from '../domain/flow.js';
import { recording, type RecordingRule, type RuleFamily } from './rule.js';
import { PLACE, bridged } from './promql.js';

/** Fewer messages than this tell nothing of a share. */
const FEWEST = 20;
const SHARE = 0.05;
/** As long as a stage may stand still before its messages are stuck. */
const STUCK = '30m';

const { endpointUp, technical, functional, errorRatio, backlog, stageTotal, failingRate, outOfBounds } = recorded;

/** Up from any of its sites is up. An exporter that is gone reads nothing. */
const technicalStatus: RecordingRule = recording(
  technical,
  `
  min by (flow, env) (
    max by (endpoint, flow, env, protocol) (${endpointUp.name}{flow!=""})
    or
      max by (flow, partner, env) (last_over_time(${intended.partner.name}[5m]))
      * on (partner, env) group_left ()
      min by (partner, env) (max by (endpoint, partner, env, protocol) (${endpointUp.name}{flow=""}))
    or
      max by (flow, env, source) (last_over_time(${intended.flowSource.name}[5m]))
      * on (source) group_left () (
        max by (source) (${bridged(own.sourceUp)})
        or on (source) 0 * group by (source) (last_over_time(${intended.flowSource.name}[5m]))
      )
  )`,
);

/** Of the stage that fares worst. */
const errors: RecordingRule = recording(
  errorRatio,
  `
  max by (flow, env) (
    300 * (
      sum by (flow, env, stage) (sum_over_time(${failingRate.name}{outcome="error"}[15m:5m]))
      or 0 * ${stageTotal.name}
    )
    / (300 * sum_over_time(${stageTotal.name}[15m:5m]) > ${FEWEST})
  )`,
);

/** Outside its opening hours a flow may wait. A place of which no messages are counted tells nothing of what passes. */
const stuck = `
    min_over_time(${backlog.name}[${STUCK}]) > 0
    and on (${PLACE}) ${recorded.leaving.name} == 0
    unless on (flow, env) ${recorded.closed.name}`;

/** What does not come, what comes in too small numbers, what is lost, and what is not answered: as far as it is heard. */
const late = (['freshness', 'volume', 'conservation', 'acknowledgements', 'files'] as const)
  .map((family) => `${alertsOf(family).heard.name}{severity="critical"}`)
  .join('\nor ');

const functionalStatus: RecordingRule = recording(
  functional,
  `
  1 - (
    group by (flow, env) (${outOfBounds.name}{indicator=~"${BOUND_SIGNALS.join('|')}"})
    or group by (flow, env) (${errorRatio.name} > ${SHARE})
    or group by (flow, env) (${late.replaceAll('\n', '\n    ')})
    or group by (flow, env) (${stuck}
    )
    or 0 * group by (flow, env) (${stageTotal.name} or ${backlog.name})
  )`,
);

export const status: RuleFamily = {
  name: 'status',
  about: 'The state of each flow: technical and functional, apart.',
  groups: [{ name: 'vigie-status', interval: '30s', rules: [technicalStatus, errors, functionalStatus] }],
};
