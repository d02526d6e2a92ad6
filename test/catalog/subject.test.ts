// The catalogue as an exporter sees it.

import { catalogSubject } from '../../src/catalog/subject.js';
import { intended } from '../../src/conventions.js';
import { FakeClock } from '../fake-clock.js';
import { config, context, everyQuarter, faults, flow, morning, night, source, written } from './fixtures.js';

const SIGNAL = new AbortController().signal;

/** What says how a flow is bounded, what it depends on and what is planned has suites of its own. */
const OTHERS = [
  intended.bound,
  intended.boundTraffic,
  intended.boundForecast,
  intended.asked,
  intended.objectiveRatio,
  intended.anomaly,
  intended.conservation,
  intended.parity,
  intended.dependency,
  intended.maintenance,
  intended.maintenanceNow,
  intended.maintenanceStart,
  intended.maintenanceEnd,
  intended.resetDue,
  intended.resetStart,
].map(({ name }): string => name);

test('everything that is known from the YAML exists after the first look', async () => {
  const flows = [flow({ expectations: [everyQuarter, morning, night] })];
  const catalog = await catalogSubject(config({ flows, sources: [source({ observes: ['factures-tge'] })] })).create(
    context(new FakeClock()),
  );

  const observations = (await Promise.all(catalog.collectors.map((collector) => collector.collect(SIGNAL)))).flatMap((found) => [...found]);

  const names = new Set(observations.map(({ metric }) => metric.name));
  expect([...names].filter((name) => !OTHERS.includes(name)).toSorted()).toEqual(
    Object.values(intended)
      .map(({ name }) => name)
      .filter((name) => !OTHERS.includes(name))
      .toSorted(),
  );
  expect(faults(observations)).toEqual([]);
});

test('the windows follow the clock, within a second', async () => {
  const clock = new FakeClock('2026-03-02T05:59:59.500Z');
  const catalog = await catalogSubject(config()).create(context(clock));
  const windows = catalog.collectors.find(({ name }) => name === 'windows');

  const before = await windows?.collect(SIGNAL);
  await clock.advance(windows?.interval ?? 0);
  const after = await windows?.collect(SIGNAL);

  expect(windows?.interval).toBe(1000);
  expect([before, after].map((observations) => written([...(observations ?? [])], intended.windowOpen.name))).toEqual([
    ['flow_window_open{flow=factures-tge,env=prod,calendar=bureau-ch} 0'],
    ['flow_window_open{flow=factures-tge,env=prod,calendar=bureau-ch} 1'],
  ]);
});

test('holidays that cannot be computed take away windows and deadlines and leave what is declared', async () => {
  const calendars = { 'bureau-ch': { timezone: 'Europe/Zurich', open: { mon: '07:00-19:00' }, holidays: ['CH-VD'] } };
  const catalog = await catalogSubject(config({ calendars, flows: [flow({ expectations: [morning] })] })).create(context(new FakeClock()));

  const results = await Promise.allSettled(catalog.collectors.map((collector) => collector.collect(AbortSignal.abort())));

  expect(catalog.collectors.map(({ name }, index) => [name, results[index]?.status])).toEqual([
    ['intentions', 'fulfilled'],
    ['maintenance', 'fulfilled'],
    ['windows', 'rejected'],
    ['expectations', 'rejected'],
  ]);
});

test('holidays survive a reload', async () => {
  const calendars = { 'bureau-ch': { timezone: 'Europe/Zurich', open: { mon: '07:00-19:00' }, holidays: ['CH-VD'] } };
  const clock = new FakeClock();
  const before = await catalogSubject(config({ calendars })).create(context(clock));
  await Promise.all(before.collectors.map((collector) => collector.collect(SIGNAL)));

  const after = await catalogSubject(config({ calendars, flows: [flow({ name: 'nouveau', expectations: [morning] })] })).create(
    context(clock, await before.close()),
  );
  const results = after.collectors.map((collector) => collector.collect(AbortSignal.abort()));

  await expect(Promise.all(results)).resolves.toHaveLength(after.collectors.length);
});

describe('it is built anew', () => {
  const freeze = {
    name: 'freeze',
    title: 'Freeze',
    kind: 'freeze',
    environments: undefined,
    partners: undefined,
    flows: undefined,
    time: { kind: 'dated', from: 0, to: 60 },
    timezone: 'UTC',
    done: undefined,
    stage: undefined,
  } as const;
  const before = catalogSubject(config({ sources: [source()], maintenance: [freeze] })).fingerprint;

  test.each([
    ['a flow', config({ sources: [source()], maintenance: [freeze], flows: [flow({ criticality: 'low' })] })],
    [
      'the hours of a calendar',
      config({
        sources: [source()],
        maintenance: [freeze],
        calendars: { 'bureau-ch': { timezone: 'Europe/Zurich', open: { mon: '07:00-18:00' } } },
      }),
    ],
    ['what is expected', config({ maintenance: [freeze], sources: [source()], flows: [flow({ expectations: [morning] })] })],
    [
      'the title of a partner',
      config({ sources: [source()], maintenance: [freeze], partners: [{ name: 'chuv', title: 'CHUV Lausanne' }] }),
    ],
    ['the team of a source', config({ maintenance: [freeze], sources: [source({ team: 'autre' })] })],
    ['the sources', config({ maintenance: [freeze], sources: [] })],
    ['planned work', config({ sources: [source()], maintenance: [{ ...freeze, done: '2026-12-03' }] })],
  ])('when %s changed', (_, changed) => {
    expect(catalogSubject(changed).fingerprint).not.toBe(before);
  });

  test.each([
    ['how a source is read', config({ maintenance: [freeze], sources: [source({ interval: 5000, options: { driver: 'sqlite' } })] })],
    ['a comment', config({ sources: [source()], maintenance: [freeze], sha: 'ba9876543210' })],
    [
      'a calendar that no flow follows',
      config({
        sources: [source()],
        maintenance: [freeze],
        calendars: { ...config().calendars, nuit: { timezone: 'UTC', open: { mon: '22:00-04:00' } } },
      }),
    ],
  ])('but not when %s changed', (_, changed) => {
    expect(catalogSubject(changed).fingerprint).toBe(before);
  });
});
