// The poller owns time: slots, overlap, time-outs, back-off, staleness, all on a clock that the test moves.

import type { Observation } from '../../src/domain/observation.js';
import type { Sink } from '../../src/exporter/collector-loop.js';
import { CollectorState } from '../../src/exporter/collector-state.js';
import { Poller } from '../../src/exporter/poller.js';
import { jitter } from '../../src/exporter/schedule.js';
import { SourceError, type Collector } from '../../src/sources/kind.js';
import { FakeClock } from '../fake-clock.js';
import { backlog, fakeCollector, recordingLogger } from './fake-subject.js';

const JITTER = jitter('exchange-db', 'waiting', 10_000);
const refused = () => Promise.reject(new SourceError('connect', 'refused', 'connection refused by 127.0.0.1:5432'));
const auth = () => Promise.reject(new SourceError('login', 'auth', 'password refused'));
const leak = () => Promise.reject(new TypeError('postgres://vigie:hunter2@db/exchange is no URL'));
const hang = () => new Promise<never>(() => {});

interface Event {
  readonly at: number;
  readonly what: 'collected' | 'ended' | 'failed' | 'aged';
  readonly error?: string;
}

function watch(...collectors: Collector[]) {
  const clock = new FakeClock();
  const { logger, lines } = recordingLogger();
  const events: Event[] = [];
  const verdict: { error: SourceError | undefined } = { error: undefined };
  const sink: Sink = {
    collected: () => {
      events.push({ at: clock.monotonic(), what: 'collected' });
      return verdict.error;
    },
    ended: (_collector, error) =>
      void events.push({
        at: clock.monotonic(),
        what: error ? 'failed' : 'ended',
        ...(error && { error: `${error.phase} ${error.errorClass}: ${error.message}` }),
      }),
    aged: () => void events.push({ at: clock.monotonic(), what: 'aged' }),
  };
  const states = new Map<string, CollectorState>();
  const state = (name: string) => {
    const known = states.get(name) ?? new CollectorState(name, clock, logger);
    states.set(name, known);
    return known;
  };
  const poller = new Poller({ source: 'exchange-db', collectors, state, clock, sink });
  const times = (what: Event['what']) => events.filter((event) => event.what === what).map((event) => event.at);
  return { clock, poller, events, lines, times, verdict, state, sink };
}

const status = (poller: Poller) => {
  const [first] = poller.status();
  if (!first) throw new Error('no collector');
  return first;
};

/** Answers in the order given; the last answer holds for ever. */
function inTurn(...answers: (() => Promise<readonly Observation[]>)[]) {
  let turn = 0;
  return () => {
    const answer = answers[Math.min(turn++, answers.length - 1)];
    return answer ? answer() : Promise.resolve([]);
  };
}
const ok = () => Promise.resolve([backlog(1)]);

describe('the slots of a collector', () => {
  it('looks at once, then on its own slots', async () => {
    const { clock, poller, times } = watch(fakeCollector(ok));

    poller.start();
    await clock.advance(60_000);

    const [first, ...others] = times('ended');
    expect(first).toBe(0);
    expect(others).not.toHaveLength(0);
    expect(others.map((time) => time % 10_000)).toEqual(others.map(() => JITTER));
    expect(others.slice(1).map((time, index) => time - (others[index] ?? 0))).toEqual(others.slice(1).map(() => 10_000));
  });

  it('does not care when the wall clock is set, forwards or backwards', async () => {
    const { clock, poller, times } = watch(fakeCollector(ok));

    poller.start();
    await clock.advance(20_000);
    clock.jump(-3_600_000);
    await clock.advance(20_000);
    clock.jump(7_200_000);
    await clock.advance(20_000);

    const slots = times('ended').slice(1);
    expect(slots).toHaveLength(JITTER < 5_000 ? 5 : 6);
    expect(slots.map((time) => time % 10_000)).toEqual(slots.map(() => JITTER));
    expect(times('aged')).toEqual([]);
    expect(status(poller).runs[0]?.durationMs).toBe(0);
  });

  it('tells when it looks next by the wall clock', async () => {
    const { clock, poller, times } = watch(fakeCollector(ok));

    poller.start();
    await clock.advance(1);
    const next = status(poller).nextRunAt ?? 0;
    const wait = next - clock.now();
    await clock.advance(wait - 1);
    expect(times('ended')).toHaveLength(1);
    await clock.advance(1);

    expect(times('ended')).toHaveLength(2);
  });

  it('never runs a collector twice at once', async () => {
    let running = 0;
    let most = 0;
    const clockOf: { clock?: FakeClock } = {};
    const slow = fakeCollector(
      () =>
        new Promise((resolve) => {
          most = Math.max(most, ++running);
          clockOf.clock?.after(9_999, () => {
            running--;
            resolve([]);
          });
        }),
      { timeout: 10_000 },
    );
    const { clock, poller } = watch(slow);
    clockOf.clock = clock;

    poller.start();
    await clock.advance(100_000);

    expect(slow.looks).toBeGreaterThan(5);
    expect(most).toBe(1);
  });

  it('lets one collector fail or hang without touching the other', async () => {
    const good = fakeCollector(ok, { name: 'passed' });
    const { clock, poller } = watch(fakeCollector(hang), good);

    poller.start();
    await clock.advance(60_000);

    expect(good.looks).toBeGreaterThan(5);
    expect(poller.status().map(({ up }) => up)).toEqual([false, true]);
  });
});

