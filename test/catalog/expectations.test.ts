// Expectations as series: which, for whom, and when they change.

import { expectedNumbers, ExpectedPeriods } from '../../src/catalog/expectations.js';
import type { Config } from '../../src/config/model.js';
import { intended } from '../../src/conventions.js';
import { HolidayBook } from '../../src/sources/holidays.js';
import { config, everyQuarter, faults, flow, morning, night, written } from './fixtures.js';

const SIGNAL = new AbortController().signal;
const CALENDARS = {
  'bureau-ch': { timezone: 'Europe/Zurich', open: { 'mon-fri': '07:00-19:00' }, holidays: ['CH-VD', '2026-12-24'] },
  matin: { timezone: 'Europe/Lisbon', open: { 'mon-fri': '08:00-12:00' } },
};

function periods(part: Partial<Config> = {}): ExpectedPeriods {
  return new ExpectedPeriods(config({ calendars: CALENDARS, flows: [flow({ expectations: [morning] })], ...part }), new HolidayBook());
}

async function at(expected: ExpectedPeriods, moment: string, name?: string): Promise<string[]> {
  const observations = [...(await expected.at(Date.parse(moment), SIGNAL))];
  expect(faults(observations)).toEqual([]);
  return written(observations, name);
}

function seconds(date: string): number {
  return Date.parse(date) / 1000;
}

test('GM3: start, deadline and warning of the period now and of the one before, for each partner', async () => {
  const found = await at(
    periods({ flows: [flow({ partners: ['chuv'], expectations: [{ ...morning, partners: ['chuv'] }] })] }),
    '2026-03-02T12:00Z',
  );

  const labels = 'flow=factures-tge,partner=chuv,env=prod,stage=received,expectation=received by 08:30';
  expect(found).toEqual([
    `flow_expectation_start_timestamp_seconds{${labels},period=current} ${seconds('2026-03-01T23:00Z')}`,
    `flow_expectation_deadline_timestamp_seconds{${labels},period=current} ${seconds('2026-03-02T07:30Z')}`,
    `flow_expectation_start_timestamp_seconds{${labels},period=previous} ${seconds('2026-02-26T23:00Z')}`,
    `flow_expectation_deadline_timestamp_seconds{${labels},period=previous} ${seconds('2026-02-27T07:30Z')}`,
    `flow_expectation_warning_timestamp_seconds{${labels}} ${seconds('2026-03-02T07:00Z')}`,
  ]);
});

test('EN3: the earliest time of what is expected between two, and a warning as the YAML says', async () => {
  const found = await at(periods({ flows: [flow({ expectations: [night] })] }), '2026-03-02T20:00Z');

  const labels = 'flow=factures-tge,partner=chuv,env=prod,stage=processed,expectation=nightly';
  expect(found).toContain(`flow_expectation_earliest_timestamp_seconds{${labels},period=current} ${seconds('2026-03-02T21:00Z')}`);
  expect(found).toContain(`flow_expectation_warning_timestamp_seconds{${labels}} ${seconds('2026-03-02T22:30Z')}`);
});

function place(partner: string, stage: string, name: string): string {
  return `flow=factures-tge,partner=${partner},env=prod,stage=${stage},expectation=${name}`;
}

test('GM3, EN3: how many, how often and how long do not change with time', () => {
  const found = written([...expectedNumbers(config({ flows: [flow({ expectations: [morning, night, everyQuarter] })] }))]);

  expect(found).toEqual([
    `flow_expectation_min_messages{${place('chuv', 'received', 'received by 08:30')}} 100`,
    `flow_expectation_max_messages{${place('chuv', 'received', 'received by 08:30')}} 5000`,
    `flow_expectation_min_messages{${place('hug', 'received', 'received by 08:30')}} 100`,
    `flow_expectation_max_messages{${place('hug', 'received', 'received by 08:30')}} 5000`,
    `flow_expectation_min_duration_seconds{${place('chuv', 'processed', 'nightly')},since=received} 1800`,
    `flow_expectation_max_duration_seconds{${place('chuv', 'processed', 'nightly')},since=received} 10800`,
    `flow_expectation_interval_seconds{${place('chuv', 'processed', 'processed every 15m')}} 900`,
    `flow_expectation_interval_seconds{${place('hug', 'processed', 'processed every 15m')}} 900`,
  ]);
});

test('EN2: the calendar of the environment holds in it', async () => {
  const environments = [
    { name: 'prod', title: 'Production', production: true, calendar: undefined },
    { name: 'recette', title: 'Recette', production: false, calendar: 'matin' },
  ];
  const found = await at(
    periods({ environments, flows: [flow({ environments: ['prod', 'recette'], expectations: [{ ...morning, partners: ['chuv'] }] })] }),
    '2026-03-02T12:00Z',
    intended.expectationDeadline.name,
  );

  expect(found.filter((line) => line.includes('period=current')).map((line) => line.replace(/^.*env=(\w+).* /, '$1 '))).toEqual([
    `prod ${seconds('2026-03-02T07:30Z')}`,
    `recette ${seconds('2026-03-02T08:30Z')}`,
  ]);
});

test('EN2: nothing is due on public holidays', async () => {
  const expected = periods({ flows: [flow({ partners: ['chuv'], expectations: [{ ...morning, partners: ['chuv'] }] })] });
  const found = await at(expected, '2027-01-03T12:00Z', intended.expectationDeadline.name);

  // The 1st of January is a Friday.
  expect(found.map((line) => Number(line.split(' ').at(-1)))).toEqual([seconds('2026-12-31T07:30Z'), seconds('2026-12-30T07:30Z')]);
});

test('the object is the same one until a period begins', async () => {
  const expected = periods();
  const look = (moment: string) => expected.at(Date.parse(moment), SIGNAL);

  const evening = await look('2026-03-02T12:00Z');
  const night2 = await look('2026-03-02T22:59:59.999Z');
  const midnight = await look('2026-03-02T23:00Z');

  expect([night2 === evening, midnight === evening]).toEqual([true, false]);
  expect([...night2].length).toBe([...midnight].length);
});

test('a clock that is set back is followed', async () => {
  const expected = periods();
  await expected.at(Date.parse('2026-03-03T12:00Z'), SIGNAL);

  const [, deadline] = await at(expected, '2026-03-02T12:00Z');

  expect(deadline).toContain(` ${seconds('2026-03-02T07:30Z')}`);
});

test('where holidays cannot be computed nothing is told', async () => {
  await expect(periods().at(Date.parse('2026-03-03T12:00Z'), AbortSignal.abort())).rejects.toThrow(
    'the public holidays of CH-VD could not be computed',
  );
});

test('ten thousand flows with three partners: what is known of a period is computed when it begins, and not again', async () => {
  const partners = ['chuv', 'hug', 'hirslanden'];
  const flows = Array.from({ length: 10_000 }, (_, index) => {
    const { timing } = morning;
    const deadline = 360 + (index % 300);
    const own = { ...morning, partners, timing: timing?.kind === 'by' ? { ...timing, deadline } : timing };
    return flow({ name: `flow-${index}`, partners, expectations: [own], calendar: index % 2 ? 'matin' : 'bureau-ch' });
  });
  const many = periods({ flows });
  const first = await many.at(Date.parse('2026-03-02T12:00Z'), SIGNAL);

  const next = await many.at(Date.parse('2026-03-03T12:00Z'), SIGNAL);
  const again = await many.at(Date.parse('2026-03-03T12:00:01Z'), SIGNAL);

  expect([next === first, again === next, [...next].length]).toEqual([false, true, 150_000]);
});
