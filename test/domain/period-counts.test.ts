// Messages within periods, from counters: over boundaries, restarts, and counters that begin anew.

import { measured, observed } from '../../src/conventions.js';
import type { Periods } from '../../src/domain/expectation-periods.js';
import type { Observation } from '../../src/domain/observation.js';
import { PeriodCounts, type Counted } from '../../src/domain/period-counts.js';

const HOUR = 3_600_000;
/** A look so long before a period begins still counts as one at its beginning. */
const BRIDGE = 60_000;

/** Periods of an hour, from each full hour on. */
function hourly(now: number): Periods {
  const start = Math.floor(now / HOUR) * HOUR;
  const period = (from: number) => ({ start: from, deadline: from + HOUR / 2, earliest: undefined });
  return { current: period(start), previous: period(start - HOUR), until: start + HOUR };
}

/** Periods of a day. */
function daily(now: number): Periods {
  const start = Math.floor(now / (24 * HOUR)) * 24 * HOUR;
  return { current: { start, deadline: start + HOUR, earliest: undefined }, previous: undefined, until: start + 24 * HOUR };
}

function counted(part: Partial<Counted> = {}): Counted {
  return {
    flow: 'tge',
    stage: 'received',
    expectation: 'morning',
    meaning: 'hourly',
    partners: new Set(['chuv', 'hug']),
    periodsAt: hourly,
    ...part,
  };
}

function messages(value: number, labels: Record<string, string> = {}): Observation {
  return {
    metric: observed.messages,
    labels: { flow: 'tge', partner: 'chuv', env: 'prod', stage: 'received', outcome: 'ok', ...labels },
    value,
  };
}

class Rig {
  constructor(readonly counts = new PeriodCounts([counted()])) {}

  /** @param minute minutes since the first full hour @returns `current 5`, `previous 7` */
  at(minute: number, ...observations: Observation[]): string[] {
    const found = this.counts.look({ collector: 'log', observations, now: 100 * HOUR + minute * 60_000, bridge: BRIDGE });
    return found.map(({ labels, value }) => `${labels['period']} ${JSON.stringify(value)}`);
  }

  /** Another process goes on from the record. */
  restarted(next: readonly Counted[] = [counted()]): Rig {
    const counts = new PeriodCounts(next);
    counts.restore(JSON.parse(JSON.stringify(this.counts.record())));
    return new Rig(counts);
  }
}

test('GM3: nothing is told of a period whose beginning was not seen, and all of the next one', () => {
  const rig = new Rig();

  const first = [rig.at(30, messages(100)), rig.at(59.5, messages(140))];
  const second = [rig.at(60, messages(140)), rig.at(75, messages(150)), rig.at(119.5, messages(155))];
  const third = rig.at(120, messages(155));

  expect(first).toEqual([[], []]);
  expect(second).toEqual([['current 0'], ['current 10'], ['current 15']]);
  expect(third).toEqual(['current 0', 'previous 15']);
});

test('what came between two looks counts for the period of the second', () => {
  const rig = new Rig();
  rig.at(59.5, messages(140));

  expect(rig.at(60.5, messages(143))).toEqual(['current 3']);
});

test('a period in which nobody looked at its beginning is not told, nor the one before', () => {
  const rig = new Rig();
  rig.at(59.5, messages(0));
  rig.at(70, messages(5));

  expect(rig.at(121, messages(9))).toEqual([]);
  expect(rig.at(179.5, messages(9))).toEqual([]);
  expect(rig.at(180, messages(9))).toEqual(['current 0']);
});

test('outcomes are summed; partners, paths and stages are not', () => {
  const counts = new PeriodCounts([counted()]);
  const look = (minute: number, ...observations: Observation[]) =>
    counts.look({ collector: 'db', observations, now: minute * 60_000, bridge: BRIDGE });
  look(59.5, messages(0), messages(0, { outcome: 'error' }), messages(0, { partner: 'hug' }), messages(0, { path: 'batch' }));

  const found = look(
    60,
    messages(3),
    messages(2, { outcome: 'error' }),
    messages(1, { outcome: 'rejected' }),
    messages(7, { partner: 'hug' }),
    messages(9, { path: 'batch' }),
    messages(11, { partner: 'other' }),
    messages(13, { stage: 'processed' }),
    { ...messages(17), metric: observed.bytes },
  );

  const current = { flow: 'tge', partner: 'chuv', env: 'prod', stage: 'received', expectation: 'morning', period: 'current' };
  expect(found).toEqual([
    { metric: measured.periodMessages, labels: current, value: 6 },
    { metric: measured.periodMessages, labels: { ...current, partner: 'hug' }, value: 7 },
    { metric: measured.periodMessages, labels: { ...current, path: 'batch' }, value: 9 },
  ]);
});

