// The guard: whatever a text does to a pattern, the process goes on within a second, and nobody is blamed who is not to blame.

import { setFlagsFromString } from 'node:v8';
import { PatternGuard, STOPPED, type Demotion } from '../../../../src/sources/log/patterns/guard.js';
import { Pattern } from '../../../../src/sources/log/patterns/pattern.js';

/** More than all stops that there can be before a pattern is off. */
const PATIENCE = 20;

beforeAll(() => {
  // V8's own way out, which is for the whole process: another suite may have set it.
  setFlagsFromString('--no-enable-experimental-regexp-engine-on-excessive-backtracks');
});

interface Outcome<T> {
  readonly result: T;
  readonly stops: number;
  /** Milliseconds of processor time of the longest run: what the process stood still for, unless others took the processor. */
  readonly longest: number;
}

/** As the reader of a log does: again, until it comes to its end. */
function runToTheEnd<T>(guard: PatternGuard, action: () => T): Outcome<T> {
  let longest = 0;
  for (let stops = 0; stops < PATIENCE; stops += 1) {
    const before = process.threadCpuUsage();
    const result = guard.run(action);
    const { user, system } = process.threadCpuUsage(before);
    longest = Math.max(longest, (user + system) / 1000);
    if (result !== STOPPED) return { result, stops, longest };
  }
  throw new Error(`not at its end after ${PATIENCE} runs`);
}

const A40 = `${'a'.repeat(40)}!`;
/** Long enough for all that is not linear, and little work for what is, also where others take the processor. */
const LONG = `${'a'.repeat(2 ** 18)}!`;
const BLANKS = `${' '.repeat(2 ** 18)}x`;

