// Ten years, twelve zones, random windows: opening hours and deadlines are those that Luxon, another library of time zones, leads to.

import { calendarProblems, type CalendarDeclaration } from '../../src/domain/calendar.js';
import { compileCalendar } from '../../src/domain/calendar-windows.js';
import { compilePeriods, type Periods } from '../../src/domain/expectation-periods.js';
import { seededRandom } from './calendar-fixtures.js';
import { Oracle, type OraclePeriod, type Stretch } from './luxon-oracle.js';

const ZONES = [
  'UTC',
  'Europe/Zurich',
  'Europe/London',
  'America/New_York',
  'America/St_Johns',
  'America/Santiago',
  'America/Sao_Paulo',
  'Africa/Casablanca',
  'Asia/Tehran',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'Pacific/Apia',
];
const FROM = '2009-06-01';
const UNTIL = '2021-03-01';
const DAY = 86_400_000;
const FIRST = Date.parse('2010-01-01');
const TEN_YEARS = Date.parse('2020-01-01') - FIRST;
const HORIZON = 400 * DAY;
const LOOK_BACK = 365 * DAY;
/** Moments at which both opinions are asked, besides those around changes. */
const RANDOM_MOMENTS = 20;
const CHANGES = 20;

interface Sample {
  readonly declaration: CalendarDeclaration;
  readonly holidays: ReadonlySet<string>;
}

/** Windows at any time of the day, the small hours included, nights and several a day. */
function randomSample(zone: string, random: () => number): Sample {
  const within = (earliest: number, latest: number) => {
    const minute = earliest + Math.floor(random() * (latest - earliest + 1));
    // Clocks change at whole and half hours: windows that begin or end just then are to be among them.
    const half = Math.round(minute / 30) * 30;
    return time(random() < 0.5 && half >= earliest && half <= latest ? half : minute);
  };
  const hours = (): string | string[] => {
    const kind = random();
    if (kind < 0.1) return '00:00-24:00';
    if (kind < 0.35) return `${within(1200, 1439)}-${within(1, 300)}`;
    if (kind < 0.6) return [`${within(0, 150)}-${within(151, 400)}`, `${within(401, 800)}-${within(801, 1190)}`];
    return `${within(300, 700)}-${within(701, 1190)}`;
  };
  const date = () => new Date(FIRST + Math.floor(random() * (TEN_YEARS / DAY)) * DAY).toISOString().slice(0, 10);
  for (;;) {
    const open = Object.fromEntries(
      ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'].filter((day) => day === 'wed' || random() < 0.75).map((day) => [day, hours()]),
    );
    const exceptions = Object.fromEntries(Array.from({ length: 40 }, () => [date(), random() < 0.5 ? 'closed' : hours()]));
    const declaration = { timezone: zone, open, exceptions, holidays: [date(), date()] };
    if (calendarProblems(declaration).length === 0) return { declaration, holidays: new Set(Array.from({ length: 100 }, date)) };
  }
}

/** Just before, at and just after some of these, and at random moments. */
function moments(around: readonly number[], random: () => number): number[] {
  const within = around.filter((moment) => moment > FIRST && moment < FIRST + TEN_YEARS);
  const some = Array.from({ length: CHANGES }, () => within[Math.floor(random() * within.length)] ?? FIRST);
  const any = Array.from({ length: RANDOM_MOMENTS }, () => FIRST + Math.floor(random() * TEN_YEARS));
  return [...some.flatMap((moment) => [moment - 1, moment, moment + 1]), ...any];
}

function expectedWindows(stretches: readonly Stretch[], moment: number) {
  const changes = stretches.flatMap(({ from, until }) => [from, until]);
  const next = changes.findIndex((change) => change > moment);
  const change = changes[next] ?? Infinity;
  const last = changes[next - 1] ?? -Infinity;
  return {
    open: next % 2 === 1,
    next: change - moment <= HORIZON ? change : undefined,
    // At the horizon the one counts days and the other milliseconds.
    last: moment - last <= LOOK_BACK - 2 * DAY ? last : 'far',
  };
}

function expectedPeriods(periods: readonly OraclePeriod[], moment: number) {
  const next = periods.findIndex(({ start }) => start > moment);
  return { current: pick(periods[next - 1]), previous: pick(periods[next - 2]), until: periods[next]?.start };
}