test('two expectations of the same stage are counted each in its own periods', () => {
  const counts = new PeriodCounts([counted(), counted({ expectation: 'daily', meaning: 'daily', periodsAt: daily })]);
  const look = (minute: number, value: number) =>
    counts.look({ collector: 'db', observations: [messages(value)], now: minute * 60_000, bridge: BRIDGE });
  look(59.5, 10);

  expect(look(61, 12).map(({ labels }) => labels['expectation'])).toEqual(['morning']);
});

describe('CE13: counters that begin anew', () => {
  test('a counter that has fallen counts from 0', () => {
    const rig = new Rig();
    rig.at(59.5, messages(100));
    rig.at(60, messages(110));

    expect(rig.at(61, messages(4))).toEqual(['current 14']);
  });

  test('a series that was not there before counts from 0, but not at the first look of all', () => {
    const rig = new Rig();
    rig.at(59.5, messages(100));
    rig.at(60, messages(100));

    expect(rig.at(61, messages(100), messages(2, { outcome: 'rejected' }))).toEqual(['current 2']);
  });
});

describe('over restarts', () => {
  test('within a period nothing is lost, whether the counters are kept or begin anew', () => {
    const rig = new Rig();
    rig.at(59.5, messages(100));
    rig.at(65, messages(105));

    expect(rig.restarted().at(70, messages(109))).toEqual(['current 9']);
    expect(rig.restarted().at(70, messages(2))).toEqual(['current 7']);
  });

  test('a short one over the beginning of a period is bridged, a long one is not', () => {
    const rig = new Rig();
    rig.at(59.5, messages(100));
    rig.at(119.5, messages(105));

    expect(rig.restarted().at(120.4, messages(106))).toEqual(['current 1', 'previous 5']);

    const late = new Rig();
    late.at(59.5, messages(100));
    late.at(118, messages(105));
    expect(late.restarted().at(121, messages(106))).toEqual([]);
  });

  test('the count before goes on being told', () => {
    const rig = new Rig();
    rig.at(59.5, messages(0));
    rig.at(119.5, messages(8));
    rig.at(120, messages(8));

    expect(rig.restarted().at(121, messages(9))).toEqual(['current 1', 'previous 8']);
  });

  test('another meaning of the expectation begins anew', () => {
    const rig = new Rig();
    rig.at(59.5, messages(0));
    rig.at(61, messages(8));

    expect(rig.restarted([counted({ meaning: 'from seven' })]).at(62, messages(9))).toEqual([]);
  });

  test.each([
    ['nothing', undefined],
    ['text', 'x'],
    ['another version', { version: 2 }],
    ['no numbers', { version: 1, looks: 3, counts: { a: 1 } }],
  ])('a record that is %s is passed over', (_, saved) => {
    const counts = new PeriodCounts([counted()]);
    counts.restore(saved);

    expect(new Rig(counts).at(61, messages(5))).toEqual([]);
  });
});

describe('a clock that is set', () => {
  test('back over the beginning of a period, by little: the period goes on', () => {
    const rig = new Rig();
    rig.at(59.5, messages(0));
    rig.at(60, messages(1));

    expect(rig.at(59.8, messages(3))).toEqual(['current 3']);
    expect(rig.at(61, messages(4))).toEqual(['current 4']);
  });

  test('back by much, or far ahead: the beginning was not seen', () => {
    const rig = new Rig();
    rig.at(59.5, messages(0));
    rig.at(60, messages(1));

    expect(rig.at(20, messages(3))).toEqual([]);
    expect(rig.at(60 * 24, messages(4))).toEqual([]);
  });
});

test('tells whether there is something to write', () => {
  const rig = new Rig();
  rig.at(59.5, messages(0));
  const before = rig.counts.version;
  rig.at(59.6, messages(0));
  const idle = rig.counts.version;
  rig.at(59.7, messages(1));
  const counting = rig.counts.version;
  rig.at(60, messages(1));

  expect([idle === before, counting > idle, rig.counts.version > counting]).toEqual([true, true, true]);
});
