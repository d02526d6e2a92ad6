// Periods of expectations as moments: days, nights, holidays, ends of months, and both changes of the clock.

import { readBetween, readBy, readFrom } from '../../src/domain/expectation-text.js';
import { compilePeriods, warningOf, type OpeningHours, type Period, type PeriodTiming } from '../../src/domain/expectation-periods.js';
import type { CalendarDeclaration } from '../../src/domain/calendar-declaration.js';

const OFFICE: CalendarDeclaration = { timezone: 'Europe/Zurich', open: { 'mon-fri': '07:00-19:00' }, holidays: ['2026-12-24'] };
const NIGHT: CalendarDeclaration = { timezone: 'Europe/Zurich', open: { 'mon-fri': '22:00-04:00' } };

function hours(declaration: CalendarDeclaration, ...holidays: string[]): OpeningHours {
  return { declaration, holidayDates: new Set(holidays) };
}

function by(text: string, from?: string): PeriodTiming {
  return { kind: 'by', ...valueOf(readBy(text)), from: from === undefined ? undefined : valueOf(readFrom(from)), earliest: undefined };
}

function between(text: string): PeriodTiming {
  return { kind: 'by', ...valueOf(readBetween(text)), from: undefined };
}

function cron(expression: string, seconds: number): PeriodTiming {
  return { kind: 'cron', expression, seconds };
}

function valueOf<T>(reading: { readonly value: T } | { readonly problem: string }): T {
  if ('problem' in reading) throw new Error(reading.problem);
  return reading.value;
}

function iso(ms: number | undefined): string {
  return ms === undefined ? '-' : new Date(ms).toISOString().replace(/(?::00)?\.000Z$/, 'Z');
}

/** `start … deadline`, with `(earliest)` between them. */
function show(period: Period | undefined): string {
  if (!period) return 'none';
  return `${iso(period.start)} …${period.earliest === undefined ? '' : ` (${iso(period.earliest)})`} ${iso(period.deadline)}`;
}

function at(moment: string, timing: PeriodTiming, calendar?: OpeningHours): { current: string; previous: string; until: string } {
  const { current, previous, until } = compilePeriods(timing, calendar)(Date.parse(moment));
  return { current: show(current), previous: show(previous), until: until === Infinity ? 'never' : iso(until) };
}