describe('a time-out', () => {
  it('comes on time, aborts the signal, and does not wait for the promise', async () => {
    const signals: AbortSignal[] = [];
    const collector = fakeCollector((signal) => {
      signals.push(signal);
      return hang();
    });
    const { clock, poller, events } = watch(collector);

    poller.start();
    await clock.advance(3_999);
    expect(events).toEqual([]);
    expect(signals[0]?.aborted).toBe(false);
    await clock.advance(1);

    expect(signals[0]?.aborted).toBe(true);
    expect(events).toEqual([{ at: 4_000, what: 'failed', error: 'collect timeout: no answer within 4s' }]);
    expect(status(poller).runs[0]).toMatchObject({ durationMs: 4_000 });
  });

  it('names the phase when the source tells it as it lets go', async () => {
    const collector = fakeCollector(
      (signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(new SourceError('login', 'lost', 'connection lost')));
        }),
    );
    const { clock, poller, events } = watch(collector);

    poller.start();
    await clock.advance(4_000);

    expect(events).toEqual([{ at: 4_000, what: 'failed', error: 'login timeout: no answer within 4s' }]);
  });

  it('throws a late result away', async () => {
    const late: (() => void)[] = [];
    const collector = fakeCollector(() => new Promise((resolve) => late.push(() => resolve([backlog(99)]))));
    const { clock, poller, times } = watch(collector);

    poller.start();
    await clock.advance(4_000);
    late[0]?.();
    await clock.advance(0);

    expect(times('collected')).toEqual([]);
    expect(status(poller).up).toBe(false);
  });

  it('does not start a collector again whose old promise has not settled, and shows that at each interval', async () => {
    const release: (() => void)[] = [];
    const collector = fakeCollector(inTurn(() => new Promise((resolve) => release.push(() => resolve([]))), ok));
    const { clock, poller, events, times } = watch(collector);

    poller.start();
    await clock.advance(60_000);
    const hung = times('failed').slice(1);
    expect(collector.looks).toBe(1);
    expect(hung.slice(1).map((time, index) => time - (hung[index] ?? 0))).toEqual(hung.slice(1).map(() => 10_000));
    expect(events.at(-1)?.error).toBe('collect timeout: an earlier collection still hangs, so no new one was started');
    release[0]?.();
    await clock.advance(10_000);

    expect(collector.looks).toBe(2);
    expect(status(poller)).toMatchObject({ up: true, consecutiveFailures: 0 });
  });
});

