// Opening hours as moments, over changes of the clock, nights, holidays and lost days.

import { compileCalendar, HORIZON_DAYS, type Calendar } from '../../src/domain/calendar-windows.js';
import type { CalendarDeclaration } from '../../src/domain/calendar.js';
import { naiveIsOpen, randomCalendar, seededRandom } from './calendar-fixtures.js';

const NO_HOLIDAYS: ReadonlySet<string> = new Set();
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

function calendar(
  timezone: string,
  open: CalendarDeclaration['open'],
  rest: Partial<CalendarDeclaration> = {},
  holidays = NO_HOLIDAYS,
): Calendar {
  return compileCalendar({ timezone, open, ...rest }, holidays);
}

/** The changes between two moments, as `2026-03-29T05:00Z open`. */
function changes(of: Calendar, from: string, until: string): string[] {
  const found: string[] = [];
  for (let at = of.nextChange(Date.parse(from)); at !== undefined && at < Date.parse(until); at = of.nextChange(at)) {
    found.push(`${new Date(at).toISOString().replace(':00.000', '')} ${of.isOpen(at) ? 'open' : 'closed'}`);
  }
  return found;
}

describe('a day at the office', () => {
  test('EN2: 07:00-19:00 is open from 07:00 on and no longer at 19:00', () => {
    const office = calendar('Europe/Zurich', { 'mon-fri': '07:00-19:00' });

    const states = ['05:59:59.999', '06:00:00.000', '17:59:59.999', '18:00:00.000'].map((time) =>
      office.isOpen(Date.parse(`2026-03-02T${time}Z`)),
    );

    expect(states).toEqual([false, true, true, false]);
  });

  test('the weekend passes between friday evening and monday morning', () => {
    const office = calendar('Europe/Zurich', { 'mon-fri': '07:00-19:00' });

    expect(changes(office, '2026-03-06T12:00Z', '2026-03-10T00:00Z')).toEqual([
      '2026-03-06T18:00Z closed',
      '2026-03-09T06:00Z open',
      '2026-03-09T18:00Z closed',
    ]);
  });

  test('several openings in one day leave the break between them closed', () => {
    const office = calendar('UTC', { mon: ['13:00-17:00', '08:00-12:00'] });

    expect(changes(office, '2026-03-02T00:00Z', '2026-03-03T00:00Z')).toEqual([
      '2026-03-02T08:00Z open',
      '2026-03-02T12:00Z closed',
      '2026-03-02T13:00Z open',
      '2026-03-02T17:00Z closed',
    ]);
  });

  test('a zone with an offset of three quarters of an hour', () => {
    const kathmandu = calendar('Asia/Kathmandu', { 'sun-fri': '10:00-17:00' });

    expect(changes(kathmandu, '2026-03-05T00:00Z', '2026-03-08T12:00Z')).toEqual([
      '2026-03-05T04:15Z open',
      '2026-03-05T11:15Z closed',
      '2026-03-06T04:15Z open',
      '2026-03-06T11:15Z closed',
      '2026-03-08T04:15Z open',
      '2026-03-08T11:15Z closed',
    ]);
  });
});

describe('windows that touch', () => {
  test('…-24:00 and 00:00-… are one window, without a change at midnight', () => {
    const weekend = calendar('Europe/Zurich', { fri: '18:00-24:00', 'sat,sun': '00:00-24:00', mon: '00:00-06:00' });

    expect(changes(weekend, '2026-03-05T00:00Z', '2026-03-11T00:00Z')).toEqual(['2026-03-06T17:00Z open', '2026-03-09T05:00Z closed']);
  });

  test('24 hours on every day never change', () => {
    const always = calendar('Europe/Zurich', { 'mon-sun': '00:00-24:00' });

    expect(always.isOpen(Date.parse('2026-03-29T01:00Z'))).toBe(true);
    expect(always.nextChange(Date.parse('2026-03-29T01:00Z'))).toBeUndefined();
  });

  test('22:00-00:00 ends at midnight, like 22:00-24:00', () => {
    const evening = calendar('UTC', { mon: '22:00-00:00' });

    expect(changes(evening, '2026-03-02T00:00Z', '2026-03-04T00:00Z')).toEqual(['2026-03-02T22:00Z open', '2026-03-03T00:00Z closed']);
  });
});

