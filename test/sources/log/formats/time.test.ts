// When a message was seen, by the account of its line.

import { Temporal } from 'temporal-polyfill';
import { PatternGuard, STOPPED } from '../../../../src/sources/log/patterns/guard.js';
import { DEFAULT_TIME_FIELDS, type LogOptions } from '../../../../src/sources/log/schema.js';
import { createLocalTimes } from '../../../../src/sources/log/formats/local-time.js';
import {
  createTimeParser,
  guessTime,
  judgeTime,
  timeFormatProblem,
  timezoneUse,
  type TimeFormat,
} from '../../../../src/sources/log/formats/time.js';
import { createZoneReader } from '../../../../src/sources/zone.js';
import { Rig } from '../rig.js';
import { Random } from './random.js';

type TimeOptions = NonNullable<LogOptions['time']>;

async function read(options: TimeOptions | undefined, fields: Record<string, unknown>): Promise<string | undefined> {
  const time = options ? ((await createTimeParser(options))(fields[options.field], Date.now()) ?? 'unreadable') : guessed(fields);
  return typeof time === 'number' ? new Date(time).toISOString() : time;
}

function guessed(fields: Record<string, unknown>): number | undefined {
  const [value] = DEFAULT_TIME_FIELDS.map((field) => fields[field]).filter((one) => one !== undefined);
  return guessTime(value);
}

describe('the time of a line', () => {
  test.each([
    [{ time: '2026-03-02T08:00:00Z' }, '2026-03-02T08:00:00.000Z'],
    [{ ts: '2026-03-02 09:00:00,250+0100' }, '2026-03-02T08:00:00.250Z'],
    [{ timestamp: '2026-03-02T09:00+01' }, '2026-03-02T08:00:00.000Z'],
    [{ '@timestamp': '2026-03-02T08:00:00.123456789Z' }, '2026-03-02T08:00:00.123Z'],
    [{ time: 1772438400 }, '2026-03-02T08:00:00.000Z'],
    [{ time: '1772438400.5' }, '2026-03-02T08:00:00.500Z'],
    [{ time: 1772438400500 }, '2026-03-02T08:00:00.500Z'],
    [{ time: '2026-03-02T08:00:00' }, undefined],
    [{ time: 'yesterday' }, undefined],
    [{}, undefined],
  ])('is taken from the usual fields, %j', async (fields, expected) => {
    const time = await read(undefined, fields);

    expect(time).toBe(expected);
  });

  test.each([
    [{ field: 'at' }, '2026-03-02T08:00:00Z', '2026-03-02T08:00:00.000Z'],
    [{ field: 'at', format: 'unix' }, 1772438400.5, '2026-03-02T08:00:00.500Z'],
    [{ field: 'at', format: 'unix_ms' }, '1772438400500', '2026-03-02T08:00:00.500Z'],
    [{ field: 'at', timezone: 'Europe/Zurich' }, '2026-03-02 09:00:00,5', '2026-03-02T08:00:00.500Z'],
    [{ field: 'at', timezone: 'Europe/Zurich' }, '2026-07-02 10:00:00', '2026-07-02T08:00:00.000Z'],
    [{ field: 'at', timezone: 'Europe/Zurich' }, '2026-03-02T08:00:00Z', '2026-03-02T08:00:00.000Z'],
    [{ field: 'at' }, '2026-03-02 09:00:00', 'unreadable'],
    [{ field: 'at', timezone: 'UTC' }, '2026-02-30 09:00:00', 'unreadable'],
    [{ field: 'at', format: 'unix' }, 'noon', 'unreadable'],
    [{ field: 'at' }, undefined, 'unreadable'],
  ] as const)('is read as the YAML says, %j from %j', async (options, at, expected) => {
    const time = await read(options, { at });

    expect(time).toBe(expected);
  });

  test.each([
    ['before the clock goes back', '2026-10-25 01:59:59', '2026-10-24T23:59:59.000Z'],
    ['in the hour that comes twice: the second one', '2026-10-25 02:30:00', '2026-10-25T01:30:00.000Z'],
    ['after it', '2026-10-25 03:00:00', '2026-10-25T02:00:00.000Z'],
    ['in the hour that is left out in spring', '2026-03-29 02:30:00', '2026-03-29T01:30:00.000Z'],
  ])('%s', async (_when, at, expected) => {
    const time = await read({ field: 'at', timezone: 'Europe/Zurich' }, { at });

    expect(time).toBe(expected);
  });
});

