// Recording rules over what passes: one series for each place, however many replicas of an exporter there are.

import { observed, recorded } from '../conventions.js';
import { recording, type RuleFamily } from './rule.js';

export const traffic: RuleFamily = {
  name: 'traffic',
  about: 'Messages that pass the stages.',
  groups: [
    {
      name: 'vigie-traffic',
      interval: '30s',
      rules: [
        // Replicas see the same messages (max); paths carry different ones (sum).
        recording(
          recorded.messageRate,
          `
          sum by (flow, partner, env, stage, outcome) (
            max by (flow, partner, env, stage, path, outcome) (rate(${observed.messages.name}[5m]))
          )`,
        ),
      ],
    },
  ],
};
