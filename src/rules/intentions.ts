// Recording rules over the catalogue's intentions, in the form in which the rules of all other families join them.

import { fleet, intended, own, recorded } from '../conventions.js';
import { settled } from './promql.js';
import { recording, type RuleFamily } from './rule.js';

const expected = intended.sourceExpected.name;
const environment = intended.environment.name;

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
