// The round trip of a file of our own, and what is left where it fails.

import { SourceError, type ErrorClass } from '../../../src/sources/kind.js';
import { of, Rig } from './rig.js';

const source = 'source="inbox",kind="files"';

function rig(options: { keep_name?: boolean } = {}): Rig {
  return new Rig({ canary: { directory: '/canary', ...options } });
}

describe('the canary', () => {
  test('writes, renames, reads, compares and removes a file, and leaves nothing', async () => {
    const one = rig();
    const found = await one.look();

    expect(found).toContain(`vigie_canary_up{${source}} 1`);
    expect(
      found.filter((line) => line.startsWith('vigie_canary_duration')).map((line) => /step="(?<step>\w+)"/.exec(line)?.groups?.['step']),
    ).toEqual(['compare', 'connect', 'list', 'read', 'remove', 'rename', 'write']);
    expect(of(found, 'vigie_canary_failures_total')).toEqual([]);
    expect(found).toContain(`vigie_canary_failures_total{${source},step="write",class="full"} 0`);
    expect([...one.store.files.keys()]).toEqual([]);
    expect(one.store.removed[0]).toMatch(/^\/canary\/\.vigie-canary-inbox-[0-9a-f]{16}$/);
  });

  test.each<['write' | 'rename' | 'read' | 'remove' | 'list', ErrorClass]>([
    ['write', 'full'],
    ['write', 'permission'],
    ['write', 'read_only'],
    ['rename', 'permission'],
    ['read', 'lost'],
    ['remove', 'permission'],
    ['list', 'not_found'],
  ])('is down where it may not %s: %s, and is cleaned up as soon as that goes', async (step, errorClass) => {
    const one = rig();
    one.store.failures.set(step, new SourceError(step, errorClass, 'so it is'));
    const down = await one.look();
    one.store.failures.clear();
    const up = await one.look();

    expect(of(down, 'vigie_canary_up', 'vigie_canary_failures_total')).toEqual([
      `vigie_canary_failures_total{${source},step="${step}",class="${errorClass}"} 1`,
    ]);
    expect(one.source?.journals?.()[0]?.failed[0]?.failure).toBe(`${errorClass} in ${step}: so it is`);
    expect(up).toContain(`vigie_canary_up{${source}} 1`);
    expect([...one.store.files.keys()]).toEqual([]);
  });

  test('is down where the server cannot be reached, while a secret that is missing is an error of the source', async () => {
    const one = rig();
    one.failure = new SourceError('connect', 'refused', 'nothing listens there');
    const down = await one.look();
    one.failure = new SourceError('login', 'secret', 'cannot be read');

    expect(of(down, 'vigie_canary_failures_total')).toEqual([`vigie_canary_failures_total{${source},step="connect",class="refused"} 1`]);
    expect((await one.failed()).errorClass).toBe('secret');
  });

  test('is down where something else is read than was written', async () => {
    const one = rig();
    one.store.read = () => Promise.resolve(Buffer.from('something else'));

    expect(of(await one.look(), 'vigie_canary_failures_total')).toEqual([
      `vigie_canary_failures_total{${source},step="compare",class="protocol"} 1`,
    ]);
    expect([...one.store.files.keys()]).toEqual([]);
  });

  test('removes what a crash has left, once no round can still be using it, and nothing that is not of this source', async () => {
    const one = rig();
    const others = [
      '.vigie-canary-inbox-short',
      '.vigie-canary-other-0123456789abcdef',
      'invoice.xml',
      '.vigie-canary-inbox-0123456789abcdef.xml',
    ];
    const left = ['.vigie-canary-inbox-0123456789abcdef', '.vigie-canary-inbox-fedcba9876543210.tmp'];
    for (const name of [...others, ...left]) one.store.put(`/canary/${name}`);
    await one.look();
    const atOnce = one.store.files.size;
    await one.clock.advance(60_000);
    await one.look();

    expect(atOnce).toBe(6);
    expect([...one.store.files.keys()]).toEqual(others.map((name) => `/canary/${name}`));
  });

  test('does not disturb one of another exporter that runs meanwhile', async () => {
    const one = rig();
    const two = rig();
    Object.assign(two, { store: one.store });

    const found = await Promise.all([one.look(), two.look(), one.look(), two.look()]);

    expect(found.flat().filter((line) => line.startsWith('vigie_canary_up'))).toEqual(Array(4).fill(`vigie_canary_up{${source}} 1`));
    expect(one.store.files.size).toBe(0);
  });

  test('leaves out the renaming where it is asked to', async () => {
    const one = rig({ keep_name: true });
    one.store.failures.set('rename', new SourceError('write', 'permission', 'no'));

    expect((await one.look()).join('\n')).not.toContain('rename');
  });
});
