// Which alerts may tell of a flow, by what it declares.

import { applyingRules, type Circumstances } from '../../src/explain/rules.js';
import { families } from '../../src/rules/index.js';
import type { Expectation } from '../../src/domain/expectation-declaration.js';
import type { Flow } from '../../src/domain/flow.js';
import { flow } from '../catalog/fixtures.js';

const nothing: Circumstances = { resets: [], kinds: [], gatekeepers: [] };
const names = (part: Partial<Flow>, circumstances: Partial<Circumstances> = {}) =>
  applyingRules(families, flow(part), { ...nothing, ...circumstances }).map(({ alert }) => alert);

const expectation: Expectation = {
  name: 'received by 08:30',
  stage: 'received',
  partners: ['chuv', 'hug'],
  timing: { kind: 'by', deadline: 510, from: undefined, earliest: undefined, days: { kind: 'open' } },
  atLeast: undefined,
  atMost: undefined,
  warnBefore: undefined,
  lasts: undefined,
};

test('those by what it declares, and no others', () => {
  expect(names({})).toEqual(['FlowBacklogGrowing']);
  expect(names({ expectations: [expectation] })).toEqual(['FlowBacklogGrowing', 'FlowMissed', 'FlowInJeopardy']);
  expect(names({ expectations: [{ ...expectation, timing: { kind: 'every', seconds: 900 }, atMost: 5 }] })).toEqual([
    'FlowBacklogGrowing',
    'FlowSilent',
    'FlowTooMany',
  ]);
  expect(names({}, { resets: ['reset-hug'] })).toContain('FlowResetNotDone');
  expect(names({}, { kinds: ['sftp'] })).toContain('FlowExpectedFileMissing');
  expect(names({}, { gatekeepers: ['register'] })).toContain('FlowGateUndecided');
});

test('with what they judge by, and what keeps them silent', () => {
  const [, missed] = applyingRules(families, flow({ expectations: [expectation] }), nothing);

  expect(missed).toEqual({
    alert: 'FlowMissed',
    by: ['received by 08:30'],
    severities: ['critical', 'warning'],
    silencedBy: ['muted by release', 'held back while something it depends on is down'],
  });
});

test('every alert on flows is known here, or is one on files, of which only sources tell', () => {
  const alerts = families.flatMap(({ groups }) => groups.flatMap(({ rules }) => rules));
  const onFlows = new Set(alerts.flatMap((rule) => ('alert' in rule && rule.alert.startsWith('Flow') ? [rule.alert] : [])));
  const everything: Partial<Flow> = {
    expectations: [
      {
        ...expectation,
        timing: { kind: 'by', deadline: 510, from: undefined, earliest: 400, days: { kind: 'open' } },
        atLeast: 1,
        atMost: 2,
        lasts: { since: 'received', shortest: 1, longest: 2 },
      },
      { ...expectation, timing: { kind: 'every', seconds: 900 } },
    ],
    bounds: ['backlog', 'duration', 'errors', 'messages', 'unanswered', 'orders'].map((indicator) => ({
      indicator,
      statistic: 'held',
      severity: 'warning',
      side: 'above',
      value: 1,
      window: '5m',
      forecast: 3600,
    })),
    indicators: [{ name: 'orders', title: 'Orders', promql: undefined }],
    objectives: [{ name: 'answered', stage: 'received', threshold: 30, ratio: 0.99, days: 30 }],
    conservation: [{ from: 'received', to: 'processed', tolerance: 0, window: '1h' }],
    parity: [{ stage: 'received', paths: ['a', 'b'], tolerance: 0, window: '1h' }],
    anomalies: [{ stage: 'received', below: 0.5, above: 2 }],
  };

  const applying = applyingRules(families, flow(everything), { resets: ['reset'], kinds: ['sftp'], gatekeepers: ['register'] });

  expect(applying.map(({ alert }) => alert).toSorted()).toEqual([...onFlows].toSorted());
  const files = applying.filter(({ by }) => by.length === 0).map(({ alert }) => alert);
  expect(files.filter((alert) => !/File|Response|Delivery/.test(alert))).toEqual([]);
});
