// Starts and ends, matched by id: by example, and against a model that is slow and plain.

import { Correlations, type CorrelationLimits } from '../../src/domain/correlations.js';
import { memoryUsed } from '../memory.js';
import { seeded } from '../random.js';
import { NaiveCorrelations } from './naive-correlations.js';

const LIMITS: CorrelationLimits = { maxOpen: 3, timeoutMs: 60_000, earlyMs: 10_000 };
const NOON = Date.UTC(2026, 10, 26, 12);

function correlations(limits: Partial<CorrelationLimits> = {}): Correlations<string> {
  return new Correlations({ ...LIMITS, ...limits });
}

/** As a restart does. */
function restarted(
  before: Correlations<string>,
  limits = LIMITS,
  origins = (name: string): string | undefined => name,
): Correlations<string> {
  return Correlations.restore(JSON.parse(JSON.stringify(before.record((origin) => origin))), limits, origins);
}

describe('a start and its end', () => {
  test('are completed with the time between them and the origin of the start', () => {
    const open = correlations();

    expect(open.start('m1', NOON, 'invoices')).toEqual({ result: 'open' });
    expect(open.end('m1', NOON + 1500)).toMatchObject({ result: 'completed', seconds: 1.5, origin: 'invoices' });

    expect(open.open('invoices')).toBe(0);
    expect(open.oldest('invoices')).toBeUndefined();
  });

  test('tell what came with the end, and when, also where the end is read first', () => {
    const open = restarted(correlations());
    open.start('m1', NOON, 'invoices');
    expect(open.end('m1', NOON + 1500, 'rejected')).toMatchObject({ detail: 'rejected', endedAt: NOON + 1500 });

    open.end('m2', NOON + 2000, 'error');
    expect(restarted(open).start('m2', NOON, 'invoices')).toMatchObject({ detail: 'error', endedAt: NOON + 2000 });
  });

  test('are completed where the end is read first', () => {
    const open = correlations();

    expect(open.end('m1', NOON + 1500)).toEqual({ result: 'waiting' });
    expect(open.start('m1', NOON, 'invoices')).toMatchObject({ result: 'completed', seconds: 1.5, origin: 'invoices' });

    expect(open.expire(NOON + 999_999)).toEqual({ timedOut: [], noStart: 0 });
  });

  test.each([
    ['start', 'end'],
    ['end', 'start'],
  ])('take no time where clocks differ a little and the end seems to come first (%s is read first)', (...order) => {
    const open = correlations();

    const outcomes = order.map((what) => (what === 'end' ? open.end('m1', NOON - 900) : open.start('m1', NOON, 'invoices')));

    expect(outcomes.at(-1)).toMatchObject({ result: 'completed', seconds: 0, origin: 'invoices' });
  });

  test.each([
    ['too late', 60_001],
    ['before its start', -2001],
  ])('do not belong together where the end comes %s, whichever is read first', (_title, after) => {
    const [one, other] = [correlations(), correlations()];

    one.start('m1', NOON, 'invoices');
    one.end('m1', NOON + after);
    other.end('m1', NOON + after);
    other.start('m1', NOON, 'invoices');

    for (const open of [one, other]) {
      expect(open.open('invoices')).toBe(1);
      expect(open.expire(NOON + 99_999)).toEqual({ timedOut: ['invoices'], noStart: 1 });
    }
  });
});

describe('a start', () => {
  test('holds against another one of its id', () => {
    const open = correlations();
    open.start('m1', NOON, 'invoices');

    expect(open.start('m1', NOON + 500, 'orders')).toEqual({ result: 'repeated' });

    expect(open.end('m1', NOON + 1000)).toMatchObject({ result: 'completed', seconds: 1, origin: 'invoices' });
  });

  test('is dropped where too many are open, and those stay', () => {
    const open = correlations();
    for (const id of ['m1', 'm2', 'm3']) open.start(id, NOON, 'invoices');

    expect(open.start('m4', NOON - 5, 'orders')).toEqual({ result: 'dropped' });

    expect([open.open('invoices'), open.open('orders')]).toEqual([3, 0]);
    expect(open.end('m1', NOON).result).toBe('completed');
    expect(open.start('m4', NOON, 'orders').result).toBe('open');
  });

  test('needs no room where its end is there already', () => {
    const open = correlations();
    open.end('m4', NOON);
    for (const id of ['m1', 'm2', 'm3']) open.start(id, NOON, 'invoices');

    expect(open.start('m4', NOON, 'orders').result).toBe('completed');
  });

  test('is given up once it is older than the time-out', () => {
    const open = correlations();
    open.start('m1', NOON, 'invoices');
    open.start('m2', NOON + 1, 'orders');

    expect(open.expire(NOON + 60_000).timedOut).toEqual([]);
    expect(open.expire(NOON + 60_001).timedOut).toEqual(['invoices']);

    expect([open.open('invoices'), open.open('orders')]).toEqual([0, 1]);
  });
});

