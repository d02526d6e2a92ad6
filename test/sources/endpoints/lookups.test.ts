// Names are looked up by threads that cannot be stopped: dead ones must not take all of them.

import type { LookupAddress } from 'node:dns';
import { Lookups, lookupsAtOnce } from '../../../src/sources/endpoints/lookups.js';
import { settle } from '../../fake-clock.js';

class Resolver {
  readonly asked: string[] = [];
  readonly #pending = new Map<string, PromiseWithResolvers<readonly LookupAddress[]>>();
  now = 0;

  readonly resolve = (name: string, family: 4 | 6 | undefined): Promise<readonly LookupAddress[]> => {
    const host = family === undefined ? name : `${name} over IPv${family}`;
    this.asked.push(host);
    const answer = Promise.withResolvers<readonly LookupAddress[]>();
    this.#pending.set(host, answer);
    return answer.promise;
  };

  async answer(host: string, address = '192.0.2.1'): Promise<void> {
    this.#pending.get(host)?.resolve([{ address, family: 4 }]);
    await settle();
  }

  async fail(host: string): Promise<void> {
    this.#pending.get(host)?.reject(new Error(`no ${host}`));
    await settle();
  }
}

const forever = () => new AbortController().signal;

describe('lookups of names', () => {
  let resolver: Resolver;
  let lookups: Lookups;

  beforeEach(() => {
    resolver = new Resolver();
    lookups = new Lookups(4, resolver.resolve, () => resolver.now);
  });

  test('share one that runs already, each with a signal of its own', async () => {
    const controller = new AbortController();
    const aborted = lookups.addresses('partner.example', undefined, controller.signal);
    const second = lookups.addresses('Partner.example', undefined, forever());
    controller.abort(new Error('too late'));
    await expect(aborted).rejects.toThrow('too late');

    await resolver.answer('partner.example');

    await expect(second).resolves.toEqual([{ address: '192.0.2.1', family: 4 }]);
    expect(resolver.asked).toEqual(['partner.example']);
  });

  test('join one that nobody waits for any more, since it cannot be stopped', async () => {
    const controller = new AbortController();
    const first = lookups.addresses('dead.example', undefined, controller.signal);
    await settle();
    controller.abort(new Error('too late'));
    await expect(first).rejects.toThrow('too late');

    const second = lookups.addresses('dead.example', undefined, forever());
    await resolver.answer('dead.example');

    await expect(second).resolves.toHaveLength(1);
    expect(resolver.asked).toEqual(['dead.example']);
  });

  test('ask anew once the last one has ended, and tell IPv4 from IPv6', async () => {
    const first = lookups.addresses('partner.example', undefined, forever());
    void lookups.addresses('partner.example', 6, forever());
    first.catch(() => {});
    await resolver.fail('partner.example');
    await expect(first).rejects.toThrow('no partner.example');
    void lookups.addresses('partner.example', undefined, forever());
    await settle();

    expect(resolver.asked).toEqual(['partner.example', 'partner.example over IPv6', 'partner.example']);
  });

  test('take no more threads than allowed; one whose waiters have all gone never begins', async () => {
    for (const host of ['a', 'b', 'c', 'd']) void lookups.addresses(host, undefined, forever());
    const controller = new AbortController();
    const gone = lookups.addresses('e', undefined, controller.signal);
    const last = lookups.addresses('f', undefined, forever());
    await settle();
    expect(resolver.asked).toEqual(['a', 'b', 'c', 'd']);
    controller.abort(new Error('too late'));
    await expect(gone).rejects.toThrow('too late');

    await resolver.answer('a');
    await resolver.answer('f');

    await expect(last).resolves.toHaveLength(1);
    expect(resolver.asked).toEqual(['a', 'b', 'c', 'd', 'f']);
  });

  test('leave threads to other names where some took long before', async () => {
    for (const host of ['slow1', 'slow2', 'slow3']) void lookups.addresses(host, undefined, forever()).catch(() => {});
    await settle();
    resolver.now = 5_000;
    for (const host of ['slow1', 'slow2', 'slow3']) await resolver.fail(host);

    for (const host of ['slow1', 'slow2', 'slow3', 'well1', 'well2']) void lookups.addresses(host, undefined, forever());
    await settle();

    expect(resolver.asked.slice(3)).toEqual(['slow1', 'slow2', 'well1', 'well2']);
  });

  test('need no thread for an address', async () => {
    for (const host of ['a', 'b', 'c', 'd']) void lookups.addresses(host, undefined, forever());

    void lookups.addresses('192.0.2.7', undefined, forever());
    void lookups.addresses('2001:db8::7', undefined, forever());
    await settle();

    expect(resolver.asked).toEqual(['a', 'b', 'c', 'd', '192.0.2.7', '2001:db8::7']);
  });

  test.each([
    [undefined, 2],
    ['32', 16],
    ['1', 1],
    ['many', 2],
  ])('take half of the threads: of UV_THREADPOOL_SIZE=%s, %d', (threads, most) => {
    expect(lookupsAtOnce(threads)).toBe(most);
  });
});
