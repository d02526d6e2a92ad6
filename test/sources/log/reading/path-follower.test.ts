// Following a path: named pipes by a stream, files by the package tail.

import { execFile } from 'node:child_process';
import { appendFile, mkdtemp, open, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createCodec } from '../../../../src/sources/log/reading/codec.js';
import { PathFollower, QUEUE_BYTES, type PathFollowerOptions } from '../../../../src/sources/log/reading/path-follower.js';
import { FakeClock } from '../../../fake-clock.js';
import { until } from '../../../wait.js';
import { joined, someLines, Told } from './follower-rig.js';

const never = () => false;

describe('following a path', () => {
  const clock = new FakeClock();
  let told: Told;
  let folder: string;
  let path: string;
  let follower: PathFollower;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vigie-path-'));
    path = join(folder, 'app.log');
    told = new Told();
  });
  afterEach(async () => {
    await follower.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function start(options: Partial<PathFollowerOptions> = {}): Promise<void> {
    const codec = options.codec ?? (await createCodec('utf-8'));
    const fixed = { paths: ['app.log'], folder, from: 'end', maxLine: 1000, clock, sink: told, pollMs: 20 } as const;
    follower = new PathFollower({ ...fixed, ...options, codec });
  }

  async function untilRead(count: number): Promise<void> {
    await until(async () => {
      await follower.look(never);
      return told.records.length >= count;
    });
  }

  describe('of a named pipe', () => {
    beforeEach(async () => {
      await promisify(execFile)('mkfifo', [path]);
    });

    test('reads what several writers write, one after the other, and keeps characters whole', async () => {
      await start();
      await follower.look(never);
      for (const parts of [
        ['one\nhal', 'f\n'],
        [Buffer.of(0xc3), Buffer.of(0xa9, 0x0a)],
      ]) {
        const writer = await open(path, 'w');
        for (const part of parts) {
          await (typeof part === 'string' ? writer.write(part) : writer.write(part));
          await follower.look(never);
        }
        await writer.close();
      }

      await untilRead(3);

      expect(told.records).toEqual(['one', 'half', 'é']);
    });

    test('keeps the writer waiting when it is not read, and loses nothing', async () => {
      await start();
      await follower.look(never);
      const lines = someLines(300_000, 'x'.repeat(80));
      const text = joined(lines);
      const writing = writeFile(path, text);
      await until(async () => (await follower.look(() => true)).behind >= QUEUE_BYTES);
      const { behind, unreadSince } = await follower.look(() => true);

      await untilRead(lines.length);
      await writing;

      expect(text.length).toBeGreaterThan(QUEUE_BYTES * 1.5);
      expect(behind).toBeLessThan(QUEUE_BYTES * 1.1);
      expect(unreadSince).toBe(clock.monotonic());
      expect(told.records.length).toBe(lines.length);
      expect(told.records.at(-1)).toBe(lines.at(-1));
      expect(told.lostBytes).toBe(0);
    });

    test('joins records of several lines, and hands the last one over after a while', async () => {
      await start({ multiline: { isStart: (line) => line.startsWith('>'), maxLines: 9, timeoutMs: 1000 } });
      await follower.look(never);
      await writeFile(path, '>one\n a\n>two\n b\n');
      await untilRead(1);
      await clock.advance(1000);

      await untilRead(2);

      expect(told.records).toEqual(['>one\n a', '>two\n b']);
    });
  });

  describe('of a file', () => {
    test('reads what is written from now on', async () => {
      await writeFile(path, joined(someLines(3)));
      await start();
      await follower.look(never);
      await until(async () => {
        await appendFile(path, 'été\n');
        await follower.look(never);
        return told.records.length > 0;
      });

      expect(new Set(told.records)).toEqual(new Set(['été']));
    });

    test('reads it whole where it appears later, in every encoding', async () => {
      await start({ codec: await createCodec('utf-16be') });
      const missing = await follower.look(never);
      await writeFile(path, Buffer.from('\uFEFFété\nà\n', 'utf16le').swap16());

      await untilRead(2);

      expect(missing.error).toMatchObject({ errorClass: 'not_found' });
      expect(told.records).toEqual(['été', 'à']);
    });

    test('begins anew in a file that takes its place, and in one that was cut, without gluing lines', async () => {
      await start({ from: 'start' });
      await writeFile(path, 'one\nhalf');
      await untilRead(1);
      await rename(path, `${path}.1`);
      await writeFile(path, 'two\nthree and more of it\n');
      await untilRead(4);
      await truncate(path);
      await until(async () => {
        await follower.look(never);
        await appendFile(path, 'four\n');
        await follower.look(never);
        return told.records.includes('four');
      });

      expect(told.records.slice(0, 4)).toEqual(['one', 'half', 'two', 'three and more of it']);
      expect(new Set(told.records.slice(4))).toEqual(new Set(['four']));
    });

    test('counts what there was no room for, and drops the line that was cut in two', async () => {
      await start({ from: 'start' });
      const lines = someLines(500_000, 'x'.repeat(80));
      const text = joined(lines);
      await writeFile(path, text);
      await follower.look(never);
      await until(async () => (await follower.look(() => true)).behind >= QUEUE_BYTES);
      // What is read after this is left out.
      await until(async () => {
        await new Promise((resolve) => setImmediate(resolve));
        return (await follower.look(() => true)).behind >= QUEUE_BYTES;
      });

      await until(async () => {
        await follower.look(never);
        const read = told.records.reduce((sum, line) => sum + line.length + 1, 0);
        return read + told.lostBytes >= text.length - 100;
      });

      const known = new Set(lines);
      expect(told.lostBytes).toBeGreaterThan(0);
      expect(told.records.every((line) => known.has(line))).toBe(true);
    });
  });

  test('tells places to nobody', async () => {
    await start();

    expect(follower.state()).toEqual({ version: 2, savedAt: clock.now(), globs: [], files: [], gone: [], archives: [] });
  });
});