function plain({ current, previous, until }: Periods) {
  return { current: pick(current), previous: pick(previous), until };
}

function pick(period: OraclePeriod | undefined) {
  return { start: period?.start, earliest: period?.earliest, deadline: period?.deadline };
}

function time(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
}

const monthly = (nth: number) => ({ kind: 'nth', nth, unit: 'working day', of: 'month' }) as const;

test('has twelve zones', () => {
  expect(new Set(ZONES).size).toBe(12);
});

describe.each(ZONES)('EN2, EN3: in %s, over ten years', (zone) => {
  const random = seededRandom(ZONES.indexOf(zone) + 1);
  const sample = randomSample(zone, random);
  const hours = { declaration: sample.declaration, holidayDates: sample.holidays };
  const oracle = new Oracle(sample.declaration, sample.holidays, FROM, UNTIL);
  const minute = (latest: number) => Math.floor(random() * latest);

  test('open or closed, since when and until when', () => {
    const stretches = oracle.stretches();
    const calendar = compileCalendar(sample.declaration, sample.holidays);
    const differences = moments(
      stretches.flatMap(({ from, until }) => [from, until]),
      random,
    ).flatMap((moment) => {
      const expected = expectedWindows(stretches, moment);
      const last = expected.last === 'far' ? 'far' : calendar.lastChange(moment);
      const found = { open: calendar.isOpen(moment), next: calendar.nextChange(moment), last };
      return JSON.stringify(found) === JSON.stringify(expected) ? [] : [{ moment: new Date(moment).toISOString(), found, expected }];
    });

    expect(differences).toEqual([]);
  });

  const early = minute(240);
  const late = 300 + minute(1139);
  const from = minute(1300);
  const until = from + 1 + minute(139);
  const nights = `${time(1380 + minute(59))}-${time(minute(120))}`;
  const [nightFrom = 0, nightUntil = 0] = nights.split('-').map((text) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3)));
  const nth = 1 + minute(5);
  const BY = { kind: 'by', from: undefined, earliest: undefined, days: { kind: 'open' } } as const;

  test.each([
    ['by a time in the small hours', { ...BY, deadline: early }, () => oracle.deadlines(oracle.workingDays(), early)],
    ['by a time of the day', { ...BY, deadline: late }, () => oracle.deadlines(oracle.workingDays(), late)],
    [
      'by a time on wednesdays and thursdays',
      { ...BY, deadline: late, days: { kind: 'weekdays', weekdays: [2, 3] } as const },
      () => oracle.deadlines(oracle.workingDays([3, 4]), late),
    ],
    ['between two times', { ...BY, earliest: from, deadline: until }, () => oracle.betweens(oracle.workingDays(), from, until)],
    [
      'between two times over midnight',
      { ...BY, earliest: nightFrom, deadline: nightUntil + 1440 },
      () => oracle.betweens(oracle.workingDays(), nightFrom, nightUntil + 1440),
    ],
    ['on the nth working day of the month', { ...BY, deadline: late, days: monthly(nth) }, () => oracle.monthly(nth, late)],
    ['on the nth last working day of the month', { ...BY, deadline: early, days: monthly(-nth) }, () => oracle.monthly(-nth, early)],
    [
      'by cron',
      { kind: 'cron', expression: `${early % 60} 2,9,17 * * 1-5`, seconds: 1800 } as const,
      () => oracle.crons([120 + (early % 60), 540 + (early % 60), 1020 + (early % 60)], [1, 2, 3, 4, 5], 1800),
    ],
  ])('%s', (_title, timing, written) => {
    const expected = written();
    const periods = compilePeriods(timing, hours);
    const differences = moments(
      expected.flatMap(({ start, deadline }) => [start, deadline]),
      random,
    ).flatMap((moment) => {
      const wanted = expectedPeriods(expected, moment);
      const found = plain(periods(moment));
      if (JSON.stringify(found) === JSON.stringify(wanted)) return [];
      return [{ moment: new Date(moment).toISOString(), found: dates(found), wanted: dates(wanted) }];
    });

    expect(differences).toEqual([]);
  });
});

/** As text, so that a difference can be read. */
function dates(value: unknown): string {
  return JSON.stringify(value, (_key, entry: unknown) =>
    typeof entry === 'number' && entry > 1e9 ? new Date(entry).toISOString() : entry,
  );
}
