// What is wrong with a calendar is told with the place, the value and the mend.

import { calendarProblems, type CalendarDeclaration } from '../../src/domain/calendar.js';

/** The problems of a calendar that is right apart from what is given, as `open.mon: message`. */
function problems(part: Partial<CalendarDeclaration>): string[] {
  const declaration = { timezone: 'Europe/Zurich', open: { 'mon-fri': '07:00-19:00' }, ...part };
  return calendarProblems(declaration).map(({ path, message }) => `${path.join('.')}: ${message}`);
}

function problemsOfHours(hours: string | string[]): string[] {
  return problems({ open: { mon: hours } });
}

test('a calendar with everything a calendar can have has no problem', () => {
  const found = problems({
    timezone: 'America/Argentina/Buenos_Aires',
    open: { 'fri-mon': '00:00-24:00', 'tue,wed': ['07:00-12:00', '12:00-19:00'], thu: '22:00-00:00' },
    holidays: ['CH', 'CH-VD', 'DE-BY-A', '2028-02-29'],
    exceptions: { '2026-12-24': '07:00-12:00', '2026-12-26': 'closed', '2026-12-31': ['07:00-12:00', '22:00-04:00'] },
  });

  expect(found).toEqual([]);
});

describe('the time zone', () => {
  test.each(['UTC', 'Europe/Zurich', 'Asia/Kolkata', 'Asia/Kathmandu', 'US/Eastern', 'Etc/GMT+5'])('%s is accepted', (timezone) => {
    expect(problems({ timezone })).toEqual([]);
  });

  test.each([
    ['Europe/Zürich', 'no time zone "Europe/Zürich" (is it "Europe/Zurich"?)'],
    ['Zurich', 'no time zone "Zurich" (is it "Europe/Zurich"?)'],
    ['europe/zurich', 'no time zone "europe/zurich" (is it "Europe/Zurich"?)'],
    ['Helvetia', 'no time zone "Helvetia": must be an IANA time zone, e.g. Europe/Zurich'],
    ['+01:00', 'no time zone "+01:00": must be an IANA time zone, e.g. Europe/Zurich'],
    ['', 'no time zone "": must be an IANA time zone, e.g. Europe/Zurich'],
  ])('%s is refused', (timezone, message) => {
    expect(problems({ timezone })).toEqual([`timezone: ${message}`]);
  });
});

describe('the days', () => {
  const DAYS = '(there is: mon, tue, wed, thu, fri, sat, sun; ranges: mon-fri; lists: "sat,sun")';

  test.each([
    ['lun', `no day "lun" ${DAYS}`],
    ['Mon', 'no day "Mon" (is it "mon"?)'],
    ['monday', 'no day "monday" (is it "mon"?)'],
    ['Tues - Thurs', 'no day "Tues" (is it "tue-thu"?)'],
    ['money', `no day "money" ${DAYS}`],
    ['mon-vendredi', `no day "vendredi" ${DAYS}`],
    ['mon-wed-fri', '"mon-wed-fri" must be a day or a range of days, e.g. mon-fri'],
    ['mon-mon', '"mon-mon" begins and ends on the same day: write mon, or mon-sun for the whole week'],
    ['mon,', `no day "" ${DAYS}`],
    ['sat,fri-sun', '"sat,fri-sun" names sat twice'],
  ])('%s is refused', (key, message) => {
    expect(problems({ open: { [key]: '07:00-19:00' } })).toEqual([`open.${key}: ${message}`]);
  });

  test('a day in two keys is refused where it stands for the second time', () => {
    const found = problems({ open: { 'mon-sat': '07:00-19:00', 'sat,sun': '08:00-12:00' } });

    expect(found).toEqual(['open.sat,sun: sat is already in "mon-sat": name each day once']);
  });
});

