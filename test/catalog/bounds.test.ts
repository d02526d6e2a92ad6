// Bounds, objectives and comparisons as metrics, in the form in which the rules join them.

import { intended } from '../../src/conventions.js';
import type { Bound, Flow } from '../../src/domain/flow.js';
import { config, declared, faults, flow, written } from './fixtures.js';

const backlog: Bound = { indicator: 'backlog', statistic: 'held', severity: 'warning', side: 'above', value: 100, window: '1m' };

function exported(parts: Partial<Flow>, metric: { readonly name: string }): string[] {
  return written(declared(config({ flows: [flow(parts)] })), metric.name);
}

test('NE6: a bound on a signal is exported for each stage, with its severity, side and window', () => {
  const bounds: Bound[] = [backlog, { ...backlog, severity: 'critical', value: 500 }];

  expect(exported({ bounds }, intended.bound)).toEqual([
    'flow_indicator_bound{flow=factures-tge,env=prod,stage=received,indicator=backlog,statistic=held,severity=warning,side=above,window=1m} 100',
    'flow_indicator_bound{flow=factures-tge,env=prod,stage=processed,indicator=backlog,statistic=held,severity=warning,side=above,window=1m} 100',
    'flow_indicator_bound{flow=factures-tge,env=prod,stage=received,indicator=backlog,statistic=held,severity=critical,side=above,window=1m} 500',
    'flow_indicator_bound{flow=factures-tge,env=prod,stage=processed,indicator=backlog,statistic=held,severity=critical,side=above,window=1m} 500',
  ]);
});

test('NE6: a bound of one stage holds there in place of one of all stages, for the same signal and statistic only', () => {
  const bounds: Bound[] = [
    backlog,
    { ...backlog, stage: 'received', value: 7 },
    { ...backlog, stage: 'received', statistic: 'max', value: 9 },
    { ...backlog, indicator: 'backlog_age', stage: 'processed', value: 30 },
  ];

  expect(exported({ bounds }, intended.bound)).toEqual([
    'flow_indicator_bound{flow=factures-tge,env=prod,stage=processed,indicator=backlog,statistic=held,severity=warning,side=above,window=1m} 100',
    'flow_indicator_bound{flow=factures-tge,env=prod,stage=received,indicator=backlog,statistic=held,severity=warning,side=above,window=1m} 7',
    'flow_indicator_bound{flow=factures-tge,env=prod,stage=received,indicator=backlog,statistic=max,severity=warning,side=above,window=1m} 9',
    'flow_indicator_bound{flow=factures-tge,env=prod,stage=processed,indicator=backlog_age,statistic=held,severity=warning,side=above,window=1m} 30',
  ]);
});

test('NE6: a bound on an indicator is of the flow as a whole, unless it names a stage', () => {
  const csat: Bound = { ...backlog, indicator: 'csat', statistic: 'avg', side: 'below', value: 4, window: '1d' };

  expect(exported({ bounds: [csat, { ...csat, stage: 'processed', value: 3 }] }, intended.bound)).toEqual([
    'flow_indicator_bound{flow=factures-tge,env=prod,indicator=csat,statistic=avg,severity=warning,side=below,window=1d} 4',
    'flow_indicator_bound{flow=factures-tge,env=prod,stage=processed,indicator=csat,statistic=avg,severity=warning,side=below,window=1d} 3',
  ]);
});

test('NE6: all that bounds ask of the times of a stage is exported in one label, what they ask of other signals is not', () => {
  const p95: Bound = { ...backlog, indicator: 'duration', statistic: 'p95', window: '5m' };
  const bounds: Bound[] = [backlog, p95, { ...p95, severity: 'critical' }, { ...p95, statistic: 'avg', window: '1h', stage: 'received' }];

  expect(exported({ bounds }, intended.asked)).toEqual([
    'flow_indicator_asked_info{flow=factures-tge,env=prod,stage=received,indicator=duration,asked=avg:1h,p95:5m} 1',
    'flow_indicator_asked_info{flow=factures-tge,env=prod,stage=processed,indicator=duration,asked=p95:5m} 1',
  ]);
});