describe('GM3: by a time on each day that opens', () => {
  test('the period of the day begins at midnight in the zone of the calendar and lasts until the next one begins', () => {
    expect(at('2026-03-03T10:00Z', by('08:30'), hours(OFFICE))).toEqual({
      current: '2026-03-02T23:00Z … 2026-03-03T07:30Z',
      previous: '2026-03-01T23:00Z … 2026-03-02T07:30Z',
      until: '2026-03-03T23:00Z',
    });
  });

  test('the weekend is passed over', () => {
    expect(at('2026-03-08T12:00Z', by('08:30'), hours(OFFICE))).toEqual({
      current: '2026-03-05T23:00Z … 2026-03-06T07:30Z',
      previous: '2026-03-04T23:00Z … 2026-03-05T07:30Z',
      until: '2026-03-08T23:00Z',
    });
  });

  test('EN2: nothing is expected on holidays, at the turn of the year', () => {
    const office = hours(OFFICE, '2026-12-25', '2027-01-01');

    expect(at('2027-01-02T12:00Z', by('08:30'), office)).toEqual({
      current: '2026-12-30T23:00Z … 2026-12-31T07:30Z',
      previous: '2026-12-29T23:00Z … 2026-12-30T07:30Z',
      until: '2027-01-03T23:00Z',
    });
    expect(at('2026-12-27T12:00Z', by('08:30'), office).current).toBe('2026-12-22T23:00Z … 2026-12-23T07:30Z');
  });

  test('an exception opens a day for it', () => {
    const office = hours({ ...OFFICE, exceptions: { '2026-03-07': '08:00-12:00', '2026-03-06': 'closed' } });

    expect(at('2026-03-08T12:00Z', by('08:30'), office)).toEqual({
      current: '2026-03-06T23:00Z … 2026-03-07T07:30Z',
      previous: '2026-03-04T23:00Z … 2026-03-05T07:30Z',
      until: '2026-03-08T23:00Z',
    });
  });

  test('at the very moment at which a period begins, it is the current one', () => {
    const periods = compilePeriods(by('08:30'), hours(OFFICE));

    const [before, after] = ['2026-03-02T22:59:59.999Z', '2026-03-02T23:00:00Z'].map((moment) => show(periods(Date.parse(moment)).current));

    expect([before, after]).toEqual(['2026-03-01T23:00Z … 2026-03-02T07:30Z', '2026-03-02T23:00Z … 2026-03-03T07:30Z']);
  });

  test('without a calendar each day counts, in UTC', () => {
    expect(at('2026-03-08T12:00Z', by('08:30'))).toEqual({
      current: '2026-03-08T00:00Z … 2026-03-08T08:30Z',
      previous: '2026-03-07T00:00Z … 2026-03-07T08:30Z',
      until: '2026-03-09T00:00Z',
    });
  });

  test('from: what comes before does not count; later than the deadline, it is on the day before', () => {
    expect(at('2026-03-03T10:00Z', by('08:30', '05:00'), hours(OFFICE)).current).toBe('2026-03-03T04:00Z … 2026-03-03T07:30Z');
    expect(at('2026-03-03T10:00Z', by('08:30', '20:00'), hours(OFFICE)).current).toBe('2026-03-02T19:00Z … 2026-03-03T07:30Z');
  });

  test('24:00 is the end of the day, 00:00 its beginning', () => {
    expect(at('2026-03-03T10:00Z', by('24:00')).current).toBe('2026-03-03T00:00Z … 2026-03-04T00:00Z');
    expect(at('2026-03-03T10:00Z', by('00:00')).current).toBe('2026-03-03T00:00Z … 2026-03-04T00:00Z');
  });

  test('on some weekdays, as far as they open', () => {
    expect(at('2026-03-05T12:00Z', by('06:00 on mon,wed'), hours(OFFICE, '2026-03-04')).current).toBe(
      '2026-03-01T23:00Z … 2026-03-02T05:00Z',
    );
  });

  test('a calendar that never opens expects nothing', () => {
    const closed = hours({ ...OFFICE, open: { mon: '07:00-08:00' }, exceptions: {} }, ...everyMonday('2024-01-01', 220));

    expect(at('2026-03-05T12:00Z', by('06:00'), closed)).toEqual({ current: 'none', previous: 'none', until: 'never' });
  });
});

describe('EN3: nights', () => {
  test('a deadline within a night belongs to the day on which the night began, and its period begins with the night', () => {
    // Saturday morning: the night of Friday.
    expect(at('2026-03-07T02:00Z', by('03:00'), hours(NIGHT))).toEqual({
      current: '2026-03-06T21:00Z … 2026-03-07T02:00Z',
      previous: '2026-03-05T21:00Z … 2026-03-06T02:00Z',
      until: '2026-03-09T21:00Z',
    });
  });

  test('one at the end of the night is still of the night', () => {
    expect(at('2026-03-07T02:00Z', by('04:00'), hours(NIGHT)).current).toBe('2026-03-06T21:00Z … 2026-03-07T03:00Z');
  });

  test('one in the evening has its period from the end of the night before on: what came in that night was for it', () => {
    expect(at('2026-03-05T21:30Z', by('23:00'), hours(NIGHT)).current).toBe('2026-03-05T03:00Z … 2026-03-05T22:00Z');
    expect(at('2026-03-09T21:30Z', by('23:00'), hours(NIGHT)).current).toBe('2026-03-08T23:00Z … 2026-03-09T22:00Z');
  });

  test('from within the night', () => {
    expect(at('2026-03-07T02:00Z', by('03:00', '23:00'), hours(NIGHT)).current).toBe('2026-03-06T22:00Z … 2026-03-07T02:00Z');
    expect(at('2026-03-07T02:00Z', by('03:00', '01:00'), hours(NIGHT)).current).toBe('2026-03-07T00:00Z … 2026-03-07T02:00Z');
  });

  test('a night that opens before a holiday goes on, one of the holiday does not open', () => {
    const holiday = hours(NIGHT, '2026-03-06');

    expect(at('2026-03-07T12:00Z', by('03:00'), holiday).current).toBe('2026-03-05T21:00Z … 2026-03-06T02:00Z');
  });

  test('between, over midnight', () => {
    expect(at('2026-03-06T12:00Z', between('22:00-00:30'), hours(NIGHT))).toEqual({
      current: '2026-03-06T10:15Z … (2026-03-06T21:00Z) 2026-03-06T23:30Z',
      previous: '2026-03-05T10:15Z … (2026-03-05T21:00Z) 2026-03-05T23:30Z',
      until: '2026-03-08T10:15Z',
    });
  });
});

