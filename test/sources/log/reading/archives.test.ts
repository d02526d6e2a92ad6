// Rotated files that were compressed: what was not read of them before is read from them, and nothing twice.

import { copyFile, utimes } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { GRACE_MS } from '../../../../src/sources/log/reading/follower.js';
import { FollowerRig, joined, someLines } from './follower-rig.js';

let rig: FollowerRig;
beforeEach(async () => {
  rig = await FollowerRig.create();
});
afterEach(async () => {
  await rig.remove();
});

const LONG = 'x'.repeat(60);

describe('compressed files that are there at the first start', () => {
  test('are history, even where everything is to be read from its start', async () => {
    await rig.write('app.log', joined(someLines(2)));
    await rig.write('app.log.1.gz', gzipSync(joined(someLines(5))));
    await rig.start({ from: 'start' });

    const first = await rig.look();
    await rig.look();

    expect(rig.records).toHaveLength(2);
    expect(first).toEqual({ behind: 0, unreadSince: undefined, files: 1, error: undefined });
  });
});

describe('after a restart', () => {
  test.each([3, 50])('the rest of a file that was compressed meanwhile is read, after %i lines', async (count) => {
    await rig.follow();
    const [seen, missed, fresh] = [someLines(count, LONG), someLines(4, LONG), someLines(2)];
    await rig.write('app.log', joined(seen));
    await rig.look();
    await rig.stop();
    await rig.append('app.log', joined(missed));
    await rig.compress('app.log', 'app.log.1.gz');
    await rig.write('app.log', joined(fresh));

    await rig.start();
    await rig.look();
    await rig.advance(GRACE_MS * 2);
    await rig.look();

    expect(rig.records.toSorted()).toEqual([...seen, ...missed, ...fresh].toSorted());
    expect(rig.told.lostBytes).toBe(0);
  });

  test('a file that came, was rotated and compressed while nobody looked is read from its start, once', async () => {
    await rig.follow();
    await rig.write('app.log', joined(someLines(3, LONG)));
    await rig.look();
    await rig.stop();
    const unseen = someLines(7, LONG);
    await rig.compress('app.log', 'app.log.2.gz');
    await rig.write('app.log', joined(unseen));
    await rig.compress('app.log', 'app.log.1.gz');
    await rig.write('app.log', '');

    await rig.start();
    await rig.look();
    await rig.stop();
    await rig.rename('app.log.2.gz', 'app.log.3.gz');
    await rig.rename('app.log.1.gz', 'app.log.2.gz');
    await rig.start();
    await rig.look();

    expect(rig.records).toHaveLength(10);
    expect(rig.records.slice(3)).toEqual(unseen);
  });

  test('one that nobody knows and that is older than the saved state stays history', async () => {
    await rig.follow();
    await rig.write('app.log', joined(someLines(3)));
    await rig.look();
    await rig.stop();
    await rig.write('app.log.9.gz', gzipSync(joined(someLines(5))));
    const yesterday = new Date(Date.now() - 86_400_000);
    await utimes(rig.path('app.log.9.gz'), yesterday, yesterday);

    await rig.start();
    await rig.look();

    expect(rig.records).toHaveLength(3);
  });

  test('the place in a long one is kept, over a kill too', async () => {
    await rig.follow();
    await rig.write('app.log', joined(someLines(3, LONG)));
    await rig.look();
    await rig.stop();
    const unseen = someLines(60_000, LONG);
    await rig.write('app.log.1', joined(unseen));
    await rig.compress('app.log.1');
    await rig.start();

    let asked = 0;
    const partly = await rig.look(() => ++asked > 3);
    const before = rig.records.length;
    rig.save();
    await rig.look(() => ++asked > 8);
    await rig.kill();
    const after = rig.records.length;
    await rig.look();

    expect(partly.behind).toBeGreaterThan(0);
    expect(partly.unreadSince).toBeDefined();
    expect(before).toBeGreaterThan(3);
    expect(before).toBeLessThan(60_003);
    expect(after).toBe(before);
    expect(rig.records.slice(3)).toEqual(unseen);
  });

  test('records of several lines and other encodings are read from them as from files', async () => {
    const multiline = { isStart: (line: string) => line.startsWith('>'), maxLines: 9, timeoutMs: 1000 };
    await rig.follow({ multiline });
    const text = '\uFEFF>one\n é\n>two\n 日本\n>three';
    await rig.stop();
    await rig.write('app.log.1.gz', gzipSync(Buffer.from(text, 'utf16le')));
    await rig.write('app.log', '');

    await rig.start();
    await rig.look();

    expect(rig.records).toEqual(['>one\n é', '>two\n 日本', '>three']);
  });
});

