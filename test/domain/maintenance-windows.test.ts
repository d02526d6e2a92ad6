// When planned work goes on: dated and recurring, over midnight, and through changes of the clock.

import { compileMaintenance, datedWindow, type MaintenanceTime } from '../../src/domain/maintenance-windows.js';

const ZURICH = 'Europe/Zurich';
const MINUTE = 60_000;
const at = (text: string) => Date.parse(text);
/** Minutes on the wall since 1970-01-01 00:00 of its own. */
const wall = (text: string) => Date.parse(`${text}Z`) / MINUTE;
const iso = (ms: number) => new Date(ms).toISOString().replace(':00.000Z', 'Z');

/** The window between two times on the wall. */
function dated(from: string, to: string): string {
  const found = datedWindow({ time: { kind: 'dated', from: wall(from), to: wall(to) }, timezone: ZURICH });
  return found ? `${iso(found.start)} … ${iso(found.end)}` : 'none';
}

/** `now 2026-… … 2026-…`, `next …` or `none`. */
function told(time: MaintenanceTime, moment: string, timezone = ZURICH): string {
  const { now, window } = compileMaintenance({ time, timezone })(at(moment));
  return window ? `${now ? 'now' : 'next'} ${iso(window.start)} … ${iso(window.end)}` : 'none';
}

const firstSaturday: MaintenanceTime = {
  kind: 'recurring',
  from: 22 * 60,
  to: 28 * 60,
  days: { kind: 'nth', nth: 1, unit: 5, of: 'month' },
};
const nightly = (from: number, to: number): MaintenanceTime => ({ kind: 'recurring', from, to, days: { kind: 'open' } });

describe('dated work', () => {
  const time: MaintenanceTime = { kind: 'dated', from: wall('2026-12-01T22:00'), to: wall('2026-12-02T04:00') };

  test('goes on from its beginning to just before its end, in its zone', () => {
    const window = '2026-12-01T21:00Z … 2026-12-02T03:00Z';

    expect(told(time, '2026-12-01T20:59:59Z')).toBe(`next ${window}`);
    expect(told(time, '2026-12-01T21:00:00Z')).toBe(`now ${window}`);
    expect(told(time, '2026-12-02T02:59:59Z')).toBe(`now ${window}`);
    expect(told(time, '2026-12-02T03:00:00Z')).toBe('none');
  });

  test('that is more than 400 days away comes into sight one day', () => {
    const stateAt = compileMaintenance({ time, timezone: ZURICH });

    const far = stateAt(at('2025-01-01T00:00:00Z'));

    expect(far).toEqual({ now: false, window: undefined, until: at('2025-01-02T00:00:00Z') });
    expect(stateAt(at('2026-01-01T00:00:00Z')).window).toBeDefined();
  });

  test('begins and ends by the clock on the wall through its changes: what is skipped is the change, what comes twice lasts', () => {
    // Spring: 02:00 to 03:00 is lost, at 01:00 UTC. Autumn: 02:00 to 03:00 comes twice, until 01:00 UTC.
    expect(dated('2026-03-29T02:30', '2026-03-29T04:00')).toBe('2026-03-29T01:00Z … 2026-03-29T02:00Z');
    expect(dated('2026-03-28T22:00', '2026-03-29T02:30')).toBe('2026-03-28T21:00Z … 2026-03-29T01:00Z');
    expect(dated('2026-10-25T02:30', '2026-10-25T04:00')).toBe('2026-10-25T00:30Z … 2026-10-25T03:00Z');
    expect(dated('2026-10-24T22:00', '2026-10-25T02:30')).toBe('2026-10-24T20:00Z … 2026-10-25T01:30Z');
  });

  test('between two times that the clock skips is none', () => {
    const skipped: MaintenanceTime = { kind: 'dated', from: wall('2026-03-29T02:15'), to: wall('2026-03-29T02:45') };

    expect(told(skipped, '2026-03-29T01:00:00Z')).toBe('none');
  });
});