describe('changes of the clock', () => {
  test.each([
    ['Europe/Zurich', '2026-03-28T12:00Z', ['2026-03-29T05:00Z open', '2026-03-29T17:00Z closed'], '2026-03-29T20:00Z'],
    ['Europe/Zurich', '2026-10-24T20:00Z', ['2026-10-25T06:00Z open', '2026-10-25T18:00Z closed'], '2026-10-25T20:00Z'],
    ['Europe/Zurich', '2027-03-27T20:00Z', ['2027-03-28T05:00Z open', '2027-03-28T17:00Z closed'], '2027-03-28T20:00Z'],
    ['Europe/Zurich', '2027-10-30T20:00Z', ['2027-10-31T06:00Z open', '2027-10-31T18:00Z closed'], '2027-10-31T20:00Z'],
    ['America/New_York', '2026-03-08T05:00Z', ['2026-03-08T11:00Z open', '2026-03-08T23:00Z closed'], '2026-03-09T05:00Z'],
    ['America/New_York', '2026-11-01T05:00Z', ['2026-11-01T12:00Z open', '2026-11-02T00:00Z closed'], '2026-11-02T05:00Z'],
    ['Australia/Lord_Howe', '2026-04-04T12:00Z', ['2026-04-04T20:30Z open', '2026-04-05T08:30Z closed'], '2026-04-05T12:00Z'],
    ['Australia/Lord_Howe', '2026-10-03T12:00Z', ['2026-10-03T20:00Z open', '2026-10-04T08:00Z closed'], '2026-10-04T12:00Z'],
  ])('EN2: in %s after %s, 07:00-19:00 on a sunday is by the new clock', (zone, from, expected, until) => {
    const sunday = calendar(zone, { sun: '07:00-19:00' });

    const found = changes(sunday, from, until);

    expect(found).toEqual(expected);
  });

  test('a night in spring is an hour shorter, one in autumn an hour longer', () => {
    const night = calendar('Europe/Zurich', { 'mon-sun': '22:00-04:00' });

    const spring = changes(night, '2026-03-28T12:00Z', '2026-03-29T12:00Z');
    const autumn = changes(night, '2026-10-24T12:00Z', '2026-10-25T12:00Z');

    expect(spring).toEqual(['2026-03-28T21:00Z open', '2026-03-29T02:00Z closed']);
    expect(autumn).toEqual(['2026-10-24T20:00Z open', '2026-10-25T03:00Z closed']);
  });

  test.each([
    ['an opening at 02:30 moves to the jump', '02:30-05:00', ['2026-03-29T01:00Z open', '2026-03-29T03:00Z closed']],
    ['a closing at 02:30 moves to the jump', '01:00-02:30', ['2026-03-29T00:00Z open', '2026-03-29T01:00Z closed']],
    ['a window within the lost hour does not open', '02:15-02:45', []],
    ['hours on both sides of the lost one', '01:30-03:30', ['2026-03-29T00:30Z open', '2026-03-29T01:30Z closed']],
  ])('where 02:00 to 03:00 is lost: %s', (_, hours, expected) => {
    const sunday = calendar('Europe/Zurich', { sun: hours });

    expect(changes(sunday, '2026-03-28T12:00Z', '2026-03-29T12:00Z')).toEqual(expected);
  });

  test.each([
    ['it opens at the first 02:30', '02:30-05:00', ['2026-10-25T00:30Z open', '2026-10-25T04:00Z closed']],
    ['it closes at the last 02:30', '01:00-02:30', ['2026-10-24T23:00Z open', '2026-10-25T01:30Z closed']],
    ['a window within the repeated hour is open through both', '02:15-02:45', ['2026-10-25T00:15Z open', '2026-10-25T01:45Z closed']],
  ])('where 02:00 to 03:00 comes twice: %s', (_, hours, expected) => {
    const sunday = calendar('Europe/Zurich', { sun: hours });

    expect(changes(sunday, '2026-10-24T12:00Z', '2026-10-25T12:00Z')).toEqual(expected);
  });

  test.each([
    ['closes at the first 02:00', 'Europe/Zurich', { sat: '22:00-02:00' }, '2026-10-24T20:00Z', '2026-10-25T00:00Z'],
    ['closes at the first midnight', 'Atlantic/Azores', { sat: '00:00-24:00' }, '2025-10-25T00:00Z', '2025-10-26T00:00Z'],
    ['closes at the first 23:01', 'America/St_Johns', { sat: '12:00-23:01' }, '2010-11-06T14:30Z', '2010-11-07T01:31Z'],
    ['closes at the second 02:01', 'Europe/Zurich', { sat: '22:00-02:01' }, '2026-10-24T20:00Z', '2026-10-25T01:01Z'],
    ['closes at the only 03:00', 'Europe/Zurich', { sat: '22:00-03:00' }, '2026-10-24T20:00Z', '2026-10-25T02:00Z'],
  ])('EN2: only what shows a time of the window again keeps it open: one %s (%s)', (_, zone, open, opening, closing) => {
    const saturday = calendar(zone, open);

    const evening = new Date(Date.parse(closing) + 4 * HOUR).toISOString();

    const found = changes(saturday, new Date(Date.parse(opening) - HOUR).toISOString(), evening);

    expect(found).toEqual([`${opening} open`, `${closing} closed`]);
  });

  test('two windows that meet in the repeated hour are one', () => {
    const sunday = calendar('Europe/Zurich', { sun: ['01:00-02:15', '02:45-05:00'] });

    expect(changes(sunday, '2026-10-24T12:00Z', '2026-10-25T12:00Z')).toEqual(['2026-10-24T23:00Z open', '2026-10-25T04:00Z closed']);
  });

  test('where the clock falls back over midnight, the old day comes again and the new one is open through it', () => {
    const saturday = calendar('America/St_Johns', { sat: '23:30-24:00' });
    const sunday = calendar('America/St_Johns', { sun: '00:00-12:00' });

    // On 2010-11-07 at 00:01 the clock fell back to 23:01 of the 6th.
    expect(changes(saturday, '2010-11-06T12:00Z', '2010-11-08T00:00Z')).toEqual(['2010-11-07T02:00Z open', '2010-11-07T03:30Z closed']);
    expect(changes(sunday, '2010-11-06T12:00Z', '2010-11-08T00:00Z')).toEqual(['2010-11-07T02:30Z open', '2010-11-07T15:30Z closed']);
  });

  test('a day that a country skips does not open, and what closes on it closes at the jump', () => {
    const days = calendar('Pacific/Apia', { 'mon-sun': '08:00-16:00' });
    const nights = calendar('Pacific/Apia', { thu: '22:00-04:00' });

    // Samoa went from Thursday 2011-12-29 to Saturday 2011-12-31, at 10:00 UTC.
    expect(changes(days, '2011-12-29T12:00Z', '2011-12-31T12:00Z')).toEqual([
      '2011-12-29T18:00Z open',
      '2011-12-30T02:00Z closed',
      '2011-12-30T18:00Z open',
      '2011-12-31T02:00Z closed',
    ]);
    expect(changes(nights, '2011-12-29T12:00Z', '2012-01-01T00:00Z')).toEqual(['2011-12-30T08:00Z open', '2011-12-30T10:00Z closed']);
  });
});

