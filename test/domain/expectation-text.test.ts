// What the texts of expectations mean, and what is said of those that mean nothing.

import { readBetween, readBy, readFrom } from '../../src/domain/expectation-text.js';

const NTH = { kind: 'nth' };

test.each([
  ['08:30', 510, { kind: 'open' }],
  ['24:00', 1440, { kind: 'open' }],
  ['08:30 on working days', 510, { kind: 'open' }],
  ['06:00 on mon,wed', 360, { kind: 'weekdays', weekdays: [0, 2] }],
  ['06:00 on mon-fri', 360, { kind: 'weekdays', weekdays: [0, 1, 2, 3, 4] }],
  ['06:00 on fri-mon', 360, { kind: 'weekdays', weekdays: [0, 4, 5, 6] }],
  ['06:00 on Mondays', 360, { kind: 'weekdays', weekdays: [0] }],
  ['18:00 on the last working day of the month', 1080, { ...NTH, nth: -1, unit: 'working day', of: 'month' }],
  ['18:00 on the 2nd last working day of each month', 1080, { ...NTH, nth: -2, unit: 'working day', of: 'month' }],
  ['12:00 on the 3rd working day of the quarter', 720, { ...NTH, nth: 3, unit: 'working day', of: 'quarter' }],
  ['12:00 on the first monday of the month', 720, { ...NTH, nth: 1, unit: 0, of: 'month' }],
  ['12:00 the 15th day of the month', 720, { ...NTH, nth: 15, unit: 'day', of: 'month' }],
  ['12:00 on the 15th of the month', 720, { ...NTH, nth: 15, unit: 'day', of: 'month' }],
  ['12:00 on the last day of the year', 720, { ...NTH, nth: -1, unit: 'day', of: 'year' }],
])('EN3: by: "%s"', (text, deadline, days) => {
  expect(readBy(text)).toEqual({ value: { deadline, days } });
});

test.each([
  ['06:00-08:30', 360, 510, { kind: 'open' }],
  ['22:00-00:30', 1320, 1470, { kind: 'open' }],
  ['22:00-00:30 on sun-thu', 1320, 1470, { kind: 'weekdays', weekdays: [0, 1, 2, 3, 6] }],
])('EN3: between: "%s"', (text, earliest, deadline, days) => {
  expect(readBetween(text)).toEqual({ value: { earliest, deadline, days } });
});

const EXAMPLES =
  'write e.g. "mon-fri", "mon,wed", "the last working day of the month", "the 3rd working day of the quarter", "the 15th day of the month" or "the first monday of the month"';

test.each([
  ['8:30', '"8:30": times are HH:MM: write "08:30"'],
  [
    '18h on the last working day of the month',
    '"18h on the last working day of the month": times are HH:MM: write "18:00 on the last working day of the month"',
  ],
  ['the 15th day of the month', '"the 15th day of the month" names no time: write "18:00 on the 15th day of the month"'],
  ['on mon,wed', '"on mon,wed" names no time: write "18:00 on mon,wed"'],
  [
    '25:00',
    '"25:00" begins with no time: must be HH:MM within a day of 24 hours, and days if need be, e.g. "08:30" or "18:00 on the last working day of the month"',
  ],
  ['12:00 on the last moonday of the month', `"the last moonday of the month" says no days: ${EXAMPLES}`],
  ['sat 08:30', '"sat 08:30": the time comes first: write "08:30 on sat"'],
  ['12:00 tomorrow', `"tomorrow" says no days: ${EXAMPLES}`],
  ['12:00 on mon,mon', '"mon,mon" names mon twice'],
  ['12:00 on mon,wen', 'no day "wen" (there is: mon, tue, wed, thu, fri, sat, sun; ranges: mon-fri; lists: "sat,sun")'],
  [
    '12:00 on the 32nd day of the month',
    '"the 32nd day of the month": there are from 1 to 31 such days in a month; the last one is "the last day of the month"',
  ],
  [
    '12:00 on the 0th working day of the year',
    '"the 0th working day of the year": there are from 1 to 262 such days in a year; the last one is "the last working day of the year"',
  ],
])('GM3: what is wrong with by: "%s" is said with what would be right', (text, problem) => {
  expect(readBy(text)).toEqual({ problem });
});

test.each([
  ['08:30', '"08:30" is one time and not two: write by: "08:30", or e.g. "06:00-08:30"'],
  ['6:00-8:30', '"6:00-8:30" must be HH:MM-HH:MM: write "06:00-08:30"'],
  ['06:00 - 08:00', '"06:00 - 08:00" must be HH:MM-HH:MM: write "06:00-08:00"'],
  ['6h – 8h30 on mon', '"6h – 8h30 on mon" must be HH:MM-HH:MM: write "06:00-08:30 on mon"'],
  [
    '06:00 - 25:00',
    '"06:00 - 25:00" must be HH:MM-HH:MM within a day of 24 hours, and days if need be, e.g. "06:00-08:30" or "06:00-08:30 on the last working day of the month"',
  ],
  ['08:30 tomorrow', '"08:30 tomorrow" is one time and not two: write e.g. "06:00-08:30"'],
  ['on sat at 22:00-04:00', '"on sat at 22:00-04:00": the time comes first: write "22:00-04:00 on sat"'],
  [
    'noon',
    '"noon" begins with no times: must be HH:MM-HH:MM within a day of 24 hours, and days if need be, e.g. "06:00-08:30" or "06:00-08:30 on the last working day of the month"',
  ],
  ['mon-fri', '"mon-fri" names no time: write "06:00-08:30 on mon-fri"'],
])('GM3: what is wrong with between: "%s"', (text, problem) => {
  expect(readBetween(text)).toEqual({ problem });
});

test('a time alone', () => {
  expect([readFrom('05:00'), readFrom('5:00')]).toEqual([{ value: 300 }, { problem: '"5:00": times are HH:MM: write "05:00"' }]);
});

test('a time alone takes no days, and none are suggested', () => {
  expect(readFrom('05:00 on mon')).toEqual({
    problem: '"05:00 on mon" is no time: must be HH:MM within a day of 24 hours, e.g. "05:00"',
  });
});
