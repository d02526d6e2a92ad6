// Bounds in words: as the YAML has them, not as they are exported.

import { describeBound } from '../../src/explain/declared.js';

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