describe('a time in one of the usual fields', () => {
  test.each([
    ['seconds', 1772438400.25],
    ['milliseconds', 1772438400250],
    ['microseconds', '1772438400250000'],
    ['nanoseconds', '1772438400250000000'],
    ['ISO 8601', '2026-03-02T08:00:00.25Z'],
  ])('is guessed: %s', (_what, value) => {
    expect(guessTime(value)).toBe(Date.parse('2026-03-02T08:00:00.250Z'));
  });

  test.each([null, true, '', 'yesterday', '2026-03-02 08:00:00', {}])(
    'is none where it is no time, or one of an unknown zone: %j',
    (value) => {
      expect(guessTime(value)).toBeUndefined();
    },
  );
});

const NOW = Date.parse('2026-03-02T08:00:00Z');

async function parse(options: TimeFormat, value: unknown, now: number | string = NOW): Promise<string | undefined> {
  const parser = await createTimeParser(options);
  const time = parser(value, typeof now === 'string' ? Date.parse(now) : now);
  return time === undefined ? undefined : new Date(time).toISOString();
}

describe('a time in ISO 8601', () => {
  test('is read as the engine reads it, where that reads it at all', async () => {
    const random = new Random(6);
    const parser = await createTimeParser({ format: 'iso' });
    const two = (below: number) => String(random.below(below)).padStart(2, '0');
    for (let round = 0; round < 5000; round++) {
      const offset = random.below(2) === 0 ? 'Z' : `${'+-'[random.below(2)] ?? '+'}${two(26)}:${two(62)}`;
      const fraction = random.below(2) === 0 ? '' : `.${two(100)}${two(10)}`.slice(0, 2 + random.below(3));
      const text = `20${two(100)}-${two(14)}-${two(29)}T${two(24)}:${two(60)}:${two(60)}${fraction}${offset}`;

      const time = parser(text, NOW);

      expect([text, time]).toEqual([text, finite(Date.parse(text))]);
    }
  });

  test.each([
    ['a leap day', '2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z'],
    ['the leap day of 2000', '2000-02-29T12:00:00Z', '2000-02-29T12:00:00.000Z'],
    ['no leap day in 2100', '2100-02-29T12:00:00Z', undefined],
    ['no 31st of April', '2026-04-31T12:00:00Z', undefined],
    ['a leap second', '2016-12-31T23:59:60Z', '2017-01-01T00:00:00.000Z'],
    ['midnight as 24 hours', '2026-03-02T24:00:00Z', '2026-03-03T00:00:00.000Z'],
    ['no later than that', '2026-03-02T24:00:01Z', undefined],
    ['RFC 5424', '2003-08-24T05:14:15.000003-07:00', '2003-08-24T12:14:15.000Z'],
    ['small letters', '2026-03-02t08:00:00z', '2026-03-02T08:00:00.000Z'],
    ['a blank before the offset', '2026-03-02 08:00:00 +0000', '2026-03-02T08:00:00.000Z'],
    ['no tail', '2026-03-02T08:00:00Z.', undefined],
    ['no point without digits', '2026-03-02T08:00:00.Z', undefined],
    ['no 61st second', '2026-03-02T08:00:61Z', undefined],
    ['no letters for digits', '2026-03-0xT08:00:00Z', undefined],
    ['no date alone', '2026-03-02', undefined],
  ])('%s', async (_what, text, expected) => {
    expect(await parse({}, text)).toBe(expected);
  });

  test('keeps what it says below a millisecond', async () => {
    const parser = await createTimeParser({ timezone: 'Europe/Zurich' });

    expect(parser('2026-03-02 09:00:00.123456', NOW)).toBeCloseTo(NOW + 123.456, 3);
    expect(parser('2026-03-02T08:00:00.123456Z', NOW)).toBeCloseTo(NOW + 123.456, 3);
  });
});

