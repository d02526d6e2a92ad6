// Files that should be there each day, by the clock on the wall of the flow.

import type { DirectoryOptions, ExpectationOptions } from '../../../src/sources/exchanges/schema.js';
import { until } from '../../wait.js';
import { of, Rig, START } from './rig.js';

const METRICS = ['flow_expected_file_present', 'flow_expected_file_timestamp_seconds', 'flow_expected_file_due_timestamp_seconds'];

/** Monday, 2026-03-02, 09:00 in Zurich. */
function rig(expectation: Partial<ExpectationOptions> = {}, options: Partial<DirectoryOptions> = {}): Rig {
  const expect: ExpectationOptions[] = [{ file: String.raw`FACT_{yyyyMMdd}_\d+\.xml`, name: 'daily', ...expectation }];
  return new Rig({ directories: [{ path: '/in', flow: 'factures-tge', stage: 'received', partner: 'chuv', expect, ...options }] });
}

function seconds(time: string): number {
  return Date.parse(time) / 1000;
}

const daily = 'flow="factures-tge",partner="chuv",stage="received",file="daily"';

describe('an expected file', () => {
  test('is absent, then present with its time, and stays present for the day where it is taken away', async () => {
    const one = rig();
    one.store.put('/in/FACT_20260301_1.xml');
    const before = await one.look();
    one.store.put('/in/FACT_20260302_1.xml', { modified: START - 60 });
    const there = await one.look();
    one.store.files.clear();
    const taken = await one.look();
    await one.restart();
    const restarted = await one.look();
    await one.clock.advance(15 * 3_600_000);
    const nextDay = await one.look();

    const present = [`flow_expected_file_present{${daily}} 1`, `flow_expected_file_timestamp_seconds{${daily}} ${START - 60}`];
    expect(before).toContain(`flow_expected_file_present{${daily}} 0`);
    expect(of(before, ...METRICS)).toEqual([]);
    expect([of(there, ...METRICS), of(taken, ...METRICS), of(restarted, ...METRICS)]).toEqual([present, present, present]);
    expect(of(nextDay, ...METRICS)).toEqual([]);
  });

  test('is of the day of the flow: at 23:30 UTC it is tomorrow in Zurich already', async () => {
    const one = rig();
    one.store.put('/in/FACT_20260303_1.xml');

    await one.clock.advance(15.5 * 3_600_000);

    expect(of(await one.look(), 'flow_expected_file_present')).toHaveLength(1);
  });

  test.each([
    ['2026-03-28T06:00:00Z', '2026-03-28T07:30:00Z'],
    ['2026-03-29T06:00:00Z', '2026-03-29T06:30:00Z'],
    ['2026-10-25T06:00:00Z', '2026-10-25T07:30:00Z'],
  ])('is due by the clock on the wall, whatever summer time does: at %s, at %s', async (now, due) => {
    const one = rig({ by: '08:30', timezone: 'Europe/Zurich' }, { flow: 'cotisations', partner: 'caisse-avs' });
    one.clock.jump(Date.parse(now) - one.clock.now());

    expect(of(await one.look(), 'flow_expected_file_due_timestamp_seconds')).toEqual([
      `flow_expected_file_due_timestamp_seconds{flow="cotisations",partner="caisse-avs",stage="received",file="daily"} ${seconds(due)}`,
    ]);
  });

  test('is due on no day on which the flow is closed', async () => {
    const one = rig({ by: '08:30' });

    expect(of(await one.look(), 'flow_expected_file_due_timestamp_seconds')).toHaveLength(1);
    await one.clock.advance(4 * 86_400_000);
    expect(of(await one.look(), 'flow_expected_file_due_timestamp_seconds')).toEqual([]);
    await one.clock.advance(86_400_000);
    expect(of(await one.look(), 'flow_expected_file_due_timestamp_seconds')).toEqual([]);
  });

  test('has the date of yesterday, or of the working day before, where it says so', async () => {
    const yesterday = rig({ day: 'yesterday' });
    yesterday.store.put('/in/FACT_20260301_1.xml');
    const working = rig({ day: 'previous working day' });
    working.store.put('/in/FACT_20260227_1.xml');

    expect(of(await yesterday.look(), 'flow_expected_file_present')).toHaveLength(1);
    expect(of(await working.look(), 'flow_expected_file_present')).toHaveLength(1);
    // Monday, the 9th: the Friday before is closed.
    await working.clock.advance(7 * 86_400_000);
    working.store.put('/in/FACT_20260305_1.xml');
    expect(of(await working.look(), 'flow_expected_file_present')).toHaveLength(1);
  });

  test('knows the public holidays of the calendar; until they are known, nothing is said of it, and the rest all the same', async () => {
    const one = rig({ by: '08:30' });
    // A holiday in Vaud: the second of January.
    one.clock.jump(Date.parse('2026-01-02T08:00:00Z') - one.clock.now());
    one.calendars = { bureau: { timezone: 'Europe/Zurich', open: { 'mon-fri': '07:00-19:00' }, holidays: ['CH-VD'] } };
    const looking = one.look();
    await one.clock.advance(5_000);
    const early = await looking;

    const known = await until(async () => {
      const found = await one.look();
      return of(found, 'flow_backlog_messages').length === 0 && found.some((line) => line.startsWith('flow_expected')) ? found : undefined;
    }, 60_000);

    expect(early.some((line) => line.startsWith('flow_expected'))).toBe(false);
    expect(early.some((line) => line.startsWith('flow_backlog'))).toBe(true);
    expect(of(known, 'flow_expected_file_due_timestamp_seconds')).toEqual([]);
    await one.clock.advance(3 * 86_400_000);
    expect(of(await one.look(), 'flow_expected_file_due_timestamp_seconds')).toHaveLength(1);
  }, 90_000);

  test.each([
    ['{yyyy-MM-dd}', '2026-03-02'],
    ['{yyMMdd}', '260302'],
    ['{dd.MM.yyyy}', '02.03.2026'],
    ['{yyyyDDD}', '2026061'],
    [String.raw`\d{2}_{yyyy}_{MM}`, '17_2026_03'],
  ])('may be called %s: %s', async (file, name) => {
    const one = rig({ file });
    one.store.put(`/in/${name}`);
    one.store.put('/in/02x03x2026');

    expect(of(await one.look(), 'flow_expected_file_present')).toHaveLength(1);
  });

  test('has a series for each partner whose name is in it', async () => {
    const expected: ExpectationOptions[] = [{ file: '(?<partner>[a-z]+)_{yyyyMMdd}', name: 'daily' }];
    const one = new Rig({
      directories: [{ path: '/in', flow: 'factures-tge', stage: 'received', files: '(?<partner>[a-z]+)_.*', expect: expected }],
    });
    one.store.put('/in/hug_20260302', { modified: null });

    const found = await one.look();

    expect(found).toContain(`flow_expected_file_present{${daily}} 0`);
    expect(of(found, ...METRICS)).toEqual([
      `flow_expected_file_present{${daily.replace('chuv', 'hug')}} 1`,
      `flow_expected_file_timestamp_seconds{${daily.replace('chuv', 'hug')}} ${START}`,
    ]);
  });
});