describe('back-off', () => {
  it('waits 1, 2, then 4 intervals, and is gone with the first success', async () => {
    const collector = fakeCollector(inTurn(refused, refused, refused, refused, refused, ok));
    const { clock, poller, times } = watch(collector);

    poller.start();
    await clock.advance(300_000);

    const failures = times('failed');
    const pauses = failures.slice(1).map((time, index) => time - (failures[index] ?? 0));
    expect(pauses.slice(1)).toEqual([20_000, 40_000, 40_000]);
    const [recovered = 0, next = 0] = times('ended');
    expect(recovered - (failures.at(-1) ?? 0)).toBe(40_000);
    expect(next - recovered).toBe(10_000);
  });

  it('never makes a pause longer than the interval when that is over a minute', async () => {
    const collector = fakeCollector(refused, { interval: 300_000, maxStaleness: 900_000 });
    const { clock, poller, times } = watch(collector);

    poller.start();
    await clock.advance(1_800_000);

    const failures = times('failed').slice(1);
    expect(failures.slice(1).map((time, index) => time - (failures[index] ?? 0))).toEqual(failures.slice(1).map(() => 300_000));
  });
});

describe('a collector that wants to be left alone', () => {
  it('is looked at on the first of its slots after that', async () => {
    const { clock, poller, times } = watch({ ...fakeCollector(ok), delay: () => 34_000 });

    poller.start();
    await clock.advance(100_000);

    const [, second = 0, third = 0] = times('ended');
    expect(second).toBeGreaterThan(34_000);
    expect(second).toBeLessThanOrEqual(44_000);
    expect(second % 10_000).toBe(JITTER);
    expect(third - second).toBeGreaterThan(34_000);
  });

  it('keeps its gauges for as long as it says after each run', async () => {
    let maxStaleness = 30_000;
    const collector: Collector = {
      ...fakeCollector(ok),
      delay: () => 100_000,
      get maxStaleness() {
        return maxStaleness;
      },
    };
    maxStaleness = 90_000;
    const { clock, poller, times } = watch(collector);

    poller.start();
    await clock.advance(99_000);

    expect(times('aged')).toEqual([90_000]);
  });
});

describe('staleness', () => {
  it('withdraws exactly when the time since the last success has passed', async () => {
    const { clock, poller, times, events } = watch(fakeCollector(inTurn(ok, refused)));

    poller.start();
    await clock.advance(29_999);
    expect(times('aged')).toEqual([]);
    await clock.advance(1);

    expect(times('aged')).toEqual([30_000]);
    expect(events.filter(({ what }) => what === 'aged')).toHaveLength(1);
    expect(status(poller)).toMatchObject({ up: false, stale: true });
  });

  it('withdraws on time while a collection hangs', async () => {
    const { clock, poller, times } = watch(fakeCollector(inTurn(ok, hang), { timeout: 10_000, maxStaleness: 12_345 }));

    poller.start();
    await clock.advance(60_000);

    expect(times('aged')).toEqual([12_345]);
  });

  it('counts from the last success, not the first', async () => {
    const { clock, poller, times } = watch(fakeCollector(inTurn(ok, ok, ok, refused)));

    poller.start();
    await clock.advance(120_000);

    const [, , last = 0] = times('ended');
    expect(times('aged')).toEqual([last + 30_000]);
  });

  it('is over with the next success', async () => {
    const { clock, poller } = watch(fakeCollector(inTurn(ok, refused, refused, refused, ok)));

    poller.start();
    await clock.advance(95_000);

    expect(status(poller)).toMatchObject({ up: true, stale: false });
  });

  it('is not told of a collector that never succeeded', async () => {
    const { clock, poller, times } = watch(fakeCollector(refused));

    poller.start();
    await clock.advance(120_000);

    expect(times('aged')).toEqual([]);
    expect(status(poller)).toMatchObject({ up: false, stale: false, lastSuccessAt: null });
  });
});