test('a bound that holds around the clock says so', () => {
  expect(exported({ stages: ['sent'], bounds: [{ ...backlog, always: true }] }, intended.bound)).toEqual([
    'flow_indicator_bound{flow=factures-tge,env=prod,stage=sent,indicator=backlog,statistic=held,severity=warning,side=above,window=1m,hours=always} 100',
  ]);
});

test('the least number of messages is exported once for both severities, the forecast for each', () => {
  const errors: Bound = { ...backlog, indicator: 'errors', statistic: 'ratio', value: 0.01, window: '5m', minMessages: 20 };
  const bounds: Bound[] = [errors, { ...errors, severity: 'critical', value: 0.05 }];
  const ahead: Bound[] = [
    { ...backlog, forecast: 14_400 },
    { ...backlog, severity: 'critical', value: 500, forecast: 14_400 },
  ];

  expect(exported({ bounds, stages: ['sent'] }, intended.boundTraffic)).toEqual([
    'flow_indicator_bound_min_messages{flow=factures-tge,env=prod,stage=sent,indicator=errors,statistic=ratio,window=5m} 20',
  ]);
  expect(exported({ bounds: ahead, stages: ['sent'] }, intended.boundForecast)).toEqual([
    'flow_indicator_bound_forecast_seconds{flow=factures-tge,env=prod,stage=sent,indicator=backlog,severity=warning,side=above} 14400',
    'flow_indicator_bound_forecast_seconds{flow=factures-tge,env=prod,stage=sent,indicator=backlog,severity=critical,side=above} 14400',
  ]);
});

test('GM12: an objective names its bucket as Prometheus keeps it, and none where errors are meant', () => {
  const objectives = [
    { name: 'answered', stage: 'processed', threshold: 14_400, ratio: 0.98, days: 30 },
    { name: 'swift', stage: 'processed', threshold: 0.25, ratio: 0.9, days: 7 },
    { name: 'sound', stage: 'received', threshold: undefined, ratio: 0.999, days: 30 },
  ];

  expect(exported({ objectives }, intended.objectiveRatio)).toEqual([
    'flow_objective_ratio{flow=factures-tge,env=prod,stage=processed,objective=answered,le=14400.0,window=30d} 0.98',
    'flow_objective_ratio{flow=factures-tge,env=prod,stage=processed,objective=swift,le=0.25,window=7d} 0.9',
    'flow_objective_ratio{flow=factures-tge,env=prod,stage=received,objective=sound,window=30d} 0.999',
  ]);
});

test('CE9: conservation is exported for the stage at which messages enter', () => {
  const conservation = [{ from: 'received', to: 'processed', tolerance: 0.01, window: '1h' }] as const;

  expect(exported({ conservation }, intended.conservation)).toEqual([
    'flow_conservation_tolerance_ratio{flow=factures-tge,env=prod,stage=received,to=processed,window=1h} 0.01',
  ]);
});

test('CE10: parity names both paths', () => {
  const parity = [{ stage: 'received', paths: ['batch', 'streaming'], tolerance: 0.01, window: '1d' }] as const;

  expect(exported({ parity }, intended.parity)).toEqual([
    'flow_parity_tolerance_ratio{flow=factures-tge,env=prod,stage=received,path=batch,other=streaming,window=1d} 0.01',
  ]);
});

test('NE9: what is unusual is exported by side, where it is told', () => {
  const anomalies = [
    { stage: 'received', below: 0.5, above: undefined },
    { stage: 'processed', below: 0.1, above: 3 },
  ];

  expect(exported({ anomalies }, intended.anomaly)).toEqual([
    'flow_anomaly_ratio{flow=factures-tge,env=prod,stage=received,side=below} 0.5',
    'flow_anomaly_ratio{flow=factures-tge,env=prod,stage=processed,side=below} 0.1',
    'flow_anomaly_ratio{flow=factures-tge,env=prod,stage=processed,side=above} 3',
  ]);
});

test('no series comes twice or has a label of its own', () => {
  const severities = ['warning', 'critical'] as const;
  const bounds = severities.flatMap((severity): Bound[] => [
    { ...backlog, severity, forecast: 60, always: true },
    { ...backlog, severity, stage: 'received', minMessages: 3 },
  ]);

  expect(faults(declared(config({ flows: [flow({ bounds, environments: ['prod', 'recette'] })] })))).toEqual([]);
});
