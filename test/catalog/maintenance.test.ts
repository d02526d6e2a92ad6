// EN6, EN9, EN13: planned work as the rules read it.

import { PlannedWork } from '../../src/catalog/maintenance.js';
import type { Config } from '../../src/config/model.js';
import { intended } from '../../src/conventions.js';
import type { Maintenance } from '../../src/domain/maintenance-windows.js';
import { config, faults, flow, written } from './fixtures.js';

const wall = (text: string) => Date.parse(`${text}Z`) / 60_000;
const BEGIN = Date.parse('2026-12-01T21:00:00Z');
const END = Date.parse('2026-12-02T03:00:00Z');
const DAY = 86_400_000;
const environments = ['prod', 'test'].map((name) => ({ name, title: name, production: name === 'prod', calendar: undefined }));

function work(part: Partial<Maintenance> = {}): Maintenance {
  return {
    name: 'release-12',
    title: 'Release 12',
    kind: 'release',
    environments: undefined,
    partners: undefined,
    flows: undefined,
    time: { kind: 'dated', from: wall('2026-12-01T22:00'), to: wall('2026-12-02T04:00') },
    timezone: 'Europe/Zurich',
    done: undefined,
    stage: undefined,
    ...part,
  };
}

function planned(maintenance: readonly Maintenance[], part: Partial<Config> = {}): PlannedWork {
  return new PlannedWork(config({ environments, maintenance, ...part }));
}

function lines(planning: PlannedWork, at: number, name: string): string[] {
  const observations = planning.at(at);
  expect(faults(observations)).toEqual([]);
  return written(observations, name);
}

const flows = [
  flow({ name: 'a', partners: ['chuv', 'hug'], environments: ['prod', 'test'] }),
  flow({ name: 'b', partners: ['hug'] }),
  flow({ name: 'c', partners: ['sasis'] }),
];

test('a release concerns every flow in its environments while it goes on', () => {
  const planning = planned([work({ environments: ['prod'] })], { flows });

  expect(lines(planning, BEGIN - 1, intended.maintenance.name)).toEqual(
    ['a', 'b', 'c'].map((name) => `flow_maintenance{flow=${name},env=prod,kind=release,maintenance=release-12} 0`),
  );
  expect(lines(planning, BEGIN, intended.maintenance.name)).toEqual(
    ['a', 'b', 'c'].map((name) => `flow_maintenance{flow=${name},env=prod,kind=release,maintenance=release-12} 1`),
  );
  expect(lines(planning, END - 1, intended.maintenance.name)[0]).toMatch(/ 1$/);
  expect(lines(planning, END, intended.maintenance.name)[0]).toMatch(/ 0$/);
});

test('dated work costs no series for each flow before the day before and after the day after', () => {
  const planning = planned([work()], { flows });
  const count = (at: number) => lines(planning, at, intended.maintenance.name).length;

  expect([BEGIN - DAY - 1, BEGIN - DAY, END + DAY - 1, END + DAY].map(count)).toEqual([0, 4, 4, 0]);
});

test('work on partners concerns the exchange with them; a flow with no other partner altogether', () => {
  const planning = planned([work({ partners: ['hug', 'sasis'], environments: ['prod'] })], { flows });

  expect(lines(planning, BEGIN, intended.maintenance.name)).toEqual([
    'flow_maintenance{flow=a,partner=hug,env=prod,kind=release,maintenance=release-12} 1',
    'flow_maintenance{flow=b,env=prod,kind=release,maintenance=release-12} 1',
    'flow_maintenance{flow=c,env=prod,kind=release,maintenance=release-12} 1',
  ]);
});

test('work on single flows concerns these, and neither environment nor partner', () => {
  const planning = planned([work({ flows: ['a'], environments: ['test'] })], { flows });

  expect(lines(planning, BEGIN, intended.maintenance.name)).toEqual([
    'flow_maintenance{flow=a,env=test,kind=release,maintenance=release-12} 1',
  ]);
  expect(lines(planning, BEGIN, intended.maintenanceNow.name)).toEqual([]);
});

