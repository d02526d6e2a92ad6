// Gates of flows that nobody has opened or declined by their cut-off. What is declined is decided, and no failure. EN4.

import { gates, recorded } from '../conventions.js';
import { moment } from './annotations.js';
import { flowAlerts, type FlowAlertDefinition } from './flow-alert.js';
import { bridged, where } from './promql.js';
import { recording, type RecordingRule, type RuleFamily } from './rule.js';

const GATE = 'flow, partner, env, gate, to_env';
const { gateUndecided } = recorded;

/** The value is when it was to be decided. */
const undecided: RecordingRule = recording(
  gateUndecided,
  `
  max by (${GATE}) (${bridged(gates.cutOff)}) <= time()
  unless on (${GATE}) (${bridged({ name: `${gates.decision.name}{decision=~"opened|declined"}` })} > 0)`,
);

const FlowGateUndecided: FlowAlertDefinition = {
  name: 'FlowGateUndecided',
  judges: 'freshness',
  warning: gateUndecided.name,
  // Two sides decide it, whatever is down.
  evenIfHeld: true,
  staged: false,
  keepFiringFor: '2m',
  summary: `{{ $labels.title }}: gate {{ $labels.gate }}{{ with $labels.to_env }} to {{ . }}{{ end }} is neither opened nor declined${where}`,
  description:
    `Gate {{ $labels.gate }} of flow {{ $labels.flow }}{{ with $labels.to_env }} to {{ . }}{{ end }}{{ with $labels.partner }} for partner {{ . }}{{ end }}` +
    ` was to be decided by {{ with $value }}${moment}{{ end }}. Until it is, nothing passes it (vigie gate says no-go): ask both sides for their decision.`,
  dashboard: ['env', 'flow'],
};

export const gateFamily: RuleFamily = {
  name: 'gates',
  about: 'Gates of flows that nobody has opened or declined by their cut-off.',
  tells: [FlowGateUndecided],
  groups: [{ name: 'vigie-gates', interval: '15s', rules: [undecided, ...flowAlerts('gates', [FlowGateUndecided])] }],
};