describe('a Unix time', () => {
  test.each([
    ['unix', '1772438400.5', 1772438400500],
    ['unix_ms', 1772438400500, 1772438400500],
    ['unix_us', '1772438400500250', 1772438400500.25],
    ['unix_us', 'soon', undefined],
  ])('is of its unit: %s of %j', async (format, value, expected) => {
    const parser = await createTimeParser({ format });

    expect(parser(value, NOW)).toBe(expected);
  });
});

describe('a time of syslog, which has no year', () => {
  const zurich = { format: 'syslog', timezone: 'Europe/Zurich' };

  test.each([
    ['is of this year', 'Aug 19 02:14:38', '2026-08-20T00:00:00Z', '2026-08-19T00:14:38.000Z'],
    ['has a blank before a day of one digit', 'Mar  2 09:00:00', '2026-03-02T08:00:00Z', '2026-03-02T08:00:00.000Z'],
    ['may have a fraction', 'Mar  2 09:00:00.250', '2026-03-02T08:00:00Z', '2026-03-02T08:00:00.250Z'],
    ['is of last year, December read in January', 'Dec 31 23:59:59', '2027-01-01T00:00:10Z', '2026-12-31T22:59:59.000Z'],
    ['is of next year by a clock that is ahead', 'Jan  1 00:00:05', '2026-12-31T22:59:50Z', '2026-12-31T23:00:05.000Z'],
    ['is of the local year, not of that of UTC', 'Jan  1 00:30:00', '2026-12-31T23:30:10Z', '2026-12-31T23:30:00.000Z'],
    ['is five months ahead rather than seven back', 'Aug  1 12:00:00', '2026-03-02T08:00:00Z', '2026-08-01T10:00:00.000Z'],
    ['is five months back rather than seven ahead', 'Oct  1 12:00:00', '2026-03-02T08:00:00Z', '2025-10-01T10:00:00.000Z'],
    ['is of this leap year', 'Feb 29 12:00:00', '2028-03-01T00:00:00Z', '2028-02-29T11:00:00.000Z'],
    ['is of the last leap year', 'Feb 29 12:00:00', '2027-03-01T00:00:00Z', '2024-02-29T11:00:00.000Z'],
    ['is no day that there never is', 'Feb 30 12:00:00', '2026-03-01T00:00:00Z', undefined],
    ['is no time', 'message repeated', '2026-03-01T00:00:00Z', undefined],
  ])('%s', async (_what, text, now, expected) => {
    expect(await parse(zurich, text, now)).toBe(expected);
  });

  test('changes its year when so much time has gone by', async () => {
    const parser = await createTimeParser({ format: 'syslog', timezone: 'UTC' });
    const years = ['2026-03-01T00:00:00Z', '2027-03-01T00:00:00Z', '2026-03-01T00:00:00Z'].map((now) => {
      const time = parser('Feb 10 12:00:00', Date.parse(now));
      return new Date(time ?? 0).getUTCFullYear();
    });

    expect(years).toEqual([2026, 2027, 2026]);
  });

  test('is not read without a zone', async () => {
    expect(await parse({ format: 'syslog' }, 'Aug 19 02:14:38')).toBeUndefined();
  });
});