describe('the guard', () => {
  test.each([
    ['exponential', '^(?<x>a+)+$', A40],
    ['to the power of four', '(?<x>a+)(?<y>a+)(?<z>a+)$', LONG],
    ['to the power of two', '\\s+$', BLANKS],
    ['to the power of three', '^(?<x>.*) (?<y>.*) (?<z>.*)=', BLANKS],
  ])(
    'moves a pattern to the linear engine where it runs away: %s',
    (_, source, text) => {
      const guard = new PatternGuard();
      const told: [string, Demotion][] = [];
      guard.onDemotion = (pattern, demotion) => told.push([pattern.source, demotion]);
      const pattern = Pattern.compile(source, { guard, name: 'events.1 match' });

      const { result, longest } = runToTheEnd(guard, () => pattern.exec(text));

      expect(result).toBeNull();
      expect(pattern.engine).toBe('linear');
      expect(guard.demotions).toEqual([
        { name: 'events.1 match', engine: 'linear', reason: expect.stringMatching(/^it ran for more than \d+ ms on one text$/) },
      ]);
      expect(told).toEqual([[source, guard.demotions[0]]]);
      expect(longest).toBeLessThan(1000);
    },
    60_000,
  );

  test('goes on with the same captures on the linear engine', () => {
    const guard = new PatternGuard();
    const pattern = Pattern.compile('^(?<first>a)(?<x>a+)+(?<last>[b!])$', { guard, wanted: ['last', 'first'] });

    runToTheEnd(guard, () => pattern.exec(`${A40}?`));
    const { result, stops } = runToTheEnd(guard, () => [pattern.exec(A40), pattern.exec('aab')].map((match) => match && [...match]));

    expect(pattern.engine).toBe('linear');
    expect(stops).toBe(0);
    expect(result).toEqual([
      [A40, '!', 'a'],
      ['aab', 'b', 'a'],
    ]);
  }, 60_000);

  test('switches a pattern off where the linear engine does not know it, and counts what it was asked since', () => {
    const guard = new PatternGuard();
    const pattern = Pattern.compile('^(?=(a+)+$)a', { guard, name: 'format' });
    const other = Pattern.compile('a', { guard });

    const { result, longest } = runToTheEnd(guard, () => pattern.exec(A40));

    expect(result).toBeNull();
    expect(pattern.isOff).toBe(true);
    expect(guard.demotions).toEqual([{ name: 'format', engine: 'off', reason: expect.stringContaining('the look-around (?=(a+)+$)') }]);
    expect(longest).toBeLessThan(1000);
    expect(guard.abandoned).toBe(1);

    guard.run(() => [pattern.exec('a'), pattern.test('a'), other.test('a')]);
    expect(guard.abandoned).toBe(2);
    guard.run(() => other.test('a'));
    expect(guard.abandoned).toBe(0);
  }, 60_000);

  test('blames the pattern that runs away, not those before and behind it', () => {
    const guard = new PatternGuard();
    const before = Pattern.compile('a+', { guard });
    const bad = Pattern.compile('^(a+)+$', { guard, name: 'bad' });
    const behind = Pattern.compile('a', { guard });

    runToTheEnd(guard, () => {
      for (let count = 0; count < 1000; count += 1) before.exec('aaa');
      bad.exec(A40);
      behind.exec('a');
    });

    expect([before, bad, behind].map(({ engine }) => engine)).toEqual(['irregexp', 'linear', 'irregexp']);
  }, 60_000);

  test('gives more time to what is slow as a whole, and blames nobody for it', () => {
    const guard = new PatternGuard();
    const pattern = Pattern.compile('(?<word>\\w+) (?<number>\\d+)', { guard });
    const runs = countOfMilliseconds(130, () => pattern.exec('word 12'));

    const { stops } = runToTheEnd(guard, () => {
      for (let count = 0; count < runs; count += 1) pattern.exec('word 12');
    });

    expect(stops).toBeLessThan(PATIENCE);
    expect(pattern.engine).toBe('irregexp');
    expect(guard.demotions).toEqual([]);
  }, 60_000);

  test('blames in the end the pattern that most of the time goes into, where each text takes a little', () => {
    const guard = new PatternGuard();
    const cheap = Pattern.compile('^b', { guard });
    const costly = Pattern.compile('(?<x>a+)(?<y>a+)(?<z>a+)$', { guard, name: 'costly' });
    const text = `${'a'.repeat(60)}!`;

    runToTheEnd(guard, () => {
      for (let count = 0; count < 40_000; count += 1) {
        cheap.test(text);
        costly.test(text);
      }
    });

    expect(cheap.engine).toBe('irregexp');
    expect(guard.demotions).toEqual([
      {
        name: 'costly',
        engine: 'linear',
        reason: expect.stringMatching(/^it takes most of the time of lines that take more than \d+ ms$/),
      },
    ]);
  }, 60_000);

  test('says of no pattern that one text is to blame where runs only happen to end in the same one', () => {
    const guard = new PatternGuard();
    const pattern = Pattern.compile('a+', { guard, name: 'unlucky' });
    const told: string[] = [];
    guard.onDemotion = (_, { reason }) => told.push(reason);

    for (let stops = 0; stops < PATIENCE && told.length === 0; stops += 1) {
      guard.run(() => {
        // What is before it takes all but a little of the time there is, whatever that is.
        const { limit } = guard;
        const before = performance.now();
        while (performance.now() < before + limit - 30);
        guard.began(pattern);
        while (performance.now() < before + 2 * limit);
      });
    }

    expect(told).toEqual([expect.stringMatching(/^it takes most of the time of lines that take more than \d+ ms$/)]);
  }, 60_000);

  test('blames nobody for what is no pattern, and gives it as much time as it needs in the end', () => {
    const guard = new PatternGuard();
    const pattern = Pattern.compile('a', { guard });
    let runs = 0;

    const { result } = runToTheEnd(guard, () => {
      runs += 1;
      pattern.test('a');
      spin(1200);
      return 'done';
    });

    expect(result).toBe('done');
    expect(runs).toBeGreaterThan(1);
    expect(guard.demotions).toEqual([]);
    expect(guard.limit).toBe(100);
  }, 60_000);

  test('blames nobody while the process gets too little of the processor', () => {
    const guard = new PatternGuard();
    const pattern = Pattern.compile('a+', { guard });
    const nobodyWakes = new Int32Array(new SharedArrayBuffer(4));
    let pauses = 3;

    const { result, stops } = runToTheEnd(guard, () => {
      pauses -= 1;
      if (pauses < 0) return pattern.exec('aaa')?.[0];
      // As if the process were stopped in the midst of the pattern.
      guard.began(pattern);
      Atomics.wait(nobodyWakes, 0, 0, 1000);
      return undefined;
    });

    expect(result).toBe('aaa');
    expect(stops).toBe(3);
    expect(pattern.engine).toBe('irregexp');
    expect(guard.demotions).toEqual([]);
  }, 60_000);

  test('passes on what the action returns and throws', () => {
    const guard = new PatternGuard();

    expect(guard.run(() => undefined)).toBeUndefined();
    expect(() =>
      guard.run(() => {
        throw new TypeError('no');
      }),
    ).toThrow(new TypeError('no'));
    expect(guard.run(() => 7)).toBe(7);
  });
});

/** Takes so much processor time, in milliseconds. */
function spin(milliseconds: number): void {
  const before = process.threadCpuUsage();
  let spent = 0;
  while (spent < milliseconds) {
    const { user, system } = process.threadCpuUsage(before);
    spent = (user + system) / 1000;
  }
}

/** How often something can be done in so much time. */
function countOfMilliseconds(milliseconds: number, action: () => void): number {
  let count = 0;
  const before = process.threadCpuUsage();
  for (let spent = 0; spent < milliseconds; count += 1000) {
    for (let inner = 0; inner < 1000; inner += 1) action();
    const { user, system } = process.threadCpuUsage(before);
    spent = (user + system) / 1000;
  }
  return count;
}
