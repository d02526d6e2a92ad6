// A process of its own that computes public holidays and ends: the rules of date-holidays take 40 MB that nobody need keep.
// Started by holidays.ts: `node holidays-process.js CH,CH-VD 2026,2027`; writes {"CH-VD": ["2026-01-01", …], …} to standard output.

import Holidays from 'date-holidays';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/**
 * The dates that the public holidays of a region close from midnight to midnight. Half holidays (the afternoon of 1 May in Solothurn)
 * close none; those of several days close each whole one.
 */
function datesOf(region: string, years: readonly number[]): string[] {
  const holidays = new Holidays(region);
  const dates = years
    .flatMap((year) => holidays.getHolidays(year))
    .filter(({ type, date }) => type === 'public' && date.slice(11, 19) === '00:00:00')
    .flatMap(({ date, start, end }) => {
      // A day on which the clock changes has 23 or 25 hours.
      const days = Math.floor((end.getTime() - start.getTime() + HOUR_MS) / DAY_MS);
      return Array.from({ length: days }, (_, index) => plusDays(date.slice(0, 10), index));
    });
  return [...new Set(dates)].toSorted();
}

function plusDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

const [regions = '', years = ''] = process.argv.slice(2);
const wanted = years.split(',').map(Number);
process.stdout.write(JSON.stringify(Object.fromEntries(regions.split(',').map((region) => [region, datesOf(region, wanted)]))));