describe('a time in a pattern', () => {
  test.each([
    ['%d/%b/%Y:%H:%M:%S %Z', '10/Oct/2000:13:55:36 -0700', '2000-10-10T20:55:36.000Z'],
    ['%d/%b/%Y:%H:%M:%S %z', '10/Oct/2000:13:55:36 +0530', '2000-10-10T08:25:36.000Z'],
    ['[%d/%b/%Y:%T %Z]', '[10/Oct/2000:13:55:36 UTC]', '2000-10-10T13:55:36.000Z'],
    ['%a %b %d %H:%M:%S %Z %Y', 'Mon Feb 21 15:21:32 +01:00 2011', '2011-02-21T14:21:32.000Z'],
    ['%Y%m%d%H%M%S%L%Z', '20260302080000123Z', '2026-03-02T08:00:00.123Z'],
    ['%Y-%j %H:%M %Z', '2024-060 12:30 GMT', '2024-02-29T12:30:00.000Z'],
    ['at %s.%f!', 'at 1772438400.250000!', '2026-03-02T08:00:00.250Z'],
    ['%Q', '1772438400250', '2026-03-02T08:00:00.250Z'],
    ['%d/%m/%Y %H:%M %Z', '29/02/2024 12:00 Z', '2024-02-29T12:00:00.000Z'],
    ['%%%Y (%m.%d) %H|%M %Z', '%2026 (03.02) 08|00 Z', '2026-03-02T08:00:00.000Z'],
    ['%b %d %H:%M %Z', 'Dec 31 12:00 Z', '2025-12-31T12:00:00.000Z'],
  ])('that tells the offset needs no zone: %s', async (format, text, expected) => {
    expect(await parse({ format }, text)).toBe(expected);
    expect(timezoneUse(format)).toBe('useless');
  });

  test.each([
    ['%a %b %d %H:%M:%S %Y', 'Mon Feb 21 15:21:32 2011', '2011-02-21T14:21:32.000Z'],
    ['%a %b %d %H:%M:%S %Y', 'Tue Feb  1 15:21:32 2011', '2011-02-01T14:21:32.000Z'],
    ['%a %b %e %T %Y', 'Tue Feb 1 15:21:32 2011', '2011-02-01T14:21:32.000Z'],
    ['%d.%m.%Y %H:%M:%S,%L', '02.03.2026 09:00:00,250', '2026-03-02T08:00:00.250Z'],
    ['%d.%m.%Y %H:%M:%S,%L', '02.03.2026 09:00:00.250', '2026-03-02T08:00:00.250Z'],
    ['%F %T.%f', '2026-03-02 09:00:00.250000', '2026-03-02T08:00:00.250Z'],
    ['%F %T', '2026-03-02 09:00:00,25', '2026-03-02T08:00:00.250Z'],
    ['%m/%d/%y %I:%M:%S %p', '3/2/26 9:00:00 PM', '2026-03-02T20:00:00.000Z'],
    ['%m/%d/%y %I:%M %p', '3/2/26 12:05 am', '2026-03-01T23:05:00.000Z'],
    ['%A, %d %B %Y %H:%M', 'Monday, 02 March 2026 09:00', '2026-03-02T08:00:00.000Z'],
  ])('that tells no offset has that of its zone: %s', async (format, text, expected) => {
    expect(await parse({ format, timezone: 'Europe/Zurich' }, text)).toBe(expected);
    expect(await parse({ format }, text)).toBeUndefined();
    expect(timezoneUse(format)).toBe('needed');
  });

  test.each([
    ['a month of the wrong place', '%d/%m/%Y %H:%M %Z', '08/19/2000 12:00 Z'],
    ['a day that there is not', '%d/%b/%Y %H:%M %Z', '30/Feb/2026 12:00 Z'],
    ['no leap year', '%d/%b/%Y %H:%M %Z', '29/Feb/2026 12:00 Z'],
    ['an hour that there is not', '%d/%b/%Y %H:%M %Z', '01/Feb/2026 25:00 Z'],
    ['no month', '%d/%b/%Y %H:%M %Z', '01/Foo/2026 12:00 Z'],
    ['something after it', '%d/%b/%Y %H:%M %Z', '01/Feb/2026 12:00 Z x'],
    ['an impossible offset', '%d/%b/%Y %H:%M %Z', '01/Feb/2026 12:00 +2560'],
    ['another shape', '%d/%b/%Y %H:%M %Z', '2026-02-01T12:00Z'],
    ['nothing', '%d/%b/%Y %H:%M %Z', ''],
    ['no text', '%d/%b/%Y %H:%M %Z', 12],
  ])('is unreadable with %s', async (_what, format, value) => {
    expect(await parse({ format }, value)).toBeUndefined();
  });

  test('is read whatever was read before', async () => {
    const parser = await createTimeParser({ format: '%d/%b/%Y:%H:%M:%S %Z' });

    const times = [
      '10/Oct/2000:13:55:36 +0000',
      '10/Oct/2000:13:55:36 +0100',
      '31/Feb/2000:13:55:36 +0100',
      '10/Oct/2000:13:55:37 +0000',
    ].map((text) => parser(text, NOW));

    const first = Date.parse('2000-10-10T13:55:36Z');
    expect(times).toEqual([first, first - 3_600_000, undefined, first + 1000]);
  });
});