describe('EN3: between two times', () => {
  test('a night whose midnight the clock jumps over is one all the same, and ends at the jump', () => {
    // In Santiago, 00:00 to 01:00 of the 7th of September 2014 was lost.
    const santiago = hours({ timezone: 'America/Santiago', open: { 'mon-sun': '08:00-20:00' } });

    expect(at('2014-09-07T12:00Z', between('23:22-00:47'), santiago).current).toContain('(2014-09-07T03:22Z) 2014-09-07T04:00Z');
  });

  test('a message nearer to the next period than to the last one counts for the next', () => {
    expect(at('2026-03-03T18:14Z', between('06:00-08:30'), hours(OFFICE))).toEqual({
      current: '2026-03-02T18:15Z … (2026-03-03T05:00Z) 2026-03-03T07:30Z',
      previous: '2026-02-28T18:15Z … (2026-03-02T05:00Z) 2026-03-02T07:30Z',
      until: '2026-03-03T18:15Z',
    });
  });
});

describe('GM3: one day in each month, quarter or year', () => {
  test('the last working day of the month: what comes since the month began counts', () => {
    expect(at('2026-05-20T12:00Z', by('18:00 on the last working day of the month'), hours(OFFICE))).toEqual({
      current: '2026-04-30T22:00Z … 2026-05-29T16:00Z',
      previous: '2026-03-31T22:00Z … 2026-04-30T16:00Z',
      until: '2026-05-31T22:00Z',
    });
  });

  test('holidays at the end of the year move the last working day', () => {
    const office = hours(OFFICE, '2026-12-25', '2026-12-28', '2026-12-29', '2026-12-30', '2026-12-31');

    expect(at('2026-12-20T12:00Z', by('18:00 on the last working day of the year'), office).current).toBe(
      '2025-12-31T23:00Z … 2026-12-23T17:00Z',
    );
  });

  test('from says from when on that day', () => {
    expect(at('2026-05-29T12:00Z', by('18:00 on the last working day of the month', '00:00'), hours(OFFICE)).current).toBe(
      '2026-05-28T22:00Z … 2026-05-29T16:00Z',
    );
  });

  test('the 3rd working day of the quarter, after New Year', () => {
    expect(at('2027-01-05T12:00Z', by('12:00 on the 3rd working day of the quarter'), hours(OFFICE, '2027-01-01')).current).toBe(
      '2026-12-31T23:00Z … 2027-01-06T11:00Z',
    );
  });

  test('the first monday of the month, the 2nd last working day', () => {
    expect(at('2026-03-02T12:00Z', by('12:00 on the first monday of the month')).current).toBe('2026-03-01T00:00Z … 2026-03-02T12:00Z');
    expect(at('2026-05-20T12:00Z', by('12:00 on the 2nd last working day of the month'), hours(OFFICE)).current).toBe(
      '2026-04-30T22:00Z … 2026-05-28T10:00Z',
    );
  });

  test('a day on which nothing opens moves to the next one that does, and the next period begins no sooner', () => {
    // The 31st of May 2026 is a Sunday.
    expect(at('2026-06-01T08:00Z', by('12:00 on the last day of the month'), hours(OFFICE))).toEqual({
      current: '2026-04-30T22:00Z … 2026-06-01T10:00Z',
      previous: '2026-03-31T22:00Z … 2026-04-30T10:00Z',
      until: '2026-06-01T10:00Z',
    });
  });

  test('months without such a day have no period', () => {
    expect(at('2026-04-15T12:00Z', by('12:00 on the 31st day of the month')).current).toBe('2026-03-01T00:00Z … 2026-03-31T12:00Z');
    expect(at('2026-03-15T12:00Z', by('12:00 on the 30th of the month')).previous).toBe('2026-01-01T00:00Z … 2026-01-30T12:00Z');
  });

  test('the 29th of February comes in leap years', () => {
    expect(at('2028-02-10T12:00Z', by('12:00 on the last day of the month')).current).toBe('2028-02-01T00:00Z … 2028-02-29T12:00Z');
  });
});