describe('the hours', () => {
  test.each([
    ['7:00-19:00', '"7:00-19:00" must be HH:MM-HH:MM: write "07:00-19:00"'],
    ['07:00 - 19:00', '"07:00 - 19:00" must be HH:MM-HH:MM: write "07:00-19:00"'],
    ['7h30-19h', '"7h30-19h" must be HH:MM-HH:MM: write "07:30-19:00"'],
    ['7-19', '"7-19" must be HH:MM-HH:MM: write "07:00-19:00"'],
    ['07:00–19:00', '"07:00–19:00" must be HH:MM-HH:MM: write "07:00-19:00"'],
    ['07:00-25:00', '"07:00-25:00" must be HH:MM-HH:MM within a day of 24 hours, e.g. "07:00-19:00", "22:00-04:00" or "00:00-24:00"'],
    ['24:00-06:00', '"24:00-06:00" must be HH:MM-HH:MM within a day of 24 hours, e.g. "07:00-19:00", "22:00-04:00" or "00:00-24:00"'],
    ['07:60-19:00', '"07:60-19:00" must be HH:MM-HH:MM within a day of 24 hours, e.g. "07:00-19:00", "22:00-04:00" or "00:00-24:00"'],
    ['matin', '"matin" must be HH:MM-HH:MM within a day of 24 hours, e.g. "07:00-19:00", "22:00-04:00" or "00:00-24:00"'],
    ['closed', '"closed" is for exceptions: a day of the week that is closed is left out'],
    ['Closed', '"Closed" is for exceptions: a day of the week that is closed is left out'],
    ['07:00-07:00', '"07:00-07:00" begins and ends at the same time: write "00:00-24:00" for the whole day, or leave a closed day out'],
  ])('%s is refused', (hours, message) => {
    expect(problemsOfHours(hours)).toEqual([`open.mon: ${message}`]);
  });

  test('hours that overlap are refused at the later one; hours that touch are not', () => {
    const overlapping = problemsOfHours(['07:00-12:00', '11:30-19:00']);
    const touching = problemsOfHours(['07:00-12:00', '12:00-19:00']);

    expect(overlapping).toEqual(['open.mon.1: "11:30-19:00" overlaps "07:00-12:00": join them, or let one end before the other']);
    expect(touching).toEqual([]);
  });

  test('a night that runs into the next morning is refused; one that ends when it begins is not', () => {
    const overlapping = problems({ open: { sun: '22:00-08:00', mon: '07:00-19:00' } });
    const touching = problems({ open: { sun: '22:00-07:00', mon: '07:00-19:00' } });

    expect(overlapping).toEqual(['open.sun: "22:00-08:00" on sun runs into "07:00-19:00" on mon']);
    expect(touching).toEqual([]);
  });
});

describe('holidays and exceptions', () => {
  test.each([
    ['2026-02-30', '"2026-02-30" is no date: must be like 2026-12-24'],
    ['24.12.2026', '"24.12.2026" is no date: must be like 2026-12-24'],
    [
      'ch-vd',
      'no public holidays known for "ch-vd" (is it "CH-VD"?): must be a country or region like CH or CH-VD, or a date like 2026-12-24',
    ],
    [
      'FR-99',
      'no public holidays known for "FR-99" (there is: FR, FR-57, FR-67, FR-68, FR-BL, FR-GF, FR-GP, FR-MF, FR-MQ, FR-RE, …): must be a country or region like CH or CH-VD, or a date like 2026-12-24',
    ],
  ])('the holiday %s is refused', (holiday, message) => {
    expect(problems({ holidays: ['CH-VD', holiday] })).toEqual([`holidays.1: ${message}`]);
  });

  test.each([
    ['VD', ' (is it "CH-VD"?)'],
    ['zh', ' (is it "CH-ZH" or "NL-ZH"?)'],
    ['UK', ' (is it "GB"?)'],
    ['CHVD', ' (is it "CH-VD"?)'],
    ['QQ', ''],
    ['GER', ''],
  ])('the region %s is no country with another letter', (holiday, hint) => {
    const [message] = problems({ holidays: [holiday] });

    expect(message).toBe(
      `holidays.0: no public holidays known for "${holiday}"${hint}: must be a country or region like CH or CH-VD, or a date like 2026-12-24`,
    );
  });

  test('an exception that is meant to be closed is told how that is written', () => {
    const found = problems({ exceptions: { '2026-12-24': 'Closed', '2026-12-26': ['closed'], '2026-12-31': '07:00-07:00' } });

    expect(found).toEqual([
      'exceptions.2026-12-24: "Closed" is no hours: write closed',
      'exceptions.2026-12-26.0: "closed" is no hours: write closed, without a list',
      'exceptions.2026-12-31: "07:00-07:00" begins and ends at the same time: write "00:00-24:00" for the whole day, or closed',
    ]);
  });

  test('an exception needs a date that exists, and hours or "closed"', () => {
    const found = problems({ exceptions: { '2026-13-01': 'closed', '2026-12-24': 'fermé', '2026-12-31': ['8:00-12:00'] } });

    expect(found).toEqual([
      'exceptions.2026-13-01: "2026-13-01" is no date: must be like 2026-12-24',
      'exceptions.2026-12-24: "fermé" must be HH:MM-HH:MM within a day of 24 hours, e.g. "07:00-19:00", "22:00-04:00" or "00:00-24:00", or closed',
      'exceptions.2026-12-31.0: "8:00-12:00" must be HH:MM-HH:MM: write "08:00-12:00"',
    ]);
  });
});

test('all problems are told at once', () => {
  const found = calendarProblems({ timezone: 'Mars', open: { mo: '7:00-19:00' }, holidays: ['XX'], exceptions: { soon: 'open' } });

  expect(found.map(({ path }) => path.join('.'))).toEqual([
    'timezone',
    'open.mo',
    'open.mo',
    'holidays.0',
    'exceptions.soon',
    'exceptions.soon',
  ]);
});