describe('local times with seconds, where the clock changes', () => {
  const patterns = [
    ['iso', (day: string, time: string) => `2026-${day} ${time}`],
    ['%Y/%m/%d %H:%M:%S', (day: string, time: string) => `2026/${day.replace('-', '/')} ${time}`],
    ['syslog', (day: string, time: string) => `${day.replace('10-', 'Oct ').replace('03-', 'Mar ')} ${time}`],
  ] as const;
  const cases = [
    ['03-29', '01:59:59', '2026-03-29T00:59:59.000Z'],
    ['03-29', '02:00:00', '2026-03-29T01:00:00.000Z'],
    ['03-29', '02:59:59', '2026-03-29T01:59:59.000Z'],
    ['03-29', '03:00:00', '2026-03-29T01:00:00.000Z'],
    ['10-25', '01:59:59', '2026-10-24T23:59:59.000Z'],
    ['10-25', '02:00:00', '2026-10-25T01:00:00.000Z'],
    ['10-25', '02:59:59', '2026-10-25T01:59:59.000Z'],
    ['10-25', '03:00:00', '2026-10-25T02:00:00.000Z'],
  ] as const;

  test.each(patterns.flatMap(([format, write]) => cases.map(([day, time, expected]) => [format, write(day, time), expected] as const)))(
    'mean the second of two, and go on past a gap: %s %s',
    async (format, text, expected) => {
      expect(await parse({ format, timezone: 'Europe/Zurich' }, text, '2026-06-01T00:00:00Z')).toBe(expected);
    },
  );

  test.each(['Europe/Zurich', 'Australia/Lord_Howe', 'America/St_Johns', 'Africa/Casablanca'])(
    'are those of the zone all year round: %s',
    (timezone) => {
      const local = createLocalTimes(timezone);
      const zone = createZoneReader(timezone, 'second');
      const wrong: string[] = [];
      for (let wall = Date.UTC(2026, 0, 1); wall < Date.UTC(2027, 0, 1); wall += 30 * 60_000) {
        // No clock changes in the other months.
        if (![1, 2, 3, 8, 9, 10].includes(new Date(wall).getUTCMonth())) continue;
        const text = new Date(wall).toISOString().slice(0, 16);
        if (local(wall) !== zone(text)) wrong.push(text);
      }

      expect(wrong).toEqual([]);
    },
  );
});

