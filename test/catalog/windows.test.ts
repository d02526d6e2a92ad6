// Opening hours as series: what is exported, and when it changes.

import { HolidayBook } from '../../src/sources/holidays.js';
import { Windows } from '../../src/catalog/windows.js';
import type { Config } from '../../src/config/model.js';
import { intended } from '../../src/conventions.js';
import { config, faults, flow, written } from './fixtures.js';

const SIGNAL = new AbortController().signal;
const CALENDARS = {
  'bureau-ch': { timezone: 'Europe/Zurich', open: { 'mon-fri': '07:00-19:00' }, holidays: ['CH-VD', '2026-12-24'] },
  matin: { timezone: 'Europe/Zurich', open: { 'mon-fri': '08:00-12:00' } },
};

function windows(part: Partial<Config> = {}, book = new HolidayBook()): Windows {
  return new Windows(config({ calendars: CALENDARS, ...part }), book);
}

function seconds(date: string): number {
  return Date.parse(date) / 1000;
}

test('EN2: whether a flow is open, since when and until when, in its calendar', async () => {
  const observations = await windows().at(Date.parse('2026-03-02T12:00Z'), SIGNAL);

  expect(written(observations)).toEqual([
    'flow_window_open{flow=factures-tge,env=prod,calendar=bureau-ch} 1',
    `flow_window_last_change_timestamp_seconds{flow=factures-tge,env=prod,calendar=bureau-ch} ${seconds('2026-03-02T06:00Z')}`,
    `flow_window_next_change_timestamp_seconds{flow=factures-tge,env=prod,calendar=bureau-ch} ${seconds('2026-03-02T18:00Z')}`,
  ]);
});

test('a flow without calendar is always open', async () => {
  const observations = await windows({ flows: [flow({ calendar: undefined })] }).at(Date.parse('2026-03-02T02:00Z'), SIGNAL);

  expect(written(observations)).toEqual([
    'flow_window_open{flow=factures-tge,env=prod} 1',
    'flow_window_last_change_timestamp_seconds{flow=factures-tge,env=prod} 0',
    'flow_window_next_change_timestamp_seconds{flow=factures-tge,env=prod} Infinity',
  ]);
});

test('EN2: the calendar of the environment holds in it', async () => {
  const environments = [
    { name: 'prod', title: 'Production', production: true, calendar: undefined },
    { name: 'recette', title: 'Recette', production: false, calendar: 'matin' },
  ];

  const observations = await windows({ environments, flows: [flow({ environments: ['prod', 'recette'] })] }).at(
    Date.parse('2026-03-02T14:00Z'),
    SIGNAL,
  );

  expect(written(observations, intended.windowOpen.name)).toEqual([
    'flow_window_open{flow=factures-tge,env=prod,calendar=bureau-ch} 1',
    'flow_window_open{flow=factures-tge,env=recette,calendar=matin} 0',
  ]);
  expect(faults(observations)).toEqual([]);
});

test.each([
  ['the monday of the Federal Fast in Vaud', '2026-09-18T17:00Z', '2026-09-22T05:00Z'],
  ['Christmas and the day before, named as a date', '2026-12-23T18:00Z', '2026-12-28T06:00Z'],
  ['the turn of the year, with the 2nd of January', '2026-12-31T18:00Z', '2027-01-04T06:00Z'],
])('EN2: holidays close: %s', async (_, closing, opening) => {
  const observations = await windows().at(Date.parse(closing), SIGNAL);

  expect(observations.map(({ value }) => value)).toEqual([0, seconds(closing), seconds(opening)]);
});

test('the array is the same one until a window opens or closes', async () => {
  const office = windows();
  const opening = Date.parse('2026-03-02T06:00Z');

  const before = [
    await office.at(opening - 7_200_000, SIGNAL),
    await office.at(opening - 3_600_001, SIGNAL),
    await office.at(opening - 1, SIGNAL),
  ];
  const after = [await office.at(opening, SIGNAL), await office.at(opening + 1000, SIGNAL)];

  expect([before[1] === before[0], before[2] === before[0], after[1] === after[0]]).toEqual([true, true, true]);
  expect([before[0]?.[0]?.value, after[0]?.[0]?.value]).toEqual([0, 1]);
});

test('a clock that is set back is followed', async () => {
  const office = windows();
  await office.at(Date.parse('2026-03-02T07:00Z'), SIGNAL);

  const earlier = await office.at(Date.parse('2026-03-02T05:00Z'), SIGNAL);

  expect(earlier.map(({ value }) => value)).toEqual([0, seconds('2026-02-27T18:00Z'), seconds('2026-03-02T06:00Z')]);
});

test('holidays are computed again when the year changes', async () => {
  const office = windows();
  await office.at(Date.parse('2026-12-31T12:00Z'), SIGNAL);

  const twoYearsOn = await office.at(Date.parse('2028-12-25T12:00Z'), SIGNAL);

  expect(twoYearsOn.map(({ value }) => value)).toEqual([0, seconds('2028-12-22T18:00Z'), seconds('2028-12-26T06:00Z')]);
});

test('where holidays cannot be computed nothing is told, also not what was true before', async () => {
  const office = windows();
  await office.at(Date.parse('2026-12-31T12:00Z'), SIGNAL);

  const failing = office.at(Date.parse('2027-01-01T00:00Z'), AbortSignal.abort());

  await expect(failing).rejects.toThrow('the public holidays of CH-VD could not be computed');
});

test('ten thousand flows share a few calendars', async () => {
  const flows = Array.from({ length: 10_000 }, (_, index) => flow({ name: `flow-${index}`, calendar: index % 2 ? 'matin' : 'bureau-ch' }));
  const many = windows({ flows });
  await many.at(Date.parse('2026-03-02T05:00Z'), SIGNAL);

  const observations = await many.at(Date.parse('2026-03-02T06:00Z'), SIGNAL);

  expect(observations).toHaveLength(30_000);
});
