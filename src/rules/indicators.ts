// Indicators of flows: those that the YAML computes by PromQL, and with them those that sources feed, one series for each place.

import { ENV_VARIABLE } from '../config/indicators.js';
import { measured, recorded } from '../conventions.js';
import type { Flow } from '../domain/flow.js';
import { recording, type RecordingRule, type RuleFamily, type RuleGroup } from './rule.js';

export const INDICATORS = 'indicators';
const PLACE = 'flow, partner, env, stage, indicator';
const INTERVAL = '30s';

/** The one family that depends on the YAML: a flow with `promql` has a group of its own, so that a slow one holds up no other. */
export function indicators(flows: readonly Flow[]): RuleFamily {
  return {
    name: INDICATORS,
    about: 'Values that the owners of flows name.',
    groups: [
      ...flows.flatMap(groupOf),
      {
        name: 'vigie-indicators',
        interval: INTERVAL,
        // 0 / 0, where nothing happens, is no number: one would make the average of a whole day none.
        rules: [
          recording(recorded.indicator, `max by (${PLACE}) ((${measured.indicator.name} or ${recorded.promqlIndicator.name}) >= -Inf)`),
        ],
      },
    ],
  };
}

function groupOf(flow: Flow): RuleGroup[] {
  const rules = flow.environments.flatMap((env) =>
    (flow.indicators ?? []).flatMap(({ name, promql }) => (promql === undefined ? [] : [computed(flow.name, env, name, promql)])),
  );
  return rules.length === 0 ? [] : [{ name: `vigie-indicators-${flow.name}`, interval: INTERVAL, rules }];
}

/** Labels of targets that the expression leaves would make many series of one value. */
function computed(flow: string, env: string, indicator: string, promql: string): RecordingRule {
  const expr = promql.trim().replaceAll(ENV_VARIABLE, env);
  return { ...recording(recorded.promqlIndicator, `max by (partner, stage) (\n${expr}\n)`), labels: { flow, env, indicator } };
}
