// The supervisor with real processes and a clock that stands still.

import { Supervisor } from '../../src/fleet/supervisor.js';
import { FakeClock } from '../fake-clock.js';
import { until } from '../wait.js';
import { fake, isAlive, recordingLogger } from './children.js';
import { config } from './fixtures.js';

const first = config({ sha: 'first' });
const second = config({ sha: 'second' });

let clock: FakeClock;
let supervisor: Supervisor;
let forwarded: string[];
let log: ReturnType<typeof recordingLogger>;

beforeEach(() => {
  clock = new FakeClock();
  forwarded = [];
  log = recordingLogger();
  supervisor = new Supervisor({ clock, logger: log.logger, forward: (line) => void forwarded.push(line) });
});

afterEach(async () => {
  const stopped = supervisor.shutDown();
  await clock.advance(4_000);
  await stopped;
});

function phase(name: string) {
  return supervisor.state(name)?.phase;
}

function pid(name: string): number {
  const found = supervisor.state(name)?.pid;
  if (found === undefined) throw new Error(`${name} has no process`);
  return found;
}

describe('the supervisor', () => {
  test('knows an exporter to listen once its process says so', async () => {
    await supervisor.start(new Map([['a', fake('listen')]]), first);

    expect(supervisor.state('a')).toMatchObject({ phase: 'listening', restarts: 0, crashLoop: false, lastEnd: undefined });
    expect(isAlive(pid('a'))).toBe(true);
  });

  test('starts an exporter that was killed again after a second, and leaves the others alone', async () => {
    await supervisor.start(new Map(['a', 'b'].map((name) => [name, fake('listen')])), first);
    const before = { a: pid('a'), b: pid('b') };

    process.kill(before.a, 'SIGKILL');
    await until(() => phase('a') === 'waiting');
    await clock.advance(999);
    const early = phase('a');
    await clock.advance(1);
    await until(() => phase('a') === 'listening');

    expect(early).toBe('waiting');
    expect(pid('a')).not.toBe(before.a);
    expect(pid('b')).toBe(before.b);
    expect(supervisor.state('a')).toMatchObject({ restarts: 1, lastEnd: { reason: 'signal SIGKILL', at: clock.now() - 1_000 } });
  });

  test('waits longer each time an exporter ends soon after its start, and calls three times a crash loop', async () => {
    await supervisor.start(new Map([['a', fake('die', 'cannot open the database')]]), first);

    const loops: unknown[] = [];
    for (const pause of [1_000, 2_000, 4_000]) {
      await until(() => phase('a') === 'waiting');
      loops.push(supervisor.state('a')?.crashLoop);
      await clock.advance(pause - 1);
      expect(phase('a')).toBe('waiting');
      await clock.advance(1);
    }
    await until(() => phase('a') === 'waiting');

    expect(loops).toEqual([false, false, true]);
    expect(supervisor.state('a')).toMatchObject({ restarts: 3, crashLoop: true, lastEnd: { reason: 'exit code 3' } });
    expect(log.lines.filter((line) => line.includes('keeps ending soon'))).toHaveLength(1);
  });

  test('keeps the last lines that a dead process wrote, and passes all of them on', async () => {
    await supervisor.start(new Map([['a', fake('die', 'cannot open the database')]]), first);

    await until(() => supervisor.state('a')?.lastEnd?.lines.length === 2);

    expect(supervisor.state('a')?.lastEnd?.lines).toEqual(['cannot open the database', 'last words']);
    expect(forwarded).toEqual(['cannot open the database', 'last words']);
  });

  test('calls a crash loop over once the exporter has run for a minute', async () => {
    await supervisor.start(new Map([['a', fake('listen')]]), first);
    for (const pause of [1_000, 2_000, 4_000]) {
      process.kill(pid('a'), 'SIGKILL');
      await until(() => phase('a') === 'waiting');
      await clock.advance(pause);
      await until(() => phase('a') === 'listening');
    }
    const looping = supervisor.state('a')?.crashLoop;

    await clock.advance(60_000);

    expect(looping).toBe(true);
    expect(supervisor.state('a')?.crashLoop).toBe(false);
    expect(log.lines.at(-1)).toContain('exporter runs again');
  });

  test('shows a program that cannot be started as what it is', async () => {
    await supervisor.start(new Map([['a', { program: '/nowhere/vigie', args: [] }]]), first);

    await until(() => phase('a') === 'waiting');

    expect(supervisor.state('a')?.lastEnd?.reason).toMatch(/^it cannot be started: .*ENOENT/);
  });

  test('starts four at a time, and lets the next one go first when one has not come up in ten seconds', async () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    const started = supervisor.start(new Map(names.map((name) => [name, fake(name === 'f' ? 'listen' : 'mute')])), first);
    await until(() => names.filter((name) => phase(name) === 'starting').length === 4);

    const before = names.map(phase);
    await clock.advance(10_000);
    await until(() => phase('f') === 'listening');

    expect(before).toEqual(['starting', 'starting', 'starting', 'starting', 'queued', 'queued']);
    expect(phase('e')).toBe('starting');
    await clock.advance(10_000);
    await started;
  });

  test('stops processes with SIGTERM and does not start them again', async () => {
    await supervisor.start(new Map([['a', fake('listen')]]), first);
    const process = pid('a');

    await supervisor.stop(['a']);
    await clock.advance(60_000);

    expect(isAlive(process)).toBe(false);
    expect(supervisor.state('a')).toBeUndefined();
  });

  test('kills what has not stopped after four seconds', async () => {
    await supervisor.start(new Map([['a', fake('deaf')]]), first);
    const process = pid('a');

    const stopped = supervisor.stop(['a']);
    await until(() => forwarded.includes('deaf'));
    await clock.advance(3_999);
    const aliveBefore = isAlive(process);
    await clock.advance(1);
    await stopped;

    expect(aliveBefore).toBe(true);
    expect(isAlive(process)).toBe(false);
  });

  test('starts nothing any more once it shuts down, not even what waits for its turn or for a restart', async () => {
    const names = ['a', 'b', 'c', 'd', 'e'];
    const started = supervisor.start(new Map(names.map((name) => [name, fake(name === 'a' ? 'die' : 'mute')])), first);
    await until(() => phase('a') === 'waiting');

    await supervisor.shutDown();
    await started;
    await clock.advance(60_000);
    await supervisor.start(new Map([['late', fake('listen')]]), first);

    expect([...names, 'late'].map((name) => supervisor.state(name))).toEqual(Array.from({ length: 6 }, () => undefined));
  });

  test('tells running processes to reload, and returns why one refused', async () => {
    await supervisor.start(
      new Map([
        ['a', fake('tell')],
        ['b', fake('refuse', 'no such file')],
      ]),
      first,
    );
    const before = [pid('a'), pid('b')];

    const refusals = await supervisor.reload(['a', 'b'], second);

    expect([...refusals]).toEqual([['b', 'no such file']]);
    expect([pid('a'), pid('b')]).toEqual(before);
    await until(() => forwarded.includes('reload second'));
  });

  test('hands over to a process that starts late, or again, the configuration that was reloaded last', async () => {
    const names = ['a', 'b', 'c', 'd', 'late'];
    const started = supervisor.start(new Map(names.map((name) => [name, fake(name === 'late' ? 'listen' : 'mute')])), first);
    await until(() => names.filter((name) => phase(name) === 'starting').length === 4);

    await supervisor.reload(names, second);
    await clock.advance(10_000);
    await until(() => phase('late') === 'listening');
    process.kill(pid('late'), 'SIGKILL');
    await until(() => phase('late') === 'waiting');
    await clock.advance(1_000);
    await until(() => phase('late') === 'listening');

    const urls = log.lines.flatMap((line) => /"url":"(?<url>[^"]+)"/.exec(line)?.groups?.['url'] ?? []);
    expect(urls).toEqual(['http://127.0.0.1:1/second', 'http://127.0.0.1:1/second']);
    await started;
  });

  test('kills a process that has not answered for a minute, and starts it again', async () => {
    await supervisor.start(new Map(['stopped', 'busy'].map((name) => [name, fake('tell')])), first);
    const { stopped, busy } = { stopped: pid('stopped'), busy: pid('busy') };

    process.kill(stopped, 'SIGSTOP');
    for (const look of [1, 2, 3]) {
      await clock.advance(20_000);
      await supervisor.reload(['busy'], config({ sha: `look ${look}` }));
    }
    const before = phase('stopped');
    await clock.advance(20_000);
    await until(() => phase('stopped') === 'waiting');
    await clock.advance(1_000);
    await until(() => phase('stopped') === 'listening');

    expect(before).toBe('listening');
    expect(isAlive(stopped)).toBe(false);
    expect(supervisor.state('stopped')).toMatchObject({
      restarts: 1,
      lastEnd: { reason: 'it did not answer for 60 s and was killed' },
    });
    expect(pid('busy')).toBe(busy);
    expect(log.lines.filter((line) => line.includes('exporter hangs'))).toHaveLength(1);
  });

  test('kills a process that does not listen a minute after its start', async () => {
    await supervisor.start(new Map([['b', fake('listen')]]), first);
    const started = supervisor.start(new Map([['a', fake('mute')]]), first);
    await until(() => phase('a') === 'starting');

    await clock.advance(79_999);
    const before = phase('a');
    await clock.advance(1);
    await until(() => phase('a') === 'waiting');

    expect(before).toBe('starting');
    expect(supervisor.state('a')?.lastEnd?.reason).toBe('it did not answer for 60 s and was killed');
    await started;
  });

  test('starts an exporter that waits for its restart at once when the YAML changed', async () => {
    await supervisor.start(new Map([['a', fake('die')]]), first);
    await until(() => phase('a') === 'waiting');

    const refusals = await supervisor.reload(['a'], second);

    expect(refusals.size).toBe(0);
    expect(supervisor.state('a')).toMatchObject({ phase: 'starting', restarts: 1 });
    await until(() => phase('a') === 'waiting');
  });

  test('does not wait for ever for an exporter that says nothing to a reload', async () => {
    await supervisor.start(new Map([['a', fake('unanswering')]]), first);

    const reloaded = supervisor.reload(['a'], second);
    await clock.advance(10_000);

    expect([...(await reloaded)]).toEqual([['a', 'no answer within 10 s']]);
  });

  test('lets a reload end when the exporter dies of it', async () => {
    await supervisor.start(new Map([['a', fake('unanswering')]]), first);

    const reloaded = supervisor.reload(['a'], second);
    process.kill(pid('a'), 'SIGKILL');

    expect([...(await reloaded)]).toEqual([['a', 'its process ended: signal SIGKILL']]);
  });
});