describe('what is logged', () => {
  it('tells the first failure once and its end once', async () => {
    const { clock, poller, lines } = watch(fakeCollector(inTurn(refused, refused, refused, ok)));

    poller.start();
    await clock.advance(120_000);

    expect(lines).toHaveLength(2);
    expect(lines[0]).toEqual({
      level: 40,
      collector: 'waiting',
      phase: 'connect',
      class: 'refused',
      error: 'connection refused by 127.0.0.1:5432',
      msg: 'collection failed',
    });
    expect(lines[1]).toMatchObject({ level: 30, collector: 'waiting', failures: 3, msg: 'collection succeeds again' });
    expect(lines[1]?.['lasted']).toMatch(/^(\d+m)?(\d+s)(\d+ms)?$/);
  });

  it('tells a change of class once', async () => {
    const { clock, poller, lines } = watch(fakeCollector(inTurn(refused, refused, auth, auth)));

    poller.start();
    await clock.advance(240_000);

    expect(lines.map((line) => line['class'])).toEqual(['refused', 'auth']);
  });

  it('names an unexpected exception by its class alone', async () => {
    const { clock, poller, lines, events } = watch(fakeCollector(leak));

    poller.start();
    await clock.advance(0);

    expect(events).toEqual([{ at: 0, what: 'failed', error: 'collect internal: unexpected TypeError' }]);
    expect(JSON.stringify([lines, poller.status()])).not.toContain('hunter2');
  });

  it('takes a collector that throws at once for one that failed', async () => {
    const { clock, poller, events } = watch(
      fakeCollector(() => {
        throw new RangeError('secret');
      }),
    );

    poller.start();
    await clock.advance(0);

    expect(events[0]?.error).toBe('collect internal: unexpected RangeError');
  });
});

describe('results that the frame finds fault with', () => {
  it('are data, but a failure, without back-off', async () => {
    const { clock, poller, times, verdict } = watch(fakeCollector(ok));
    verdict.error = new SourceError('collect', 'schema', 'the series x comes twice');

    poller.start();
    await clock.advance(60_000);

    const slots = times('failed').slice(1);
    expect(slots.slice(1).map((time, index) => time - (slots[index] ?? 0))).toEqual(slots.slice(1).map(() => 10_000));
    expect(times('aged')).toEqual([]);
    expect(status(poller)).toMatchObject({ up: false, stale: false });
    expect(status(poller).consecutiveFailures).toBe(slots.length + 1);
  });
});

describe('the runs of a collector', () => {
  it('are kept newest first, ten at most', async () => {
    const { clock, poller } = watch(fakeCollector(inTurn(refused, ok)));

    poller.start();
    await clock.advance(200_000);

    const { runs } = status(poller);
    expect(runs).toHaveLength(10);
    expect(runs.map(({ at }) => at)).toEqual(runs.map(({ at }) => at).toSorted((a, b) => b - a));
  });

  it('say since when it fails, through all failures', async () => {
    const { clock, poller } = watch(fakeCollector(inTurn(ok, refused)));

    poller.start();
    await clock.advance(1);
    const slot = status(poller).nextRunAt;
    await clock.advance(120_000);

    expect(status(poller).failingSince).toBe(slot);
    expect(status(poller).consecutiveFailures).toBeGreaterThan(2);
  });
});

describe('stop', () => {
  it('aborts what runs and looks no more', async () => {
    const signals: AbortSignal[] = [];
    const collector = fakeCollector(
      (signal) =>
        new Promise((_resolve, reject) => {
          signals.push(signal);
          signal.addEventListener('abort', () => reject(new SourceError('query', 'timeout', 'aborted')));
        }),
    );
    const { clock, poller, events } = watch(collector);

    poller.start();
    await clock.advance(100);
    await poller.stop();
    await clock.advance(60_000);

    expect(signals[0]?.aborted).toBe(true);
    expect(collector.looks).toBe(1);
    expect(events).toEqual([]);
  });

  it('does not wait for ever for a source that hangs', async () => {
    const { clock, poller } = watch(fakeCollector(hang));

    poller.start();
    await clock.advance(0);
    let stopped = false;
    const stopping = poller.stop().then(() => (stopped = true));
    await clock.advance(1_499);
    expect(stopped).toBe(false);
    await clock.advance(1);

    await stopping;
    expect(stopped).toBe(true);
  });

  it('lets another poller go on with what is known: data age from where they were', async () => {
    const { clock, poller, state, sink, times } = watch(fakeCollector(ok));
    poller.start();
    await clock.advance(2_000);
    await poller.stop();

    const successor = new Poller({ source: 'exchange-db', collectors: [fakeCollector(refused)], state, clock, sink });
    successor.start();
    await clock.advance(28_000);

    expect(times('aged')).toEqual([30_000]);
    expect(status(successor).runs).not.toHaveLength(0);
  });
});