describe('holidays and exceptions', () => {
  test('a holiday closes what opens on it, also after midnight, and leaves the night before whole', () => {
    const night = calendar('UTC', { 'mon-sun': '22:00-04:00' }, {}, new Set(['2026-12-25']));

    expect(changes(night, '2026-12-24T12:00Z', '2026-12-27T00:00Z')).toEqual([
      '2026-12-24T22:00Z open',
      '2026-12-25T04:00Z closed',
      '2026-12-26T22:00Z open',
    ]);
  });

  test('dates among the holidays close like public ones', () => {
    const office = calendar('UTC', { 'mon-fri': '07:00-19:00' }, { holidays: ['2026-12-24'] });

    expect(changes(office, '2026-12-23T20:00Z', '2026-12-25T12:00Z')).toEqual(['2026-12-25T07:00Z open']);
  });

  test('an exception wins over a holiday and over the weekday', () => {
    const exceptions = { '2026-12-24': '07:00-12:00', '2026-12-25': 'closed', '2026-12-26': ['08:00-09:00', '10:00-11:00'] };
    const office = calendar('UTC', { 'mon-fri': '07:00-19:00' }, { exceptions }, new Set(['2026-12-24', '2026-12-26']));

    expect(changes(office, '2026-12-24T00:00Z', '2026-12-28T00:00Z')).toEqual([
      '2026-12-24T07:00Z open',
      '2026-12-24T12:00Z closed',
      '2026-12-26T08:00Z open',
      '2026-12-26T09:00Z closed',
      '2026-12-26T10:00Z open',
      '2026-12-26T11:00Z closed',
    ]);
  });
});

