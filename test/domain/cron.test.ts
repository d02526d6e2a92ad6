// Cron expressions by the clock on the wall: which days are meant where both the day and the weekday are written.

import { readCron } from '../../src/domain/cron.js';

/** The first days of November 2026, a Sunday the 1st, at which it comes. */
function daysOf(expression: string, count: number): string[] {
  const reading = readCron(expression);
  if ('problem' in reading) throw new Error(reading.problem);
  const days: string[] = [];
  for (let minute = Date.UTC(2026, 9, 31, 12) / 60_000; days.length < count;) {
    minute = reading.value.after(minute) ?? Infinity;
    days.push(new Date(minute * 60_000).toISOString().slice(5, 10));
  }
  return days;
}

test.each([
  ['either of the two, where both are restricted', '0 6 5 * 1', ['11-02', '11-05', '11-09', '11-16']],
  ['the weekday alone, where each day is right', '0 6 * * 1', ['11-02', '11-09', '11-16', '11-23']],
  ['the day alone, where each weekday is right', '0 6 5 * *', ['11-05', '12-05', '01-05', '02-05']],
  ['both, where the day is a step', '0 6 */2 * 1', ['11-09', '11-23', '12-07', '12-21']],
  ['both, where the weekday is a step', '0 6 1-7 * */6', ['11-01', '11-07', '12-05', '12-06']],
])('crontab(5): %s', (_what, expression, days) => {
  expect(daysOf(expression, 4)).toEqual(days);
});

test('crontab(5): both are right backwards as well', () => {
  const reading = readCron('0 6 */2 * 1');
  const before = 'value' in reading ? reading.value.before(Date.UTC(2026, 10, 23) / 60_000) : undefined;

  expect(before).toBe(Date.UTC(2026, 10, 9, 6) / 60_000);
});