describe('EN3: cron', () => {
  test('each minute of days that open is found behind months that do not', () => {
    const summer = Array.from({ length: 100 }, (_, day) => new Date(Date.UTC(2026, 5, 1) + day * 86_400_000).toISOString().slice(0, 10));

    expect(at('2026-06-02T12:00Z', cron('* * * * *', 60), hours(OFFICE, ...summer))).toEqual({
      current: '2026-05-29T21:59Z … 2026-05-29T22:00Z',
      previous: '2026-05-29T21:58Z … 2026-05-29T21:59Z',
      until: '2026-09-08T22:00Z',
    });
  });

  test('each time begins a period, within which a message comes', () => {
    expect(at('2026-03-03T05:10Z', cron('0 6 * * 1-5', 1800), hours(OFFICE))).toEqual({
      current: '2026-03-03T05:00Z … 2026-03-03T05:30Z',
      previous: '2026-03-02T05:00Z … 2026-03-02T05:30Z',
      until: '2026-03-04T05:00Z',
    });
  });

  test('EN2: days on which nothing opens are left out', () => {
    expect(at('2026-03-08T12:00Z', cron('0 */6 * * *', 600), hours(OFFICE, '2026-03-09'))).toEqual({
      current: '2026-03-06T17:00Z … 2026-03-06T17:10Z',
      previous: '2026-03-06T11:00Z … 2026-03-06T11:10Z',
      until: '2026-03-09T23:00Z',
    });
  });

  test('times within a night are those of the night', () => {
    // Saturday 02:00 is of the night of Friday; Monday 02:00 is of no night.
    expect(at('2026-03-09T12:00Z', cron('0 2 * * *', 600), hours(NIGHT))).toEqual({
      current: '2026-03-07T01:00Z … 2026-03-07T01:10Z',
      previous: '2026-03-06T01:00Z … 2026-03-06T01:10Z',
      until: '2026-03-10T01:00Z',
    });
  });
});

