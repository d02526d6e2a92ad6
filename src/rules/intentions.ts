// Recording rules over the catalogue's intentions, in the form in which the rules of all other families join them.

import { fleet, intended, logs, own, recorded } from '../conventions.js';
import type { Dependency } from '../domain/flow.js';
import { bridged, remembered, settled } from './promql.js';
import { recording, type RuleFamily } from './rule.js';

const expected = intended.sourceExpected.name;
const environment = intended.environment.name;

/** What is down may come back before what follows from it has recovered. */
const AFTERMATH = '10m';
/** As long as VigieEndpointDown waits: what it does not tell of has no aftermath. */
const TOLD_AFTER = '90s';
/** Alerts that say nothing of whether messages get through: others do not suffer from what they tell. What an indicator means only its owner knows. */
const HARMLESS =
  'FlowBoundAhead|FlowEarly|FlowInJeopardy|FlowIndicatorOutOfBounds|FlowObjective.*|FlowPathsDisagree|FlowResetNotDone|FlowTooMany|FlowTooShort';
/** And those that say so of too many. */
const HARMLESS_ABOVE = 'FlowUnusual|FlowVolumeOutOfBounds';

const ENDPOINT = 'endpoint, partner, flow, env, protocol';

/** From no site does it answer. One probe that fails is not enough: it would set back the time that alerts wait. */
const endpointsHolding = `
  group by (endpoint, partner, flow, env) (
    max by (${ENDPOINT}) (max_over_time(${recorded.endpointUp.name}[1m])) == 0
    or
    min_over_time((max by (${ENDPOINT}) (max_over_time(${recorded.endpointUp.name}[${TOLD_AFTER}])))[${AFTERMATH}:15s]) == 0
  )`;

const needed = (kind: Dependency['kind'], selector = '') =>
  `group by (flow, partner, env, dependency) (${remembered(intended.dependency, `{kind="${kind}"${selector}}`)})`;

/** Flows of which something is told, as dependencies. */
const failing = (by: string, selector = '') => `group by (${by}) (label_replace(
        last_over_time(ALERTS{alertname=~"Flow.+", alertname!~"${HARMLESS}", alertstate="firing"${selector}}[${AFTERMATH}])
        unless last_over_time(ALERTS{alertname=~"${HARMLESS_ABOVE}", side="above", alertstate="firing"${selector}}[${AFTERMATH}]),
        "dependency", "$1", "flow", "(.*)"
      ))`;

/** Endpoints that hold, as dependencies. */
const holding = (by: string) =>
  `group by (${by}) (label_replace(${recorded.endpointHolding.name}, "dependency", "$1", "endpoint", "(.*)"))`;

/**
 * By endpoints that say so themselves, endpoints that the YAML names, and flows that fail themselves: for the partners that both have,
 * or altogether where they share none, or where the alert is of no partner.
 */
const held = `
  group by (flow, partner, env) (
    ${recorded.endpointHolding.name}{flow!=""}
    or
      ${needed('endpoint', ', partner!=""')}
      * on (dependency, partner, env) group_left ()
      ${holding('dependency, partner, env')}
    or
      ${needed('endpoint', ', partner=""')}
      * on (dependency, env) group_left ()
      ${holding('dependency, env')}
    or
      ${needed('flow')}
      * on (dependency, partner, env) group_left ()
      ${failing('dependency, partner, env')}
    or
      ${needed('flow')}
      * on (dependency, env) group_left ()
      ${failing('dependency, env', ', partner=""')}
    or
      ${needed('flow', ', partner=""')}
      * on (dependency, env) group_left ()
      ${failing('dependency, env')}
  )`;

/**
 * A collection that fails once blinds nobody. Of replicas, one that sees is enough; of several sources of a flow each is needed, since
 * nobody else may see what it sees.
 */
const seeing = `
  (max by (source) (max_over_time(${own.collectorUp.name}[2m])) == 1)
  unless on (source) (min by (source) (${bridged(logs.secondsBehind)}) > 300)`;

export const intentions: RuleFamily = {
  name: 'intentions',
  about: 'What the catalogue says should be so, one series for each flow, source and environment.',
  groups: [
    {
      name: 'vigie-intentions',
      interval: '15s',
      rules: [
        recording(
          recorded.flow,
          settled(intended.flow, {
            identity: ['flow', 'env'],
            labels: ['team', 'criticality', 'direction', 'origin', 'title', 'runbook_url'],
          }),
        ),
        recording(
          recorded.flowOwner,
          `
          ${recorded.flow.name}
          * on (flow, env) group_left (priority) topk by (flow, env) (1, ${recorded.priority.name})
          or on (flow, env) ${recorded.flow.name}`,
        ),
        recording(recorded.stagePosition, settled(intended.stage, { identity: ['flow', 'env', 'stage'], labels: ['origin'] })),
        recording(recorded.closed, `max by (flow, env) (${remembered(intended.windowOpen)}) == 0`),
        recording(recorded.maintained, `max by (flow, partner, env, kind) (${remembered(intended.maintenance)}) == 1`),
        recording(recorded.blind, `group by (flow, env) (\n  ${remembered(intended.flowSource)}\n  unless on (source) (${seeing}\n  )\n)`),
        recording(recorded.endpointHolding, endpointsHolding),
        recording(recorded.held, held),
        recording(
          recorded.sourceOwner,
          `
          topk by (source) (1,
            max by (source, team, env) (${expected})
            or on (source) max by (source, team, env) (last_over_time(${expected}[5m]))
            or on (source) group by (source) (last_over_time(${own.sourceUp.name}[5m]))
            or on (source) group by (source) (last_over_time(${fleet.exporterUp.name}[5m]))
          )`,
        ),
        recording(
          recorded.notProduction,
          `
          group by (env) (last_over_time(${environment}{production="false"}[1h]))
          unless on (env) ${environment}{production="true"}`,
        ),
      ],
    },
  ],
};
