// Reloads that many ask for at the same time.

import { Reloads } from '../../src/exporter/reloads.js';

/** Reloads that end when the test says so. */
function held() {
  const ends: ((result: string | Error) => void)[] = [];
  const reloads = new Reloads(
    () =>
      new Promise<string>((resolve, reject) => {
        ends.push((result) => (result instanceof Error ? reject(result) : resolve(result)));
      }),
  );
  return { reloads, ends };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('reloads', () => {
  test('that are asked for while one runs become one, which begins when that one has ended', async () => {
    const { reloads, ends } = held();

    const first = reloads.ask();
    await settle();
    const others = Array.from({ length: 19 }, () => reloads.ask());
    await settle();
    const begunBefore = ends.length;
    ends[0]?.('first');
    await settle();
    ends[1]?.('second');

    expect(begunBefore).toBe(1);
    expect(await first).toBe('first');
    expect(await Promise.all(others)).toEqual(Array.from({ length: 19 }, () => 'second'));
    expect(ends).toHaveLength(2);
  });

  test('go on after one that broke', async () => {
    const { reloads, ends } = held();

    const broken = reloads.ask();
    await settle();
    const next = reloads.ask();
    ends[0]?.(new Error('no memory'));
    await expect(broken).rejects.toThrow('no memory');
    await settle();
    ends[1]?.('second');

    expect(await next).toBe('second');
  });
});
