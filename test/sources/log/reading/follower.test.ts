// What the follower tells beside records: how far behind it is, what is lost, where to go on.

import { open } from 'node:fs/promises';
import { GRACE_MS } from '../../../../src/sources/log/reading/follower.js';
import type { Look } from '../../../../src/sources/log/reading/reader.js';
import { readState } from '../../../../src/sources/log/reading/state.js';
import { SourceError } from '../../../../src/sources/kind.js';
import { FollowerRig, joined, someLines } from './follower-rig.js';

let rig: FollowerRig;
beforeEach(async () => {
  rig = await FollowerRig.create();
});
afterEach(async () => {
  await rig.remove();
});

const never = () => false;

/** Stops after so many questions. */
function after(count: number): () => boolean {
  let asked = 0;
  return () => ++asked > count;
}

describe('how far behind', () => {
  test('bytes, and since when, as far as looks can tell', async () => {
    await rig.follow();
    await rig.write('app.log', joined(someLines(1)));
    await rig.look();
    await rig.advance(1000);
    const [first, second] = [joined(someLines(10)), joined(someLines(20))];
    await rig.append('app.log', first);
    const one = await rig.look(() => true);
    await rig.advance(1000);
    await rig.append('app.log', second);

    const two = await rig.look(() => true);
    const three = await rig.look();

    expect([one.behind, two.behind, three.behind]).toEqual([first.length, first.length + second.length, 0]);
    expect([one.unreadSince, two.unreadSince, three.unreadSince]).toEqual([1000, 1000, undefined]);
  });

  test('a file that grows faster than it is read is told, and read in the end', async () => {
    await rig.follow();
    const lines = [];
    const behind: Look[] = [];
    for (let round = 0; round < 5; round++) {
      const more = someLines(20_000, 'x'.repeat(100));
      lines.push(...more);
      await rig.append('app.log', joined(more));
      await rig.advance(1000);
      behind.push(await rig.look(after(3)));
    }

    const last = await rig.look();

    expect(behind.every((look, index) => look.behind > (behind[index - 1]?.behind ?? 0))).toBe(true);
    expect(behind.at(-1)?.unreadSince).toBeLessThan(5000);
    expect(last).toMatchObject({ behind: 0, unreadSince: undefined });
    expect(rig.records).toEqual(lines);
  });
});

describe('bytes that were seen and are lost', () => {
  test('are told when a file was cut before they were read, and no copy of it turns up', async () => {
    await rig.follow();
    await rig.write('app.log', joined(someLines(1)));
    await rig.look();
    const unread = joined(someLines(50));
    await rig.append('app.log', unread);
    await rig.look(() => true);
    await rig.truncate('app.log');
    await rig.look();
    const early = rig.told.lostBytes;
    await rig.advance(GRACE_MS);
    await rig.look();
    await rig.advance(GRACE_MS);

    await rig.look();

    expect(early).toBe(0);
    expect(rig.told.lostBytes).toBe(unread.length);
  });

  test('are not, where the copy is found', async () => {
    await rig.follow();
    await rig.write('app.log', joined(someLines(1)));
    await rig.look();
    const unread = joined(someLines(50));
    await rig.append('app.log', unread);
    await rig.look(() => true);
    const whole = await open(rig.path('app.log'), 'r');
    const content = await whole.readFile();
    await whole.close();
    await rig.truncate('app.log');
    await rig.look();
    await rig.write('app.log.1', content);
    await rig.advance(GRACE_MS / 2);
    await rig.look();
    await rig.advance(GRACE_MS);

    await rig.look();

    expect(rig.records).toHaveLength(51);
    expect(rig.told.lostBytes).toBe(0);
  });

  test('are told when a file vanished while nobody looked', async () => {
    await rig.follow();
    await rig.write('app.log', joined(someLines(1)));
    await rig.look();
    const unread = joined(someLines(50));
    await rig.append('app.log', unread);
    await rig.look(() => true);
    await rig.stop();
    await rig.unlink('app.log');
    await rig.start();
    await rig.look();
    await rig.stop();
    await rig.start();
    await rig.look();
    await rig.advance(GRACE_MS);
    await rig.look();

    await rig.look();

    expect(rig.told.lostBytes).toBe(unread.length);
  });

  test('are told when the end of a file was cut off', async () => {
    await rig.follow();
    const whole = joined(someLines(2));
    await rig.write('app.log', `${whole}half a line`);
    await rig.look();
    await rig.truncate('app.log', whole.length + 4);

    await rig.look();

    expect(rig.told.lostBytes).toBe('half a line'.length - 4);
    expect(rig.records).toHaveLength(2);
  });
});

