// Public holidays as the package date-holidays knows them, computed in a process of its own.

import { HolidayBook, publicHolidays } from '../../src/sources/holidays.js';

test('EN2: the public holidays of Vaud in 2026, with the monday of the Federal Fast', async () => {
  const holidays = await publicHolidays(['CH-VD'], [2026]);

  expect(holidays.get('CH-VD')).toEqual([
    '2026-01-01',
    '2026-01-02',
    '2026-04-03',
    '2026-04-05',
    '2026-04-06',
    '2026-05-14',
    '2026-05-24',
    '2026-05-25',
    '2026-08-01',
    '2026-09-20',
    '2026-09-21',
    '2026-12-25',
  ]);
});

test('each region has its own, over several years', async () => {
  const holidays = await publicHolidays(['CH-GE', 'CH-NE', 'FR'], [2026, 2027]);

  const has = (region: string, date: string) => holidays.get(region)?.includes(date);
  // The Fast of Geneva, the Republic of Neuchâtel, the 14th of July.
  expect([has('CH-GE', '2026-09-10'), has('CH-GE', '2027-09-09'), has('CH-NE', '2027-03-01'), has('FR', '2026-07-14')]).toEqual([
    true,
    true,
    true,
    true,
  ]);
  expect([has('CH-NE', '2026-09-10'), has('CH-GE', '2027-03-01'), has('FR', '2026-08-01')]).toEqual([false, false, false]);
});

test('half a holiday closes no day, and one of several days closes each whole one', async () => {
  const holidays = await publicHolidays(['CH-SO', 'RU'], [2026]);

  // The 1st of May begins at noon in Solothurn; Russia rests from the 2nd to the 6th of January.
  expect(holidays.get('CH-SO')).not.toContain('2026-05-01');
  expect(holidays.get('RU')).toEqual(expect.arrayContaining(['2026-01-02', '2026-01-03', '2026-01-04', '2026-01-05', '2026-01-06']));
});

test('no region needs no process', async () => {
  await expect(publicHolidays([], [2026], AbortSignal.abort())).resolves.toEqual(new Map());
});

test('a region that is not known fails aloud', async () => {
  await expect(publicHolidays(['CH', 'CH-XX'], [2026])).rejects.toMatchObject({
    phase: 'holidays',
    errorClass: 'internal',
    message: 'no public holidays are known for "CH-XX"',
  });
});

test('an abort ends it with an error that says what is missing', async () => {
  await expect(publicHolidays(['CH-VD'], [2026], AbortSignal.abort())).rejects.toMatchObject({
    phase: 'holidays',
    errorClass: 'timeout',
    message: 'the public holidays of CH-VD could not be computed',
  });
});

test('what was computed is remembered until the year changes', async () => {
  const book = new HolidayBook();
  const first = await book.around(2026, ['CH-VD']);

  // Nothing is computed again: an aborted signal would show.
  const second = await book.around(2026, ['CH-VD'], AbortSignal.abort());
  const nextYear = book.around(2027, ['CH-VD'], AbortSignal.abort());

  expect(second.get('CH-VD')).toBe(first.get('CH-VD'));
  await expect(nextYear).rejects.toThrow('could not be computed');
});

test('it knows last year, this one and the two to come', async () => {
  const holidays = (await new HolidayBook().around(2026, ['CH-VD'])).get('CH-VD');

  expect(['2024', '2025', '2026', '2027', '2028', '2029'].map((year) => holidays?.has(`${year}-12-25`))).toEqual([
    false,
    true,
    true,
    true,
    true,
    false,
  ]);
});
