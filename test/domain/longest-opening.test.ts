// How long calendars stay open at most, in hours.

import { dayOf } from '../../src/domain/calendar-schedule.js';
import { longestOpening } from '../../src/domain/longest-opening.js';

const FIRST_DAY = dayOf('2026-12-01');

test.each([
  ['the longest of a day', { 'mon-fri': ['07:00-12:00', '13:00-19:00'] }, 6],
  ['of those of all days', { 'mon-thu': '07:00-19:00', fri: '07:00-15:00' }, 12],
  ['over midnight', { 'mon-fri': '22:00-04:00' }, 6],
  ['those that touch at midnight are one', { 'mon-fri': '00:00-24:00' }, 120],
  ['those that touch within a day are one', { mon: ['07:00-12:00', '12:00-19:00'] }, 12],
  ['those that touch after midnight are one', { mon: '22:00-04:00', tue: '04:00-10:00' }, 12],
  ['what never closes is as long as is looked', { 'mon-sun': '00:00-24:00' }, 400 * 24],
])('%s', (_what, open, hours) => {
  expect(longestOpening({ timezone: 'Europe/Zurich', open }, FIRST_DAY)).toBe(hours * 60);
});

test('exceptions count, and what lies in the past does not', () => {
  const open = { 'mon-fri': '07:00-19:00' };

  expect(longestOpening({ timezone: 'UTC', open, exceptions: { '2026-12-24': '06:00-22:00' } }, FIRST_DAY)).toBe(16 * 60);
  expect(longestOpening({ timezone: 'UTC', open, exceptions: { '2026-11-24': '06:00-22:00' } }, FIRST_DAY)).toBe(12 * 60);
});