describe('the last record of several lines', () => {
  const multiline = { isStart: (line: string) => line.startsWith('>'), maxLines: 100, timeoutMs: 5000 };

  test('is complete when nothing has been written for a while, and is not counted again over a kill', async () => {
    await rig.follow({ multiline });
    await rig.write('app.log', '>one\n a\n>two\n b\n');
    await rig.look();
    rig.save();
    const before = [...rig.records];
    await rig.advance(3000);
    await rig.append('app.log', ' c\n');
    await rig.look();
    await rig.kill();
    await rig.look();
    await rig.advance(4000);
    await rig.look();
    const between = [...rig.records];
    await rig.advance(1000);
    await rig.look();
    rig.save();
    await rig.kill();
    await rig.append('app.log', ' late\n>three\n');
    await rig.look();

    expect(before).toEqual(['>one\n a']);
    expect(between).toEqual(['>one\n a']);
    expect(rig.records).toEqual(['>one\n a', '>two\n b\n c', ' late']);
  });
});

describe('where to go on', () => {
  test('a byte order mark tells the encoding after a restart too', async () => {
    await rig.follow();
    await rig.write('app.log', Buffer.from('\uFEFFété\n', 'utf16le'));
    await rig.look();
    await rig.stop();
    await rig.append('app.log', Buffer.from('plus tard\nà', 'utf16le'));
    await rig.start();
    await rig.look();
    await rig.append('app.log', Buffer.from(' suivre\n', 'utf16le'));

    await rig.look();

    expect(rig.records).toEqual(['été', 'plus tard', 'à suivre']);
  });

  test('is known although every file has another identity, as after a move to another disk', async () => {
    await rig.follow();
    const lines = someLines(20);
    await rig.write('app.log', joined(lines));
    await rig.look();
    await rig.stop();
    await rig.rename('app.log', 'elsewhere');
    await rig.write('app.log', joined([...lines, ...someLines(3)]));
    await rig.start();

    await rig.look();

    expect(rig.records).toHaveLength(23);
  });

  test('is told between looks, and files are opened between looks', async () => {
    await rig.follow();
    await rig.write('app.log', joined(someLines(2)));
    await rig.look();
    await rig.write('app.log.tmp', joined(someLines(4)));
    await rig.follower.meet();
    await rig.unlink('app.log.tmp');
    rig.save();

    await rig.look();

    expect(rig.records).toHaveLength(6);
    expect(rig.follower.folders).toEqual([rig.folder]);
  });

  test.each([
    null,
    7,
    {},
    { version: 1, globs: [], files: [], cuts: [] },
    { version: 2, savedAt: 1, globs: [], files: [{}], gone: [], archives: [] },
  ])('damaged: %j is an error that says what to do', (value) => {
    expect(() => readState(value)).toThrow(SourceError);
    expect(() => readState(value)).toThrow('put back a copy of the record, or delete it to begin anew as `from` says');
  });

  test('absent: it begins as `from` says', () => {
    expect(readState(undefined)).toBeUndefined();
  });
});

describe('what a log may hold', () => {
  test('a line of 100 MB is told once, in bounded memory, and what follows is read', async () => {
    await rig.follow();
    const file = await open(rig.path('app.log'), 'a');
    const part = Buffer.alloc(1024 * 1024, 'x');
    await file.write('before\n');
    const { arrayBuffers } = process.memoryUsage();
    let most = 0;
    for (let count = 0; count < 100; count++) {
      await file.write(part);
      if (count % 10 !== 5) continue;
      await rig.look(never);
      most = Math.max(most, process.memoryUsage().arrayBuffers - arrayBuffers);
    }
    await file.write('\nafter\n');
    await file.close();

    await rig.look();

    expect(rig.records).toEqual(['before', 'after']);
    expect(rig.told.tooLong).toBe(1);
    expect(most).toBeLessThan(16 * 1024 * 1024);
  });

  test('a hole of zeros before the first line, larger than what is read at a time', async () => {
    await rig.follow();
    await rig.write('app.log', '');
    await rig.truncate('app.log', 3 * 1024 * 1024);
    await rig.look();
    await rig.append('app.log', 'line\n');

    await rig.look();

    expect(rig.records).toEqual(['line']);
    expect(rig.told.tooLong).toBe(0);
  });
});
