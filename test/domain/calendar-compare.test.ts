// Test environments are never open longer than production.

import { widerThan, type CalendarDeclaration } from '../../src/domain/calendar.js';

const NOW = Date.parse('2026-03-02T08:00Z');
const production: CalendarDeclaration = { timezone: 'Europe/Zurich', open: { 'mon-fri': '07:00-19:00' } };

function wider(inner: Partial<CalendarDeclaration>, outer: Partial<CalendarDeclaration> = {}): string | undefined {
  return widerThan({ ...production, ...inner }, { ...production, ...outer }, NOW);
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

  test('a date is not told where a public holiday may close it anyhow', () => {
    expect(wider({ holidays: ['CH-VD'] }, { holidays: ['CH-VD'], exceptions: { '2026-12-25': 'closed' } })).toBeUndefined();
  });

  test('longer hours on a single date are told', () => {
    const exceptions = { '2026-12-26': '07:00-12:00' };

    expect(wider({ exceptions })).toBe('open on 2026-12-26 07:00-12:00, production is closed then');
    expect(wider({ exceptions }, { exceptions: { '2026-12-26': '06:00-12:00' } })).toBeUndefined();
  });
});