describe('recurring work', () => {
  test('on the first saturday of the month goes on over midnight into the next day', () => {
    expect(told(firstSaturday, '2026-12-05T20:59:59Z')).toBe('next 2026-12-05T21:00Z … 2026-12-06T03:00Z');
    expect(told(firstSaturday, '2026-12-05T21:00:00Z')).toBe('now 2026-12-05T21:00Z … 2026-12-06T03:00Z');
    expect(told(firstSaturday, '2026-12-06T02:59:59Z')).toBe('now 2026-12-05T21:00Z … 2026-12-06T03:00Z');
    expect(told(firstSaturday, '2026-12-06T03:00:00Z')).toBe('next 2027-01-02T21:00Z … 2027-01-03T03:00Z');
  });

  test('is at the same time on the wall in summer and in winter, and an hour shorter or longer in the night of the change', () => {
    const time = nightly(23 * 60, 28 * 60);

    expect(told(time, '2026-01-10T23:00:00Z')).toBe('now 2026-01-10T22:00Z … 2026-01-11T03:00Z');
    expect(told(time, '2026-07-10T23:00:00Z')).toBe('now 2026-07-10T21:00Z … 2026-07-11T02:00Z');
    expect(told(time, '2026-03-28T23:00:00Z')).toBe('now 2026-03-28T22:00Z … 2026-03-29T02:00Z');
    expect(told(time, '2026-10-24T23:00:00Z')).toBe('now 2026-10-24T21:00Z … 2026-10-25T03:00Z');
  });

  test('within the hour that is skipped is left out, within the one that comes twice goes on through both', () => {
    const time = nightly(2 * 60 + 15, 2 * 60 + 45);

    expect(told(time, '2026-03-29T00:59:00Z')).toBe('next 2026-03-30T00:15Z … 2026-03-30T00:45Z');
    expect(told(time, '2026-10-25T01:00:00Z')).toBe('now 2026-10-25T00:15Z … 2026-10-25T01:45Z');
  });

  test('of a whole day each day never ends', () => {
    const time = nightly(0, 1440);

    expect(told(time, '2026-07-10T22:00:00Z')).toBe('now 2026-07-10T22:00Z … 2026-07-11T22:00Z');
  });
});

describe('work by cron', () => {
  const time: MaintenanceTime = { kind: 'cron', expression: '30 2 * * *', seconds: 2 * 3600 };

  test('begins when the expression says and takes as long as it is said to', () => {
    const monthly: MaintenanceTime = { kind: 'cron', expression: '0 22 1 2,4 *', seconds: 72 * 3600 };

    expect(told(monthly, '2026-02-04T20:59:59Z')).toBe('now 2026-02-01T21:00Z … 2026-02-04T21:00Z');
    expect(told(monthly, '2026-02-04T21:00:00Z')).toBe('next 2026-04-01T20:00Z … 2026-04-04T20:00Z');
  });

  test('begins with the jump where the clock skips its time, and once where the time comes twice', () => {
    expect(told(time, '2026-03-29T00:59:59Z')).toBe('next 2026-03-29T01:00Z … 2026-03-29T03:00Z');
    expect(told(time, '2026-10-25T00:29:00Z')).toBe('next 2026-10-25T00:30Z … 2026-10-25T02:30Z');
    expect(told(time, '2026-10-25T02:30:00Z')).toBe('next 2026-10-26T01:30Z … 2026-10-26T03:30Z');
  });
});

test('an answer holds until the moment it names, and not longer, change after change', () => {
  const times: [MaintenanceTime, string][] = [
    [firstSaturday, ZURICH],
    [nightly(60, 200), 'America/Santiago'],
    [nightly(22 * 60, 26 * 60 + 30), 'Australia/Lord_Howe'],
    [{ kind: 'cron', expression: '15 */2 * * *', seconds: 6000 }, ZURICH],
  ];
  for (const [time, timezone] of times) {
    const stateAt = compileMaintenance({ time, timezone });
    const key = (ms: number) => JSON.stringify([stateAt(ms).now, stateAt(ms).window]);
    let moment = at('2026-01-01T00:00:00Z');
    for (let steps = 0; steps < 50; steps += 1) {
      const { until } = stateAt(moment);
      expect(until).toBeGreaterThan(moment);
      expect(key(until - 1)).toBe(key(moment));
      expect(key(Math.floor((moment + until) / 2))).toBe(key(moment));
      expect(key(until)).not.toBe(key(moment));
      moment = until;
    }
  }
});
