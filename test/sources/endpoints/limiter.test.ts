// Who has a turn when, where more is due than may run.

import { Limiter } from '../../../src/sources/endpoints/limiter.js';
import { settle } from '../../fake-clock.js';

class Queue {
  readonly begun: string[] = [];
  readonly #ends = new Map<string, () => void>();
  readonly results: Promise<unknown>[] = [];

  constructor(readonly limiter: Limiter) {}

  add(name: string, host: string, { doubtful = false, signal = new AbortController().signal } = {}): Promise<string> {
    const result = this.limiter.run({ host, doubtful }, signal, async () => {
      this.begun.push(name);
      await new Promise<void>((resolve) => this.#ends.set(name, resolve));
      return name;
    });
    result.catch(() => {});
    return result;
  }

  async end(name: string): Promise<void> {
    this.#ends.get(name)?.();
    await settle();
  }
}

describe('the limit on probes', () => {
  test('lets no more run at once than it allows, and the others in the order in which they came', async () => {
    const queue = new Queue(new Limiter({ total: 2, perHost: 2 }));

    for (const name of ['a', 'b', 'c', 'd', 'e']) void queue.add(name, name);
    await settle();
    expect(queue.begun).toEqual(['a', 'b']);
    await queue.end('b');
    expect(queue.begun).toEqual(['a', 'b', 'c']);
    await queue.end('a');
    await queue.end('c');

    expect(queue.begun).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(queue.limiter.waiting).toBe(0);
  });

  test('lets no host be asked more often at once than it allows, while others go on', async () => {
    const queue = new Queue(new Limiter({ total: 10, perHost: 1 }));

    for (const [name, host] of ['a1', 'a2', 'b1', 'a3', 'b2'].map((one) => [one, one.charAt(0)] as const)) void queue.add(name, host);
    await settle();
    expect(queue.begun).toEqual(['a1', 'b1']);
    await queue.end('a1');

    expect(queue.begun).toEqual(['a1', 'b1', 'a2']);
    await queue.end('a2');
    expect(queue.begun).toEqual(['a1', 'b1', 'a2', 'a3']);
  });

  test('gives back the place of work that fails', async () => {
    const limiter = new Limiter({ total: 1, perHost: 1 });

    const failing = limiter.run({ host: 'a' }, new AbortController().signal, () => Promise.reject(new Error('down')));

    await expect(failing).rejects.toThrow('down');
    await expect(limiter.run({ host: 'a' }, new AbortController().signal, async () => 'ran')).resolves.toBe('ran');
  });

  test('lets go of what is aborted while it waits, and takes no place for it', async () => {
    const queue = new Queue(new Limiter({ total: 1, perHost: 1 }));
    const controller = new AbortController();
    void queue.add('a', 'x');
    const waiting = queue.add('b', 'x', { signal: controller.signal });
    void queue.add('c', 'x');

    controller.abort(new Error('too late'));

    await expect(waiting).rejects.toThrow('too late');
    await queue.end('a');
    expect(queue.begun).toEqual(['a', 'c']);
  });

  test('does not begin what is aborted at the moment its turn comes, and gives the place to the next', async () => {
    const queue = new Queue(new Limiter({ total: 1, perHost: 1 }));
    const controller = new AbortController();
    void queue.add('a', 'x');
    const second = queue.add('b', 'x', { signal: controller.signal });
    void queue.add('c', 'x');

    const ended = queue.end('a');
    await Promise.resolve();
    controller.abort(new Error('stopped'));
    await ended;

    await expect(Promise.race([second, settle().then(() => 'pending')])).rejects.toThrow('stopped');
    expect(queue.begun).toEqual(['a', 'c']);
  });

  test('keeps half of the places for those that did not hang the last time, in all and of each host', async () => {
    const queue = new Queue(new Limiter({ total: 6, perHost: 4 }));

    for (let index = 0; index < 4; index++) void queue.add(`dead${index}`, 'a', { doubtful: true });
    for (let index = 0; index < 4; index++) void queue.add(`well${index}`, 'a');
    for (let index = 0; index < 2; index++) void queue.add(`gone${index}`, 'b', { doubtful: true });
    await settle();

    expect(queue.begun).toEqual(['dead0', 'dead1', 'well0', 'well1', 'gone0']);
    await queue.end('dead0');
    expect(queue.begun.slice(5)).toEqual(['dead2']);
  });

  test('lets what hung the last time run where there is only one place', async () => {
    const queue = new Queue(new Limiter({ total: 1, perHost: 1 }));

    void queue.add('dead', 'a', { doubtful: true });
    await settle();

    expect(queue.begun).toEqual(['dead']);
  });
});
