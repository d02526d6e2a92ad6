// Answers to what was sent: those that do not come in time, and those that say no. GM3.

import { recorded, responses } from '../conventions.js';
import { asked, whole } from './annotations.js';
import { flowAlerts, type FlowAlertDefinition, holdsUp } from './flow-alert.js';
import { PLACE, bridged, where } from './promql.js';
import { recording, type RecordingRule, type RuleFamily } from './rule.js';

const DASHBOARD = ['env', 'flow', 'partner'];
const place = 'flow={{ $labels.flow }},env={{ $labels.env }},partner={{ $labels.partner }},stage={{ $labels.stage }}';
const at = `{{ with $labels.partner }} with partner {{ . }}{{ end }} at stage {{ $labels.stage }}`;

const { responsesOverdue } = recorded;

/** Of replicas, whichever has seen the most; of paths, that of which the oldest waits. */
const overdue: RecordingRule = recording(
  responsesOverdue,
  `
  max by (${PLACE}) (
    time() - (max by (${PLACE}, path) (${bridged(responses.oldest)}) > 0)
    > max by (${PLACE}, path) (${bridged(responses.within)})
  )`,
);

const tooLate: FlowAlertDefinition = {
  name: 'FlowResponsesOverdue',
  judges: 'acknowledgements',
  critical: responsesOverdue.name,
  // It is overdue still when the flow opens.
  hours: 'open',
  for: '1m',
  keepFiringFor: '5m',
  summary: `{{ $labels.title }}: an answer{{ with $labels.partner }} of {{ . }}{{ end }} is overdue, {{ humanizeDuration $value }} after what it answers${where}`,
  description:
    `What was sent in flow {{ $labels.flow }}${at} {{ humanizeDuration $value }} ago has no answer yet` +
    asked(`max(${responses.within.name}{${place}})`, ', and {{ . | humanizeDuration }} are allowed') +
    `.${asked(`sum(max by (path) (${responses.pending.name}{${place}}))`, ` ${whole} wait in all.`)}` +
    ` The one who answers has not taken it, or has not answered, so ask whether it arrived.${holdsUp}`,
  dashboard: DASHBOARD,
};

const rejected: FlowAlertDefinition = {
  name: 'FlowResponsesRejected',
  judges: 'acknowledgements',
  warning: `
    sum by (${PLACE}) (
      max by (${PLACE}, path, outcome) (increase(${responses.total.name}{outcome=~"rejected|error"}[15m]))
    ) > 0`,
  keepFiringFor: '5m',
  summary: `{{ $labels.title }}: {{ or $labels.partner "the other side" }} rejects what we send${where}`,
  description: `In the last 15 minutes {{ printf "%.0f" $value }} of what was sent in flow {{ $labels.flow }}${at} was answered with a rejection or an error. The answers say why; they lie where they are fetched.`,
  dashboard: DASHBOARD,
};

const alerts: readonly FlowAlertDefinition[] = [tooLate, rejected];

export const acknowledgements: RuleFamily = {
  name: 'acknowledgements',
  about: 'Answers to what was sent: overdue, rejected.',
  tells: alerts,
  groups: [{ name: 'vigie-acknowledgements', interval: '15s', rules: [overdue, ...flowAlerts('acknowledgements', alerts)] }],
};
