// Monitoring must never lock an account: what a refused login means for those that follow.

import { AccountGuard, LoginPaused, type LoginGuard, type Verdict } from '../../../src/sources/login-guard.js';
import { SourceError, type StateRecord } from '../../../src/sources/kind.js';
import { FakeClock, settle } from '../../fake-clock.js';
import { MemoryRecord } from '../../records.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** A server that knows one password and counts what it is sent. */
class Server {
  tries = 0;
  refusals = 0;
  /** Ends logins that hang. */
  release: () => void = () => {};
  hangs = false;

  constructor(public password: string) {}

  readonly login = (sent: string) => async (verdict: Verdict) => {
    this.tries++;
    if (this.hangs) await new Promise<void>((resolve) => (this.release = resolve));
    await settle();
    const isRight = sent === this.password;
    if (!isRight) this.refusals++;
    verdict(isRight);
    if (!isRight) throw new Error('refused');
  };
}

function tryIt(guard: LoginGuard, server: Server, password: string, signal = new AbortController().signal): Promise<string> {
  return guard.attempt(password, signal, server.login(password)).then(
    () => 'in',
    (error: unknown) => (error instanceof LoginPaused ? 'paused' : error instanceof Error ? error.message : 'odd'),
  );
}

describe('the guard of an account', () => {
  let clock: FakeClock;
  let record: MemoryRecord;
  let guard: AccountGuard;
  let server: Server;

  beforeEach(() => {
    clock = new FakeClock();
    record = new MemoryRecord();
    guard = new AccountGuard(record, clock);
    server = new Server('right');
  });

  test('pauses for 5 minutes after a refusal, and twice as long after each further one, up to 4 hours', async () => {
    const pauses: number[] = [];
    for (let refusal = 0; refusal < 9; refusal++) {
      expect(await tryIt(guard, server, 'wrong')).toBe('refused');
      const pause = guard.state.retryAt - clock.now();
      pauses.push(pause / MINUTE);
      await clock.advance(pause - 1);
      expect(await tryIt(guard, server, 'wrong')).toBe('paused');
      await clock.advance(1);
    }

    expect(pauses).toEqual([5, 10, 20, 40, 80, 160, 240, 240, 240]);
    expect(server.refusals).toBe(9);
    expect(guard.state).toEqual({ rejections: 9, retryAt: 0 });
  });

  test('lets another credential try at once, and is not paused for it when it is accepted', async () => {
    await tryIt(guard, server, 'wrong');

    expect(await tryIt(guard, server, 'right')).toBe('in');

    expect(guard.state).toEqual({ rejections: 0, retryAt: 0 });
    expect(await tryIt(guard, server, 'right')).toBe('in');
    expect(await tryIt(guard, server, 'wrong')).toBe('paused');
  });

  test('forgets what was refused on the disk too, when it is accepted after all', async () => {
    await tryIt(guard, server, 'early');
    server.password = 'early';
    await clock.advance(5 * MINUTE);

    expect(await tryIt(guard, server, 'early')).toBe('in');

    expect(await record.read()).toEqual({ rejections: 0, retryAt: 0 });
  });

  test('ten endpoints that share a wrong password cost one refusal', async () => {
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => tryIt(guard.view(), server, 'wrong')));

    expect(server.refusals).toBe(1);
    expect(outcomes.toSorted()).toEqual([...Array.from({ length: 9 }, () => 'paused'), 'refused']);
  });

  test('two endpoints with different passwords for one account, of which one is wrong, do not make each other try again', async () => {
    const [one, other] = [guard.view(), guard.view()];
    const outcomes: string[] = [];
    for (let round = 0; round < 5; round++) {
      outcomes.push(await tryIt(one, server, 'wrong'), await tryIt(other, server, 'right'));
      await clock.advance(10_000);
    }

    expect(server.refusals).toBe(1);
    expect(outcomes.filter((outcome) => outcome === 'in')).toHaveLength(5);
    expect(one.state.rejections).toBe(1);
    expect(one.state.retryAt).toBeGreaterThan(clock.now());
    expect(other.state).toEqual({ rejections: 0, retryAt: 0 });
  });

  test('two passwords that are both wrong cost one refusal each', async () => {
    for (let round = 0; round < 5; round++) {
      await tryIt(guard, server, 'wrong');
      await tryIt(guard, server, 'false');
      await clock.advance(10_000);
    }

    expect(server.refusals).toBe(2);
  });

  test('a password that is changed on the other side costs two refusals at most, however many log in at once', async () => {
    await tryIt(guard, server, 'right');
    server.password = 'new';

    const outcomes = await Promise.all(Array.from({ length: 20 }, () => tryIt(guard, server, 'right')));

    expect(server.refusals).toBeLessThanOrEqual(2);
    expect(outcomes.filter((outcome) => outcome === 'paused').length).toBeGreaterThanOrEqual(18);
    expect(guard.state.retryAt - clock.now()).toBe(5 * MINUTE);
  });

  test('a good credential lets all of many log in, two at once', async () => {
    await tryIt(guard, server, 'right');
    let running = 0;
    let most = 0;
    const login = async (verdict: Verdict) => {
      most = Math.max(most, ++running);
      await settle();
      running--;
      verdict(true);
    };

    await Promise.all(Array.from({ length: 7 }, () => guard.attempt('right', new AbortController().signal, login)));

    expect(most).toBe(2);
  });

  test('a login that hangs holds the others up only until it is given up', async () => {
    server.hangs = true;
    const controller = new AbortController();
    const hanging = tryIt(guard, server, 'right', controller.signal);
    await settle();
    server.hangs = false;
    const next = tryIt(guard, server, 'right');
    await settle();
    expect(server.tries).toBe(1);

    controller.abort(new Error('too late'));

    expect(await hanging).toBe('too late');
    expect(await next).toBe('in');
  });

  test('the refusal of a login that was given up still counts', async () => {
    server.hangs = true;
    const controller = new AbortController();
    const hanging = tryIt(guard, server, 'wrong', controller.signal);
    await settle();
    controller.abort(new Error('too late'));
    await hanging;
    server.hangs = false;

    server.release();
    await clock.advance(0);

    expect(await tryIt(guard, server, 'wrong')).toBe('paused');
    expect(server.refusals).toBe(1);
  });

  test('who waits for its turn and is aborted goes at once, and nobody waits for it', async () => {
    server.hangs = true;
    const first = tryIt(guard, server, 'right');
    await settle();
    const controller = new AbortController();
    const waiting = tryIt(guard, server, 'right', controller.signal);
    const last = tryIt(guard, server, 'right');
    await settle();

    controller.abort(new Error('stopped'));
    expect(await waiting).toBe('stopped');
    server.hangs = false;
    server.release();

    expect([await first, await last]).toEqual(['in', 'in']);
    expect(server.tries).toBe(2);
  });

  test('a login that comes to nothing (the connection is lost) changes nothing', async () => {
    const lost = guard.attempt('right', new AbortController().signal, () => Promise.reject(new Error('lost')));

    await expect(lost).rejects.toThrow('lost');
    expect(await tryIt(guard, server, 'right')).toBe('in');
  });

  test('a restart goes on with the pause that was, and with the next longer one after it', async () => {
    await tryIt(guard, server, 'wrong');
    await clock.advance(MINUTE);

    const restarted = new AccountGuard(record, clock);
    expect(await tryIt(restarted, server, 'wrong')).toBe('paused');
    expect(restarted.state).toEqual({ rejections: 1, retryAt: clock.now() + 4 * MINUTE });
    await clock.advance(4 * MINUTE);
    expect(await tryIt(restarted, server, 'wrong')).toBe('refused');

    expect(restarted.state.retryAt - clock.now()).toBe(10 * MINUTE);
    expect(server.refusals).toBe(2);
  });

  test('after a restart another credential goes at once too, though nothing on the disk tells what was refused', async () => {
    await tryIt(guard, server, 'wrong');
    const kept = JSON.stringify(await record.read());

    // One in 256 is taken for the one that was refused: of some, most are not.
    const passwords = Array.from({ length: 20 }, (_, index) => `right-${index}`);
    const outcomes: string[] = [];
    for (const password of passwords) {
      server.password = password;
      outcomes.push(await tryIt(new AccountGuard(copyOf(record), clock), server, password));
    }

    expect(outcomes.filter((outcome) => outcome === 'in').length).toBeGreaterThanOrEqual(17);
    expect(kept).toMatch(/^\{"rejections":1,"retryAt":\d+,"salt":"[A-Za-z0-9+/=]{24}","mark":"[0-9a-f]{2}"\}$/);
  });

  test('a clock that was set back makes the pause no longer than it can be, in this process and over a restart', async () => {
    await tryIt(guard, server, 'wrong');
    clock.jump(-240 * HOUR);

    expect(guard.state.retryAt - clock.now()).toBe(5 * MINUTE);
    const restarted = new AccountGuard(record, clock);
    await tryIt(restarted, server, 'wrong');
    expect(restarted.state.retryAt - clock.now()).toBe(4 * HOUR);
    await clock.advance(5 * MINUTE);
    expect(await tryIt(guard, server, 'wrong')).toBe('refused');
  });

  test('a disk that is full hides no answer, causes no login, and is tried again with each attempt', async () => {
    const full = new FullDisk();
    guard = new AccountGuard(full, clock);

    expect(await tryIt(guard, server, 'wrong')).toBe('refused');
    for (let round = 0; round < 20; round++) {
      await clock.advance(10_000);
      expect(await tryIt(guard, server, 'wrong')).toBe('paused');
    }

    expect(server.refusals).toBe(1);
    expect(guard.problem).toBe('the disk is full');
    full.isFull = false;
    await tryIt(guard, server, 'wrong');
    expect(guard.problem).toBeUndefined();
    expect(full.value).toMatchObject({ rejections: 1 });
  });

  test('a disk that takes long hides no answer either; the next attempt waits for it', async () => {
    const { promise: written, resolve: write } = Promise.withResolvers<void>();
    guard = new AccountGuard({ read: async () => undefined, write: () => written }, clock);
    const told: string[] = [];

    void tryIt(guard, server, 'wrong').then((answer) => told.push(answer));
    await clock.advance(1000);
    void tryIt(guard, server, 'wrong').then((answer) => told.push(answer));
    await clock.advance(1000);
    const before = [...told];
    write();
    await clock.advance(0);
    await settle();

    expect(before).toEqual(['refused']);
    expect(told).toEqual(['refused', 'paused']);
  });

  test('while the record cannot be read nobody logs in; once it can, the next attempt does', async () => {
    let damaged = true;
    const unreadable: StateRecord = {
      read: async () => {
        if (damaged) throw new SourceError('state', 'state', 'the record is damaged');
        return undefined;
      },
      write: async () => undefined,
    };
    guard = new AccountGuard(unreadable, clock);

    expect(await tryIt(guard, server, 'right')).toBe('the record is damaged');
    expect(server.tries).toBe(0);
    damaged = false;

    expect(await tryIt(guard, server, 'right')).toBe('in');
  });
});

function copyOf({ text }: MemoryRecord): MemoryRecord {
  return Object.assign(new MemoryRecord(), { text });
}

class FullDisk implements StateRecord {
  isFull = true;
  value: unknown;

  async read(): Promise<unknown> {
    return this.value;
  }

  async write(value: unknown): Promise<void> {
    if (this.isFull) throw new SourceError('state', 'state', 'the disk is full');
    this.value = value;
  }
}