describe('while it runs', () => {
  test('the compressed copy of what has been read is not read again, whatever name it gets', async () => {
    await rig.follow();
    await rig.write('app.log', joined(someLines(30, LONG)));
    await rig.look();
    await rig.append('app.log', joined(someLines(3, LONG)));
    await rig.rename('app.log', 'app.log.1');
    await rig.write('app.log', joined(someLines(1)));
    await rig.look();
    await rig.compress('app.log.1');
    await rig.look();
    await rig.advance(GRACE_MS);
    await rig.look();
    await rig.rename('app.log.1.gz', 'app.log.2.gz');
    await rig.look();
    await copyFile(rig.path('app.log.2.gz'), rig.path('app.log.copy.gz'));
    await rig.look();
    await rig.stop();
    await rig.start();

    await rig.look();

    expect(rig.records).toHaveLength(34);
  });

  test('it is known too where it comes long after its original was let go', async () => {
    await rig.follow({ globs: ['app.log', '*.gz'] });
    await rig.write('app.log', joined(someLines(30, LONG)));
    await rig.look();
    await rig.rename('app.log', 'waiting');
    await rig.write('app.log', joined(someLines(1)));
    await rig.look();
    await rig.advance(GRACE_MS);
    await rig.look();
    await rig.compress('waiting', 'old.gz');

    await rig.look();

    expect(rig.records).toHaveLength(31);
  });

  test('what was written between the last look and a cut is found in the compressed copy', async () => {
    await rig.follow();
    const all = someLines(40, LONG);
    await rig.write('app.log', joined(all.slice(0, 30)));
    await rig.look();
    await rig.append('app.log', joined(all.slice(30)));
    await copyFile(rig.path('app.log'), rig.path('app.log.1'));
    await rig.compress('app.log.1');
    await rig.truncate('app.log');
    await rig.append('app.log', joined(someLines(2)));

    await rig.look();
    await rig.look();

    expect(rig.records.toSorted()).toEqual([...new Set(rig.records)].toSorted());
    expect(rig.records).toHaveLength(42);
  });

  test('a copy of a file that goes on is held until that one is cut', async () => {
    await rig.follow();
    await rig.write('app.log', joined(someLines(30, LONG)));
    await rig.look();
    await rig.append('app.log', joined(someLines(2, LONG)));
    await copyFile(rig.path('app.log'), rig.path('app.log.1'));
    await rig.compress('app.log.1');
    await rig.look();
    await rig.truncate('app.log');
    await rig.look();
    await rig.append('app.log', joined(someLines(1)));

    await rig.look();

    expect(rig.records).toHaveLength(33);
  });

  test('one that came and went between two looks is read', async () => {
    await rig.follow();
    await rig.write('app.log', joined(someLines(30, LONG)));
    await rig.look();
    await rig.compress('app.log', 'app.log.2.gz');
    await rig.write('app.log', joined(someLines(5, LONG)));
    await rig.compress('app.log', 'app.log.1.gz');
    await rig.write('app.log', '');

    await rig.look();

    expect(rig.records).toHaveLength(35);
  });
});

describe('compressed files that are not whole', () => {
  test('are waited for while they are written', async () => {
    await rig.follow();
    await rig.write('app.log', '');
    const unseen = someLines(20, LONG);
    const whole = gzipSync(joined(unseen));
    const looks = [];
    for (const size of [0, 5, 60, whole.length]) {
      await rig.write('app.log.1.gz', whole.subarray(0, size));
      looks.push(await rig.look());
    }

    await rig.look();

    expect(rig.records).toEqual(unseen);
    expect(looks.map(({ error }) => error)).toEqual([undefined, undefined, undefined, undefined]);
  });

  test('are told once when nobody goes on writing them', async () => {
    await rig.follow();
    await rig.write('app.log', '');
    await rig.write('app.log.1.gz', gzipSync(joined(someLines(20, LONG))).subarray(0, 60));
    await rig.look();
    await rig.advance(GRACE_MS);

    const told = await rig.look();
    const after = await rig.look();

    expect(told.error).toMatchObject({ phase: 'read', errorClass: 'internal' });
    expect(told.error?.message).toContain('app.log.1.gz to its end: it is no whole gzip file');
    expect(after).toMatchObject({ behind: 0, error: undefined });
  });

  test.each([
    ['no gzip at all', Buffer.from('hello, world')],
    ['damaged', Buffer.concat([gzipSync('some text').subarray(0, 12), Buffer.from('garbage and more garbage')])],
  ])('are told once where they are %s, and keep nothing else from being read', async (_what, bytes) => {
    await rig.follow();
    await rig.write('app.log', joined(someLines(2)));
    await rig.write('app.log.2.gz', bytes);
    await rig.write('app.log.1.gz', gzipSync(joined(someLines(3))));

    const told = await rig.look();
    const after = await rig.look();

    expect(rig.records).toHaveLength(5);
    expect(told.error?.message).toContain(`cannot read ${rig.path('app.log.2.gz')} to its end`);
    expect(after.error).toBeUndefined();
  });
});
