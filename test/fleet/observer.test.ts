// The observer against real HTTP servers, with a clock that stands still.

import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { ExporterStatus } from '../../src/exporter/status.js';
import type { Timer } from '../../src/domain/clock.js';
import { Observer } from '../../src/fleet/observer.js';
import { FakeClock } from '../fake-clock.js';
import { portOf } from '../port.js';
import { until } from '../wait.js';
import { collector, messages, status } from './fixtures.js';

/** Counts the looks that are over: each ends by setting the time of the next one. */
class LookCounter extends FakeClock {
  looks = 0;

  override after(ms: number, callback: () => void): Timer {
    if (ms !== PATIENCE_MS) this.looks++;
    return super.after(ms, callback);
  }
}

const PATIENCE_MS = 1_000;

let clock: LookCounter;
let observer: Observer;
let server: Server;
let answer: RequestListener;

beforeEach(async () => {
  clock = new LookCounter();
  observer = new Observer(clock);
  server = createServer((request, response) => answer(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterEach(() => {
  observer.stop();
  server.closeAllConnections();
  server.close();
});

function says(parts: Partial<ExporterStatus>): void {
  answer = (_request, response) => void response.end(JSON.stringify(status('db', parts)));
}

/** Lets the exporter be watched, and waits until the first look is over. */
async function watch(): Promise<void> {
  observer.watch(new Map([['db', `http://127.0.0.1:${portOf(server)}`]]));
  await until(() => clock.looks === 1);
}

/** Lets the time to the next look pass, and waits until that look is over. */
async function lookAgain(ms = 2_000): Promise<void> {
  const { looks } = clock;
  await clock.advance(ms);
  await until(() => clock.looks > looks);
}

describe('the observer', () => {
  test('sees what an exporter says, every two seconds', async () => {
    says({ series: 1 });
    await watch();

    says({ series: 2 });
    await lookAgain();

    expect(observer.sighting('db').status?.series).toBe(2);
    expect(clock.looks).toBe(2);
  });

  test('knows how fast messages pass', async () => {
    const sample = messages(100);
    says({ samples: [sample] });
    await watch();

    for (const value of [102, 104, 106]) {
      says({ samples: [messages(value)] });
      await lookAgain();
    }

    expect(observer.perMinute('db', sample)).toBe(60);
  });

  test('takes a collector that succeeds for the first time as a new beginning: its counter did not grow at once', async () => {
    const sample = messages(0);
    says({ samples: [sample], collectors: [collector('passed', { lastSuccessAt: null })] });
    await watch();

    for (const value of [100_000, 100_000, 100_006, 100_008]) {
      says({ samples: [messages(value)], collectors: [collector('passed')] });
      await lookAgain();
    }

    expect(observer.perMinute('db', sample)).toBeCloseTo(80, 5);
  });

  test('takes another process as a new beginning', async () => {
    const sample = messages(100);
    says({ samples: [sample] });
    await watch();

    says({ pid: 43, samples: [messages(160)] });
    await lookAgain();

    expect(observer.perMinute('db', sample)).toBeUndefined();
  });

  test('lets one failure pass, and has no value after the second one; then looks more often', async () => {
    says({});
    await watch();

    answer = (_request, response) => void response.writeHead(500).end();
    await lookAgain();
    const afterOne = observer.sighting('db');
    await lookAgain(500);
    const afterTwo = observer.sighting('db');

    expect(afterOne).toMatchObject({ status: { source: 'db' }, failure: undefined });
    expect(afterTwo).toMatchObject({ status: undefined, failure: 'it answers with HTTP 500', failedAt: clock.monotonic() });
    expect(observer.lastStatus('db')?.source).toBe('db');
  });

  test('does not wait longer than a second for an answer', async () => {
    answer = () => {};
    observer.watch(new Map([['db', `http://127.0.0.1:${portOf(server)}`]]));

    for (const looks of [1, 2]) {
      await until(() => clock.pendingTimers > 0);
      await clock.advance(PATIENCE_MS);
      await until(() => clock.looks === looks);
      if (looks === 1) await clock.advance(500);
    }

    expect(observer.sighting('db').failure).toBe('no answer within 1 s');
  });

  test.each([
    ['no JSON', 'hello', 'its answer is no JSON'],
    ['the status of something else', '{"status":"ok"}', 'its answer is no status of an exporter'],
  ])('says why where the answer is %s', async (_title, body, failure) => {
    answer = (_request, response) => void response.end(body);
    await watch();

    await lookAgain(500);

    expect(observer.sighting('db').failure).toBe(failure);
  });

  test('remembers that an exporter was ready once, whatever comes after', async () => {
    says({ ready: true });
    await watch();

    says({ ready: false });
    await lookAgain();

    expect(observer.hasBeenReady('db')).toBe(true);
  });

  test('forgets what is not to be watched any more', async () => {
    says({});
    await watch();

    observer.watch(new Map());

    expect(observer.sighting('db')).toEqual({ status: undefined, failure: undefined, failedAt: 0 });
    expect(clock.pendingTimers).toBe(0);
  });
});