describe('an end', () => {
  test('without start is given up when it has waited long enough', () => {
    const open = correlations();
    open.end('m1', NOON);

    expect(open.expire(NOON + 10_000).noStart).toBe(0);
    expect(open.expire(NOON + 10_001).noStart).toBe(1);

    expect(open.start('m1', NOON, 'invoices').result).toBe('open');
  });

  test('that comes twice is one without start, the second time', () => {
    const open = correlations();
    open.end('m1', NOON);

    expect(open.end('m1', NOON + 100)).toEqual({ result: 'no_start' });
    expect(open.start('m1', NOON - 1000, 'invoices')).toMatchObject({ result: 'completed', seconds: 1, origin: 'invoices' });
  });

  test('makes the oldest one go where too many wait', () => {
    const open = correlations();
    for (const [index, id] of ['m1', 'm2', 'm3'].entries()) open.end(id, NOON + index);

    expect(open.end('m4', NOON + 3)).toEqual({ result: 'no_start' });

    expect(open.start('m1', NOON, 'invoices').result).toBe('open');
    expect(open.start('m4', NOON, 'invoices').result).toBe('completed');
  });
});

describe('an id', () => {
  test('is told apart by its first 200 characters', () => {
    const open = correlations();
    const long = 'x'.repeat(200);
    open.start(`${long}a`, NOON, 'invoices');

    expect(open.end(`${long}b`, NOON).result).toBe('completed');
    expect(open.end(`${long.slice(1)}a`, NOON).result).toBe('waiting');
  });

  test.each(['', 'é'.repeat(50), '\ud83c'.repeat(20), `${'x'.repeat(199)}🏥`, '__proto__'])(
    'is found again whatever it holds: %j',
    (id) => {
      const open = restarted(correlations());
      open.start(id, NOON, 'invoices');

      expect(restarted(open).end(id, NOON).result).toBe('completed');
      expect(open.end(id, NOON).result).toBe('completed');
    },
  );

  test('keeps no piece of a log alive that it was cut out of', () => {
    const open = correlations({ maxOpen: 100 });
    const before = memoryUsed();

    for (let index = 0; index < 100; index++) {
      const piece = Buffer.alloc(1 << 20, `message-${index}-of-the-exchange `).toString('latin1');
      open.start(piece.slice(0, 30), NOON, 'invoices');
    }

    // All pieces together are 100 MB; what other suites leave behind may be counted as well.
    expect(memoryUsed() - before).toBeLessThan(60 << 20);
    expect(open.open('invoices')).toBe(100);
  });
});

describe('the record', () => {
  test('is the same object until something changes', () => {
    const open = correlations();
    open.start('m1', NOON, 'invoices');
    const record = open.record((origin) => origin);

    open.start('m1', NOON, 'invoices');
    open.expire(NOON);
    expect(open.record((origin) => origin)).toBe(record);

    open.end('m2', NOON);
    expect(open.record((origin) => origin)).not.toBe(record);
  });

  test('forgets the starts of origins that are no longer declared', () => {
    const open = correlations();
    open.start('m1', NOON, 'invoices');
    open.start('m2', NOON, 'orders');

    const again = restarted(open, LIMITS, (name) => (name === 'orders' ? 'new orders' : undefined));

    expect([again.open('invoices'), again.open('new orders')]).toEqual([0, 1]);
  });

  test('brings back all that is open, also where fewer may be from now on', () => {
    const open = correlations();
    for (const id of ['m1', 'm2']) open.start(id, NOON, 'invoices');

    const again = restarted(open, { ...LIMITS, maxOpen: 1 });

    expect(again.start('m3', NOON, 'invoices').result).toBe('dropped');
    expect(again.end('m1', NOON).result).toBe('completed');
  });
});

describe('any starts and ends (CE9)', () => {
  test.each([1, 2, 3, 4, 5, 6])('come to the same as in a plain model, restarts included (seed %i)', (seed) => {
    const random = seeded(seed);
    const below = (limit: number) => Math.floor(random() * limit);
    const limits = { maxOpen: 5 + below(30), timeoutMs: 20_000, earlyMs: 8000 };
    const naive = new NaiveCorrelations(limits);
    let open = new Correlations<string>(limits);
    const flows = ['flow-0', 'flow-1', 'flow-2', 'flow-3'];
    let now = NOON;
    for (let step = 0; step < 2000; step++) {
      now += below(400);
      const id = `m${below(60)}`;
      const time = now - below(10) * 1000;
      const origin = `flow-${below(flows.length)}`;
      const what = random();
      if (what < 0.45) expect(open.start(id, time, origin)).toEqual(naive.start(id, time, origin));
      else if (what < 0.9) expect(open.end(id, time)).toEqual(naive.end(id, time));
      else if (what < 0.98) {
        const { timedOut, noStart } = open.expire(now);
        expect({ timedOut: timedOut.toSorted(), noStart }).toEqual(naive.expire(now));
      } else open = restarted(open, limits);

      const state = (of: NaiveCorrelations | Correlations<string>) => flows.map((flow) => [of.open(flow), of.oldest(flow)]);
      expect(state(open)).toEqual(state(naive));
    }
    expect(naive.completed).toBeGreaterThan(50);
  });
});