describe('how far it looks', () => {
  test('a change 400 days ahead is told, a later one not yet', () => {
    const once = calendar('UTC', { mon: [] }, { exceptions: { '2027-06-01': '00:00-01:00' } });
    const opening = Date.parse('2027-06-01T00:00Z');

    const told = [opening - HORIZON_DAYS * DAY - 1, opening - HORIZON_DAYS * DAY, opening - 1].map((at) => once.nextChange(at));

    expect(told).toEqual([undefined, opening, opening]);
  });

  test('a calendar that is asked again answers as a new one would, also when time runs backwards', () => {
    const declaration = { timezone: 'Europe/Zurich', open: { 'mon-fri': '07:00-19:00' }, exceptions: { '2026-05-01': 'closed' } };
    const asked = compileCalendar(declaration, NO_HOLIDAYS);
    const random = seededRandom(7);

    for (let round = 0; round < 60; round++) {
      const at = Date.parse('2026-01-01T00:00Z') + Math.floor(random() * 300 * DAY);
      const fresh = compileCalendar(declaration, NO_HOLIDAYS);
      expect([asked.isOpen(at), asked.nextChange(at)]).toEqual([fresh.isOpen(at), fresh.nextChange(at)]);
    }
  });
});

describe('any calendar', () => {
  const SEEDS = Array.from({ length: 40 }, (_, seed) => seed);

  test.each(SEEDS)('changes exactly at nextChange and nowhere before (seed %i)', (seed) => {
    const random = seededRandom(seed);
    const { declaration, holidays } = randomCalendar(random);
    const compiled = compileCalendar(declaration, holidays);

    for (let round = 0; round < 6; round++) {
      const at = Date.parse('2026-01-01T00:00Z') + Math.floor(random() * 730 * DAY);
      const change = compiled.nextChange(at);
      const end = change ?? at + 14 * DAY;
      const state = compiled.isOpen(at);
      const between = Array.from({ length: 10 }, () => at + Math.floor(random() * (end - at)));

      expect(between.every((moment) => compileCalendar(declaration, holidays).isOpen(moment) === state)).toBe(true);
      if (change === undefined) continue;
      expect(change).toBeGreaterThan(at);
      expect([compiled.isOpen(change - 1), compiled.isOpen(change)]).toEqual([state, !state]);
    }
  });

  test.each(SEEDS)('is open when the clock on the wall says so (seed %i)', (seed) => {
    const random = seededRandom(seed + 1000);
    const { declaration, holidays } = randomCalendar(random);
    const compiled = compileCalendar(declaration, holidays);
    const naive = naiveIsOpen(declaration, holidays);

    for (let round = 0; round < 60; round++) {
      const at = Date.parse('2026-01-01T00:00Z') + Math.floor(random() * 730 * DAY);
      expect({ at: new Date(at), open: compiled.isOpen(at) }).toEqual({ at: new Date(at), open: naive(at) });
    }
  });
});
