// Bounds in words: as the YAML has them, not as they are exported.

import { describeBound, describeBounds } from '../../src/explain/declared.js';
import { flow } from '../flow.js';

const held = { severity: 'critical', side: 'above', statistic: 'held', window: '5m' } as const;

test.each([
  [{ ...held, indicator: 'backlog', value: 500 }, 'backlog: critical above 500 for 5m'],
  [{ ...held, indicator: 'backlog_age', value: 5400 }, 'backlog_age: critical above 1h30m for 5m'],
  [
    { ...held, indicator: 'duration', statistic: 'p95', value: 0.2, stage: 'processed', minMessages: 20 } as const,
    'duration: critical above 200ms as p95 over 5m, at processed, from 20 messages on',
  ],
  [
    { ...held, indicator: 'success', statistic: 'ratio', side: 'below', value: 0.985 } as const,
    'success: critical below 98.5 % as ratio over 5m',
  ],
  [{ ...held, indicator: 'csat', value: 3.5, always: true }, 'csat: critical above 3.5 for 5m, outside opening hours too'],
])('a bound is told in its unit: %#', (bound, words) => {
  expect(describeBound(bound)).toBe(words);
});

test('a bound is told of the stages alone at which no other one takes its place, and not at all where there is none', () => {
  const backlog = { ...held, indicator: 'backlog', value: 5000 };
  const ofReceived = { ...backlog, severity: 'warning', stage: 'received', value: 40 } as const;

  expect(describeBounds(flow({ stages: ['received'], bounds: [backlog, ofReceived] }))).toEqual([
    'backlog: warning above 40 for 5m, at received',
  ]);
  expect(describeBounds(flow({ stages: ['received', 'processed', 'sent'], bounds: [backlog, ofReceived] }))).toEqual([
    'backlog: critical above 5000 for 5m, at processed and sent',
    'backlog: warning above 40 for 5m, at received',
  ]);
});

test('a bound on an indicator is one of the flow as a whole', () => {
  const csat = { ...held, indicator: 'csat', value: 3.5 };

  expect(describeBounds(flow({ bounds: [csat, { ...csat, indicator: 'load' }] }), ({ indicator }) => indicator === 'csat')).toEqual([
    'csat: critical above 3.5 for 5m',
  ]);
});