describe('the format of a time', () => {
  test.each(['iso', 'unix', 'unix_ms', 'unix_us', 'syslog', '%d/%b/%Y:%H:%M:%S %Z', '%-d.%_m.%Y %T', '%b %d %R'])(
    'is right: %s',
    (format) => {
      expect(timeFormatProblem(format)).toBeUndefined();
    },
  );

  const EXAMPLE = "e.g. '%d/%b/%Y:%H:%M:%S %Z' for 10/Oct/2000:13:55:36 -0700";

  test.each([
    [
      'rfc3339',
      `no format "rfc3339": it must be iso, unix, unix_ms, unix_us, syslog, or a pattern of strptime, ${EXAMPLE.split(' for')[0] ?? ''}`,
    ],
    [
      '%Y-%m-%d %K',
      `"%Y-%m-%d %K" has an unknown directive %K (is it %k?); there is: %% %a %A %b %B %d %D %e %f %F %h %H %I %j %k %l %L %m %M %n %N %p %Q %r %R %s %S %t %T %y %Y %z %Z; ${EXAMPLE}`,
    ],
    ['%Y-%m-%d', `"%Y-%m-%d" tells no hour: it needs %H, or %I and %p, ${EXAMPLE}`],
    ['%H:%M:%S', `"%H:%M:%S" tells no day: it needs %m (or %b, %B) and %d, or %j, ${EXAMPLE}`],
    ['%F %I:%M', `"%F %I:%M" has hours of a half day: it needs %p beside %I, ${EXAMPLE}`],
    ['%F %T %', '"%F %T %" ends with a single %: write %% for a percent sign'],
    ['%F %T %d', '"%F %T %d" names %d twice'],
  ])('is explained where it is wrong: %s', async (format, expected) => {
    expect(timeFormatProblem(format)).toBe(expected);
    await expect(createTimeParser({ format })).rejects.toThrow(expected);
  });

  test('tells what a time zone is to it', () => {
    expect(['iso', 'unix', 'unix_us', 'syslog', '%F %T', '%F %T %z', '%s'].map(timezoneUse)).toEqual([
      'optional',
      'useless',
      'useless',
      'needed',
      'needed',
      'useless',
      'useless',
    ]);
  });
});

describe('a time that makes no sense', () => {
  const limits = { maxAheadMs: 300_000, maxAgeMs: 86_400_000 };

  test.each([
    [0, 'ok'],
    [300_000, 'ok'],
    [300_001, 'future'],
    [-86_400_000, 'ok'],
    [-86_400_001, 'past'],
  ])('is told by how far it is from now: %d ms, %s', (ahead, expected) => {
    expect(judgeTime(NOW + ahead, NOW, limits)).toBe(expected);
  });
});

function finite(number: number): number | undefined {
  return Number.isFinite(number) ? number : undefined;
}

describe('the newest message', () => {
  let rig: Rig;
  beforeEach(async () => {
    rig = await Rig.create();
  });
  afterEach(async () => {
    await rig.remove();
  });

  test.each([
    ['is never moved back by older lines', ['2026-03-02T07:00:00Z', '2026-03-01T07:00:00Z'], '2026-03-02T07:00:00Z'],
    ['is never later than now', ['2031-03-02T07:00:00Z'], '2026-03-02T08:00:00Z'],
    ['is the time of reading where lines have none', ['never'], '2026-03-02T08:00:00Z'],
  ])('%s', async (_what, times, expected) => {
    await rig.write('app.log', times.map((time) => `${JSON.stringify({ time })}\n`).join(''));
    const events = [{ flow: 'invoices', partner: 'chuv', stage: 'received' }];
    await rig.start({ kind: 'log', files: ['app.log'], format: 'json', from: 'start', events });

    await rig.look();

    const newest = rig.value('flow_last_message_timestamp_seconds', { partner: 'chuv', stage: 'received' });
    expect(newest).toBe(Date.parse(expected) / 1000);
  });
});

function runAway(): never {
  for (;;);
}

describe('a time whose reading was ended in mid-course', () => {
  const own = Object.getOwnPropertyDescriptor(Temporal.PlainDateTime, 'from') ?? {};
  const restore = () => Object.defineProperty(Temporal.PlainDateTime, 'from', own);
  afterEach(restore);

  test.each([
    ['iso', '2026-03-02T09:00:00'],
    ['%d.%m.%Y %H:%M:%S', '02.03.2026 09:00:00'],
    ['syslog', 'Mar  2 09:00:00'],
  ])('is read when it comes again: %s', async (format, text) => {
    const now = Date.parse('2026-03-02T10:00:00Z');
    const timeOf = await createTimeParser({ format, timezone: 'Europe/Zurich' });
    Object.defineProperty(Temporal.PlainDateTime, 'from', { ...own, value: runAway });
    expect(new PatternGuard().run(() => timeOf(text, now))).toBe(STOPPED);
    restore();

    expect(timeOf(text, now)).toBe(Date.parse('2026-03-02T08:00:00Z'));
  });
});