test('environments and partners tell whether work goes on, and all of it when it begins and ends', () => {
  const planning = planned([
    work({ partners: ['hug', 'chuv'] }),
    work({ name: 'load', kind: 'load_test', title: 'Load', environments: ['test'] }),
  ]);

  expect(lines(planning, BEGIN, intended.maintenanceNow.name)).toEqual([
    'vigie_maintenance{env=prod,partner=hug,kind=release,maintenance=release-12} 1',
    'vigie_maintenance{env=prod,partner=chuv,kind=release,maintenance=release-12} 1',
    'vigie_maintenance{env=test,partner=hug,kind=release,maintenance=release-12} 1',
    'vigie_maintenance{env=test,partner=chuv,kind=release,maintenance=release-12} 1',
    'vigie_maintenance{env=test,kind=load_test,maintenance=load} 1',
  ]);
  expect(lines(planning, BEGIN - 1, intended.maintenanceNow.name)[4]).toBe('vigie_maintenance{env=test,kind=load_test,maintenance=load} 0');
  expect(lines(planning, BEGIN - 1, intended.maintenanceStart.name)[4]).toBe(
    `vigie_maintenance_start_timestamp_seconds{env=test,kind=load_test,maintenance=load,title=Load} ${BEGIN / 1000}`,
  );
  expect(lines(planning, BEGIN, intended.maintenanceEnd.name)[4]).toBe(
    `vigie_maintenance_end_timestamp_seconds{env=test,kind=load_test,maintenance=load,title=Load} ${END / 1000}`,
  );
  expect(lines(planning, END, intended.maintenanceStart.name)).toEqual([]);
});

describe('EN9: a reset that is not done', () => {
  test('is due until the day on which it was done, as the YAML says, has begun where it is', () => {
    const begun = Date.parse('2026-12-02T23:00:00Z');
    const planning = planned([work({ kind: 'reset', done: '2026-12-03' })], { flows });

    expect(lines(planning, begun - 1, intended.resetDue.name)).not.toEqual([]);
    expect(lines(planning, begun, intended.resetDue.name)).toEqual([]);
  });

  const due = `${END / 1000}`;

  test('is due from its end on, for its partner, until the YAML says that it was done', () => {
    const planning = planned([work({ kind: 'reset', partners: ['hug'], environments: ['prod'] })], { flows });
    const done = planned([work({ kind: 'reset', partners: ['hug'], done: '2026-12-03' })], { flows });

    expect(lines(planning, END - 1, intended.resetDue.name)).toEqual([]);
    expect(lines(planning, END, intended.resetDue.name)).toEqual([
      `flow_reset_due_timestamp_seconds{flow=a,partner=hug,env=prod,maintenance=release-12} ${due}`,
      `flow_reset_due_timestamp_seconds{flow=b,env=prod,maintenance=release-12} ${due}`,
    ]);
    expect(lines(planning, END + 100 * DAY, intended.resetDue.name)).toHaveLength(2);
    expect(lines(done, Date.parse('2026-12-03T12:00:00Z'), intended.resetDue.name)).toEqual([]);
  });

  test('with a stage is due for each partner, where there is this stage, and tells from when on a message shows it', () => {
    const planning = planned([work({ kind: 'reset', stage: 'received', environments: ['prod'] })], {
      flows: [...flows.slice(0, 2), flow({ name: 'other', stages: ['sent'] })],
    });

    expect(lines(planning, END, intended.resetDue.name)).toEqual(
      ['a,partner=chuv', 'a,partner=hug', 'b,partner=hug'].map(
        (place) => `flow_reset_due_timestamp_seconds{flow=${place},env=prod,maintenance=release-12,stage=received} ${due}`,
      ),
    );
    expect(lines(planning, END, intended.resetStart.name)[0]).toBe(
      `flow_reset_start_timestamp_seconds{flow=a,partner=chuv,env=prod,maintenance=release-12,stage=received} ${BEGIN / 1000}`,
    );
  });

  test('is no reset where it recurs, or is of another kind', () => {
    const recurring = { kind: 'recurring', from: 0, to: 60, days: { kind: 'open' } } as const;
    const planning = planned([work({ kind: 'reset', time: recurring }), work({ name: 'freeze', kind: 'freeze' })]);

    expect(lines(planning, END, intended.resetDue.name)).toEqual([]);
  });
});

test('the same array is given while nothing changes, and another one at each change', () => {
  const planning = planned([work()]);

  const moments = [BEGIN - DAY, BEGIN - 1, BEGIN, END - 1, END, END + DAY - 1, END + DAY].map((at) => planning.at(at));

  expect(moments.map((observations) => moments.indexOf(observations))).toEqual([0, 0, 2, 2, 4, 4, 6]);
});
