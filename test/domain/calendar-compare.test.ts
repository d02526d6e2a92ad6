// Test environments are never open longer than production.

import { holidaysWanted, widerThan, type CalendarDeclaration } from '../../src/domain/calendar.js';

const NOW = Date.parse('2026-03-02T08:00Z');
const production: CalendarDeclaration = { timezone: 'Europe/Zurich', open: { 'mon-fri': '07:00-19:00' } };

function wider(
  inner: Partial<CalendarDeclaration>,
  outer: Partial<CalendarDeclaration> = {},
  holidays: Readonly<Record<string, readonly string[]>> = {},
): string | undefined {
  return widerThan({ ...production, ...inner }, { ...production, ...outer }, new Map(Object.entries(holidays)), NOW);
}

function wanted(inner: Partial<CalendarDeclaration>, outer: Partial<CalendarDeclaration>) {
  return holidaysWanted({ ...production, ...inner }, { ...production, ...outer }, NOW);
}

function closedOn(date: string): Partial<CalendarDeclaration> {
  return { holidays: ['CH-VD'], exceptions: { [date]: 'closed' } };
}

describe('EN2: hours of the week', () => {
  test.each([
    ['the same hours', { 'mon-fri': '07:00-19:00' }],
    ['fewer hours', { 'tue,thu': ['08:00-10:00', '14:00-19:00'] }],
    ['the same hours in pieces', { 'mon-fri': ['07:00-12:00', '12:00-19:00'] }],
  ])('%s are not wider', (_, open) => {
    expect(wider({ open })).toBeUndefined();
  });

  test.each([
    ['another day', { 'mon-fri': '07:00-19:00', sat: '07:00-12:00' }, 'open sat 07:00-12:00, production is closed then'],
    ['an earlier opening', { 'mon-fri': '06:30-19:00' }, 'open mon 06:30-07:00, production is closed then'],
    ['a later closing', { wed: '07:00-20:00' }, 'open wed 19:00-20:00, production is closed then'],
    ['a night', { sun: '22:00-04:00' }, 'open sun 22:00-24:00, production is closed then'],
    ['the whole week', { 'mon-sun': '00:00-24:00' }, 'open mon 00:00-07:00, production is closed then'],
  ])('%s is wider', (_, open, message) => {
    expect(wider({ open })).toBe(message);
  });

  test('a night that production begins on sunday covers monday morning', () => {
    expect(wider({ open: { mon: '01:00-03:00' } }, { open: { sun: '22:00-04:00' } })).toBeUndefined();
  });
});

describe('EN2: time zones', () => {
  test('zones with the same clock are compared like one', () => {
    expect(wider({ timezone: 'Europe/Paris' })).toBeUndefined();
  });

  test('hours that fit in winter but not in summer are wider', () => {
    const fitsBoth = wider({ timezone: 'UTC', open: { 'mon-fri': '06:00-17:00' } });
    const fitsWinter = wider({ timezone: 'UTC', open: { 'mon-fri': '06:00-18:00' } });

    expect(fitsBoth).toBeUndefined();
    expect(fitsWinter).toBe('open mon 17:00-18:00 (UTC), production is closed then');
  });

  test('the weeks between two changes of the clock count', () => {
    // New York is six hours behind Zurich, but five for three weeks in spring and one in autumn.
    const sixHoursBehind = { timezone: 'America/New_York', open: { 'mon-fri': '01:00-13:00' } };

    expect(wider(sixHoursBehind)).toBe('open mon 01:00-02:00 (America/New_York), production is closed then');
  });
});