describe('EN3: changes of the clock', () => {
  const zurich = hours({ timezone: 'Europe/Zurich', open: { 'mon-sun': '00:00-24:00' } });
  const newYork = hours({ timezone: 'America/New_York', open: { 'mon-sun': '00:00-24:00' } });
  const lordHowe = hours({ timezone: 'Australia/Lord_Howe', open: { 'mon-sun': '00:00-24:00' } });
  const santiago = hours({ timezone: 'America/Santiago', open: { 'mon-sun': '00:00-24:00' } });

  test.each([
    ['spring in Zurich: 08:30 comes an hour sooner', '2026-03-29T12:00Z', by('08:30'), zurich, '2026-03-28T23:00Z … 2026-03-29T06:30Z'],
    ['autumn in Zurich', '2026-10-25T12:00Z', by('08:30'), zurich, '2026-10-24T22:00Z … 2026-10-25T07:30Z'],
    [
      'a deadline that is skipped is the moment of the jump',
      '2026-03-29T12:00Z',
      by('02:30'),
      zurich,
      '2026-03-28T23:00Z … 2026-03-29T01:00Z',
    ],
    ['one that comes twice is the second', '2026-10-25T12:00Z', by('02:30'), zurich, '2026-10-24T22:00Z … 2026-10-25T01:30Z'],
    [
      'a beginning that comes twice is the first',
      '2026-10-25T12:00Z',
      by('08:30', '02:30'),
      zurich,
      '2026-10-25T00:30Z … 2026-10-25T07:30Z',
    ],
    ['spring in New York', '2026-03-08T20:00Z', by('02:30'), newYork, '2026-03-08T05:00Z … 2026-03-08T07:00Z'],
    ['autumn in New York', '2026-11-01T20:00Z', by('01:30'), newYork, '2026-11-01T04:00Z … 2026-11-01T06:30Z'],
    ['half an hour in Lord Howe, autumn', '2026-04-04T20:00Z', by('01:45'), lordHowe, '2026-04-04T13:00Z … 2026-04-04T15:15Z'],
    ['half an hour in Lord Howe, spring', '2026-10-03T20:00Z', by('02:15'), lordHowe, '2026-10-03T13:30Z … 2026-10-03T15:30Z'],
    ['a midnight that is skipped, in Santiago', '2026-09-06T12:00Z', by('08:30'), santiago, '2026-09-06T04:00Z … 2026-09-06T11:30Z'],
    ['cron at a time that is skipped', '2026-03-29T12:00Z', cron('30 2 * * *', 3600), zurich, '2026-03-29T01:00Z … 2026-03-29T02:00Z'],
    ['cron at a time that comes twice', '2026-10-25T12:00Z', cron('30 2 * * *', 3600), zurich, '2026-10-25T00:30Z … 2026-10-25T01:30Z'],
  ])('%s', (_, moment, timing, calendar, current) => {
    expect(at(moment, timing, calendar).current).toBe(current);
  });

  test('a night that the change makes longer', () => {
    const nights = hours({ timezone: 'Europe/Zurich', open: { 'mon-sun': '22:00-04:00' } });

    expect(at('2026-10-25T02:00Z', by('03:00'), nights).current).toBe('2026-10-24T20:00Z … 2026-10-25T02:00Z');
    expect(at('2026-03-29T02:00Z', by('03:00'), nights).current).toBe('2026-03-28T21:00Z … 2026-03-29T01:00Z');
  });

  test('several times of a cron expression that are skipped together are one', () => {
    expect(at('2026-03-29T01:05Z', cron('*/15 * * * *', 900), zurich)).toEqual({
      current: '2026-03-29T01:00Z … 2026-03-29T01:15Z',
      previous: '2026-03-29T00:45Z … 2026-03-29T01:00Z',
      until: '2026-03-29T01:15Z',
    });
  });

  test('two times that the clock jumps over are no period', () => {
    expect(at('2026-03-29T12:00Z', between('02:15-02:45'), zurich).current).toContain('2026-03-30');
  });

  test('the day that Samoa has lost', () => {
    const apia = hours({ timezone: 'Pacific/Apia', open: { 'mon-sun': '00:00-24:00' } });

    expect(at('2011-12-31T00:00Z', by('08:30'), apia)).toEqual({
      current: '2011-12-30T10:00Z … 2011-12-30T18:30Z',
      previous: '2011-12-29T10:00Z … 2011-12-29T18:30Z',
      until: '2011-12-31T10:00Z',
    });
  });
});

describe('the warning', () => {
  const period = { start: 0, deadline: 8 * 3_600_000, earliest: undefined };

  test('comes half an hour before the deadline, or after three quarters of a short period, or as the YAML says', () => {
    expect(warningOf(period, undefined)).toBe(7.5 * 3_600_000);
    expect(warningOf({ ...period, deadline: 3_600_000 }, undefined)).toBe(45 * 60_000);
    expect(warningOf(period, 3_600_000)).toBe(7 * 3_600_000);
  });

  test('never comes before the period begins', () => {
    expect(warningOf({ ...period, start: 1000 }, 9 * 3_600_000)).toBe(1000);
  });
});

test('the answer is the same object while it holds', () => {
  const periods = compilePeriods(by('08:30'), hours(OFFICE));

  const [first, later, next] = ['2026-03-03T10:00Z', '2026-03-03T22:59Z', '2026-03-03T23:00Z'].map((moment) => periods(Date.parse(moment)));

  expect([later === first, next === first]).toEqual([true, false]);
});

function everyMonday(from: string, count: number): string[] {
  return Array.from({ length: count }, (_, week) => new Date(Date.parse(from) + week * 7 * 86_400_000).toISOString().slice(0, 10));
}