describe('EN2: holidays and exceptions', () => {
  test('a region on whose holidays production is closed must close here too', () => {
    expect(wider({}, { holidays: ['CH-VD'] })).toBe('open on public holidays of CH-VD, production is closed then');
    expect(wider({ holidays: ['CH'] }, { holidays: ['CH-VD'] })).toBe('open on public holidays of CH-VD, production is closed then');
    expect(wider({ holidays: ['CH', 'CH-VD'] }, { holidays: ['CH-VD'] })).toBeUndefined();
  });

  test('a date on which production is closed is told, unless it is closed here too', () => {
    const closed = { holidays: ['2026-12-24'] };

    expect(wider({}, closed)).toBe('open on 2026-12-24 07:00-19:00, production is closed then');
    expect(wider({ exceptions: { '2026-12-24': 'closed' } }, closed)).toBeUndefined();
    expect(wider({ holidays: ['2026-12-24'] }, closed)).toBeUndefined();
  });

  test('a date is told where it is no public holiday here, and only then', () => {
    const holidays = { 'CH-VD': ['2026-12-25'] };

    expect(wider({ holidays: ['CH-VD'] }, closedOn('2026-12-25'), holidays)).toBeUndefined();
    expect(wider({ holidays: ['CH-VD'] }, closedOn('2026-12-24'), holidays)).toBe(
      'open on 2026-12-24 07:00-19:00, production is closed then',
    );
    expect(wider({ holidays: ['CH-VD'] }, { holidays: ['CH-VD'], exceptions: { '2026-12-31': '07:00-12:00' } }, holidays)).toBe(
      'open on 2026-12-31 12:00-19:00, production is closed then',
    );
    expect(wider({ holidays: ['CH-VD'] }, { holidays: ['2026-12-24'] }, { 'CH-VD': ['2026-12-24'] })).toBeUndefined();
  });

  test('an exception that opens on a public holiday of production is told', () => {
    const inner = { holidays: ['CH-VD'], exceptions: { '2026-12-25': '08:00-10:00' } };

    expect(wider(inner, { holidays: ['CH-VD'] }, { 'CH-VD': ['2026-12-25'] })).toBe(
      'open on 2026-12-25 08:00-10:00, production is closed then',
    );
  });

  test('the night after a date on which production stays closed is told', () => {
    const night = { open: { 'mon-sun': '22:00-04:00' }, holidays: ['2026-12-01'] };
    const closed = { 'mon-sun': '00:00-04:00' };

    expect(wider({ open: closed, holidays: ['2026-12-01'] }, night)).toBe('open on 2026-12-02 00:00-04:00, production is closed then');
    expect(wider({ open: closed, holidays: ['2026-12-01', '2026-12-02'] }, night)).toBeUndefined();
    expect(wider({ open: closed, holidays: ['CH'] }, { ...night, holidays: ['CH'] }, { CH: ['2026-08-01'] })).toBe(
      'open on 2026-08-02 00:00-04:00, production is closed then',
    );
  });

  test('a night that runs into a public holiday is told where production does not open on it', () => {
    const pieces = { open: { 'mon-sun': ['00:00-04:00', '22:00-24:00'] }, holidays: ['CH'] };
    const night = { open: { 'mon-sun': '22:00-04:00' }, holidays: ['CH'] };

    expect(wider(night, pieces, { CH: ['2026-08-01'] })).toBe('open on 2026-08-01 00:00-04:00, production is closed then');
    expect(wanted(night, pieces)?.regions).toEqual(['CH']);
  });

  test('the date that it is in the zone of production counts', () => {
    // From 18:00 on the eve in New York, it is the next day in Zurich.
    const evening = { timezone: 'America/New_York', open: { 'mon-sun': '18:30-22:00' } };
    const always = { open: { 'mon-sun': '00:00-24:00' }, holidays: ['2026-12-01'] };

    expect(wider({ ...evening, holidays: ['2026-12-01'] }, always)).toBe(
      'open on 2026-11-30 18:30-22:00 (America/New_York), production is closed then',
    );
    expect(wider({ ...evening, holidays: ['2026-11-30', '2026-12-01'] }, always)).toBeUndefined();
  });

  test('longer hours on a single date are told', () => {
    const exceptions = { '2026-12-26': '07:00-12:00' };

    expect(wider({ exceptions })).toBe('open on 2026-12-26 07:00-12:00, production is closed then');
    expect(wider({ exceptions }, { exceptions: { '2026-12-26': '06:00-12:00' } })).toBeUndefined();
  });
});

describe('EN2: public holidays are only asked for where they decide', () => {
  const region = { holidays: ['CH-VD'] };

  test.each([
    ['no region', {}, { holidays: ['2026-12-24'] }],
    ['the same regions and dates', { holidays: ['CH-VD', '2026-12-24'] }, { holidays: ['CH-VD', '2026-12-24'] }],
    ['it is wider in any week', { ...region, open: { sat: '07:00-12:00' } }, { holidays: ['CH-VD', '2026-12-24'] }],
    [
      'an exception that both name',
      { ...region, exceptions: { '2026-12-24': '08:00-12:00' } },
      { ...region, exceptions: { '2026-12-24': '07:00-12:00' } },
    ],
    ['shorter hours on a date', { ...region, exceptions: { '2026-12-24': 'closed' } }, region],
  ])('not with %s', (_, inner, outer) => {
    expect(wanted(inner, outer)).toBeUndefined();
  });

  test.each([
    ['a date that may be one', region, { holidays: ['2030-01-01'] }, [2025, 2026, 2027, 2028, 2029, 2030]],
    ['an exception that may open on one', { ...region, exceptions: { '2026-12-24': '08:00-12:00' } }, region, [2025, 2026, 2027, 2028]],
    [
      'a night that one closes',
      { ...region, open: { mon: '23:00-24:00' } },
      { ...region, open: { mon: '22:00-04:00' } },
      [2025, 2026, 2027, 2028],
    ],
    ['another zone', { ...region, timezone: 'Europe/Paris' }, region, [2025, 2026, 2027, 2028]],
  ])('with %s', (_, inner, outer, years) => {
    expect(wanted(inner, outer)).toEqual({ regions: ['CH-VD'], years });
  });
});
