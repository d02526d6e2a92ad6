// Following files: each line counts exactly once, whatever rotation does to the files.

import { chmod, link, mkdir, open, truncate } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { Follower, GRACE_MS, MAX_OPEN, MISSING_GRACE_MS } from '../../../src/sources/log/reading/follower.js';
import { counting, lines, Rig } from './rig.js';

let rig: Rig;
beforeEach(async () => {
  rig = await Rig.create();
});
afterEach(async () => {
  await rig.remove();
});

describe('where a log source begins', () => {
  test('skips what was there before its first look, and reads what comes after', async () => {
    await rig.write('app.log', lines(5));
    await rig.start();
    await rig.look();
    await rig.append('app.log', lines(2));

    await rig.look();

    expect(rig.received).toBe(2);
  });

  test('reads what was there from its start where the YAML says so', async () => {
    await rig.write('app.log', lines(5));
    await rig.start({ ...counting, from: 'start' });

    await rig.look();

    expect(rig.received).toBe(5);
  });

  test('counts the line that was half written at its first look', async () => {
    await rig.write('app.log', `${lines(3)}{"id":`);
    await rig.start();
    await rig.look();
    await rig.append('app.log', '77}\n');

    await rig.look();

    expect(rig.received).toBe(1);
    expect(rig.lines('malformed')).toBe(0);
  });

  test('reads files that appear later from their start', async () => {
    await rig.write('app.log', lines(5));
    await rig.start();
    await rig.look();
    await rig.write('app.log-new', lines(4));

    await rig.look();

    expect(rig.received).toBe(4);
  });
});

describe('half lines and odd bytes', () => {
  test('counts a half line once it is complete, however many looks that takes', async () => {
    await rig.write('app.log', '');
    await rig.start();
    await rig.look();
    for (const piece of ['{"id"', ':1', '}', '\n{"id":2}\n{']) {
      await rig.append('app.log', piece);
      await rig.look();
    }

    expect(rig.received).toBe(2);
  });

  test('keeps a character whole that is split between looks', async () => {
    const bytes = Buffer.from('{"partner":"chuv","text":"été €"}\n');
    await rig.write('app.log', '');
    await rig.start({ ...counting, events: [{ ...counting.events[0], when: { text: 'été €' } }] });
    await rig.look();
    for (const byte of bytes) {
      await rig.append('app.log', Buffer.of(byte));
      await rig.look();
    }

    expect(rig.received).toBe(1);
  });

  test('reads lines that end in CRLF, and after a byte order mark', async () => {
    await rig.follow({ ...counting, format: { regex: '^(?<id>\\d+)$' } });
    await rig.write('app.log', '\uFEFF1\r\n2\r\n3\n');

    await rig.look();

    expect(rig.received).toBe(3);
  });

  test('skips a line that is too long and counts it once, whether it comes at once or in pieces', async () => {
    await rig.follow({ ...counting, max_line: 64 });
    await rig.write('app.log', `${lines(1)}{"x":"${'y'.repeat(100)}"}\n${lines(1)}`);
    await rig.look();
    for (const piece of ['z'.repeat(60), 'z'.repeat(60), 'z'.repeat(300_000), `z\n${lines(1)}`]) {
      await rig.append('app.log', piece);
      await rig.look();
    }

    expect(rig.lines('too_long')).toBe(2);
    expect(rig.received).toBe(3);
  });

  test('passes over the zeros that a writer without O_APPEND leaves after its file was cut', async () => {
    await rig.follow();
    const writer = await open(rig.path('app.log'), 'w');
    await writer.write(lines(3));
    await rig.look();
    await truncate(rig.path('app.log'));
    await writer.write(lines(2));

    await rig.look();

    await writer.close();
    expect(rig.received).toBe(5);
    expect(rig.lines('malformed')).toBe(0);
  });
});

describe('rotation by renaming', () => {
  test('reads the rest of the old file and the new one', async () => {
    await rig.follow();
    await rig.write('app.log', lines(2));
    await rig.look();
    await rig.append('app.log', lines(3));
    await rig.rename('app.log', 'app.log.1');
    await rig.write('app.log', lines(4));

    await rig.look();

    expect(rig.received).toBe(9);
  });

  test('reads all generations of several rotations between two looks', async () => {
    await rig.follow();
    await rig.write('app.log', lines(2));
    await rig.look();
    for (let round = 0; round < 5; round++) {
      for (let age = 4; age >= 1; age--) await rig.rename(`app.log.${age}`, `app.log.${age + 1}`).catch(() => undefined);
      await rig.append('app.log', lines(3));
      await rig.rename('app.log', 'app.log.1');
      await rig.write('app.log', lines(1));
    }

    await rig.look();

    expect(rig.received).toBe(2 + 5 * 3 + 5);
  });

  test('reads the rest of a file that was rotated out of the glob, and what a late writer adds', async () => {
    await rig.follow({ ...counting, files: ['app.log'] });
    const writer = await open(rig.path('app.log'), 'a');
    await writer.write(lines(1));
    await rig.look();
    await writer.write(lines(2));
    await rig.rename('app.log', 'old');
    await rig.write('app.log', lines(4));
    await rig.look();
    await writer.write(lines(8));

    await rig.look();

    await writer.close();
    expect(rig.received).toBe(15);
  });

  test('leaves out the compressed copies that rotation makes', async () => {
    await rig.follow();
    await rig.write('app.log.2.gz', Buffer.from('1f8b0800', 'hex'));
    await rig.write('app.log', lines(1));

    const observations = await rig.look();

    expect(observations.find(({ metric }) => metric.name === 'vigie_log_files')?.value).toBe(1);
  });

  test('takes a file under two names for one', async () => {
    await rig.follow();
    await rig.write('app.log', lines(3));
    await link(rig.path('app.log'), rig.path('app.log.current'));

    await rig.look();

    expect(rig.received).toBe(3);
  });
});

describe('a file that is still being compressed', () => {
  test('is looked at again at the interval, and not without pause', async () => {
    await rig.follow();
    await rig.write('app.log', lines(1));
    await rig.write('app.log.1.gz', gzipSync(lines(3)).subarray(0, 40));
    const look = import.meta.jest.spyOn(Follower.prototype, 'look');

    const observations = await rig.look();
    await rig.clock.advance(0);

    expect(observations.find(({ metric }) => metric.name === 'vigie_log_bytes_behind')?.value).toBe(40);
    expect(look).toHaveBeenCalledTimes(1);
    look.mockRestore();
  });
});

describe('files that are removed', () => {
  test('reads what was written before and after, through its descriptor', async () => {
    await rig.follow();
    const writer = await open(rig.path('app.log'), 'a');
    await writer.write(lines(1));
    await rig.look();
    await writer.write(lines(2));
    await rig.unlink('app.log');
    await rig.look();
    await writer.write(lines(4));

    await rig.look();

    await writer.close();
    expect(rig.received).toBe(7);
  });

  test('lets go of it after a while without new lines, and counts a last line without line end then', async () => {
    await rig.follow();
    await rig.write('app.log', `${lines(1)}{"id":0}`);
    await rig.look();
    await rig.rename('app.log', 'gone');
    await rig.write('app.log', '');
    await rig.look();
    const before = rig.received;
    await rig.advance(GRACE_MS);

    const observations = await rig.look();

    expect(before).toBe(1);
    expect(rig.received).toBe(2);
    expect(observations.find(({ metric }) => metric.name === 'vigie_log_files')?.value).toBe(1);
  });
});

describe('files that are written anew and put in their own place', () => {
  test('go on where they were, the half line at their end too', async () => {
    await rig.follow();
    const half = '{"id":0,"text":"hal';
    const text = `${lines(20)}${half}`;
    await rig.write('app.log', text);
    await rig.look();
    await rig.write('.app.log.x', `${text}f"}\n${lines(2)}`);
    await rig.rename('.app.log.x', 'app.log');
    await rig.look();
    await rig.append('app.log', lines(4));
    await rig.advance(GRACE_MS);

    const observations = await rig.look();

    expect(rig.received).toBe(27);
    expect(rig.lines('malformed')).toBe(0);
    expect(observations.find(({ metric }) => metric.name === 'vigie_log_files')?.value).toBe(1);
  });

  test('count nothing twice where nothing was added, nor when they go on later', async () => {
    await rig.follow();
    const text = lines(20);
    await rig.write('app.log', text);
    await rig.look();
    await rig.write('.app.log.x', text);
    await rig.rename('.app.log.x', 'app.log');
    await rig.look();
    await rig.append('app.log', lines(1));

    await rig.look();

    expect(rig.received).toBe(21);
  });

  test('are known again under the name that rotation gave them', async () => {
    await rig.follow();
    const text = lines(20);
    await rig.write('app.log', text);
    await rig.look();
    await rig.write('.app.log.1', `${text}${lines(2)}`);
    await rig.rename('.app.log.1', 'app.log.1');
    await rig.write('.app.log', lines(3));
    await rig.rename('.app.log', 'app.log');

    await rig.look();

    expect(rig.received).toBe(25);
  });

  test('are read from their start where they begin with something else', async () => {
    await rig.follow();
    await rig.write('app.log', lines(20));
    await rig.look();
    await rig.write('.app.log.x', lines(30));
    await rig.rename('.app.log.x', 'app.log');

    await rig.look();

    expect(rig.received).toBe(50);
  });
});

describe('rotation by copy and truncation', () => {
  test('goes on at the start of a file that has become shorter', async () => {
    await rig.follow({ ...counting, files: ['app.log'] });
    await rig.write('app.log', lines(5));
    await rig.look();
    await rig.copyAndTruncate('app.log', 'copy');
    await rig.append('app.log', lines(2));

    await rig.look();

    expect(rig.received).toBe(7);
  });

  test('notices a file that was rewritten to the same size', async () => {
    await rig.follow({ ...counting, files: ['app.log'] });
    await rig.write('app.log', '{"id":1}\n{"id":2}\n');
    await rig.look();
    await rig.write('app.log', '{"id":3}\n{"id":4}\n');

    await rig.look();

    expect(rig.received).toBe(4);
  });

  test('notices a file that was rewritten to a greater size', async () => {
    await rig.follow({ ...counting, files: ['app.log'] });
    await rig.write('app.log', lines(2));
    await rig.look();
    await rig.write('app.log', lines(30));

    await rig.look();

    expect(rig.received).toBe(32);
  });

  test('drops a half line that the cut took away, rather than gluing it to the next', async () => {
    await rig.follow({ ...counting, files: ['app.log'] });
    await rig.write('app.log', `${lines(2)}{"lost":`);
    await rig.look();
    await rig.write('app.log', lines(1));

    await rig.look();

    expect(rig.received).toBe(3);
    expect(rig.lines('malformed')).toBe(0);
  });

  test('counts no line of the copy twice, and finds in it what came between the last look and the cut', async () => {
    await rig.follow();
    await rig.write('app.log', lines(5));
    await rig.look();
    await rig.append('app.log', lines(3));
    await rig.copyAndTruncate('app.log', 'app.log.1');
    await rig.append('app.log', lines(2));

    await rig.look();

    expect(rig.received).toBe(10);
  });

  test('finds several copies between two looks', async () => {
    await rig.follow();
    await rig.write('app.log', lines(5));
    await rig.look();
    await rig.append('app.log', lines(3));
    await rig.copyAndTruncate('app.log', 'app.log.1');
    await rig.append('app.log', lines(2));
    await rig.rename('app.log.1', 'app.log.2');
    await rig.copyAndTruncate('app.log', 'app.log.1');
    await rig.append('app.log', lines(1));

    await rig.look();

    expect(rig.received).toBe(11);
  });

  test('waits with a copy that it sees before the cut', async () => {
    await rig.follow();
    await rig.write('app.log', lines(5));
    await rig.look();
    const late = lines(3);
    await rig.append('app.log', late);
    await rig.write('app.log.1', '');
    await rig.look();
    const whole = await open(rig.path('app.log'), 'r');
    await rig.write('app.log.1', await whole.readFile());
    await whole.close();
    await rig.look();
    await rig.write('app.log', lines(2));

    await rig.look();

    expect(rig.received).toBe(10);
  });

  test('counts nothing of a backup that stays beside its original, until lines of its own come', async () => {
    await rig.follow();
    const text = lines(5, 'x'.repeat(100));
    await rig.write('app.log', text);
    await rig.look();
    await rig.write('app.log.bak', text);
    await rig.look();
    await rig.advance(GRACE_MS);
    await rig.look();
    const before = rig.received;
    await rig.append('app.log.bak', lines(1));

    await rig.look();

    expect(before).toBe(5);
    expect(rig.received).toBe(6);
  });

  test('takes a file that only begins like another one for what it is', async () => {
    await rig.follow();
    const head = '{"service":"started"}\n';
    await rig.write('app.log', head);
    await rig.look();
    await rig.write('app.log.b', head);
    await rig.look();
    await rig.append('app.log', lines(1));
    await rig.append('app.log.b', lines(2));

    await rig.look();

    expect(rig.received).toBe(5);
  });
});

describe('files that begin alike', () => {
  test('loses nothing of a file whose first half line another one has too, although that one goes away', async () => {
    await rig.follow();
    await rig.write('app.log', `{"service":"a"}\n${lines(1)}`);
    await rig.look();
    await rig.write('app.log.b', '{"service":');
    await rig.look();
    await rig.unlink('app.log');
    await rig.advance(GRACE_MS);
    await rig.look();
    await rig.look();
    await rig.append('app.log.b', '"b"}\n');

    await rig.look();

    expect(rig.received).toBe(3);
    expect(rig.lines('malformed')).toBe(0);
  });
});

describe('how it fares', () => {
  test('tells that no file is there, after the moment that rotation may leave', async () => {
    await rig.start();
    const first = rig.look();
    await expect(first).rejects.toMatchObject({ phase: 'read', errorClass: 'not_found', message: 'no file matches app.log*' });
    await rig.write('app.log', '');
    await rig.look();
    await rig.unlink('app.log');
    await rig.look();
    await rig.clock.advance(MISSING_GRACE_MS);

    const later = rig.look();

    await expect(later).rejects.toMatchObject({ errorClass: 'not_found' });
  });

  test('tells of a file that it may not read, and reads the others', async () => {
    await rig.follow();
    await rig.write('app.log', lines(2));
    await rig.write('app.log.secret', '');
    await chmod(rig.path('app.log.secret'), 0);
    await chmod(rig.folder, 0o755);

    const looking = asNobody(() => rig.look());

    await expect(looking).rejects.toMatchObject({ phase: 'read', errorClass: 'permission' });
    expect(rig.received).toBe(2);
  });

  test('tells of a folder that it may not read', async () => {
    await mkdir(rig.path('logs'), { mode: 0 });
    await chmod(rig.folder, 0o755);
    await rig.follow({ ...counting, files: ['logs/*.log'] });

    const looking = asNobody(() => rig.look());

    await expect(looking).rejects.toMatchObject({ errorClass: 'permission', message: 'cannot read logs/*.log: permission denied' });
  });

  test('follows a file that is named, in a folder that it may enter but not list', async () => {
    await mkdir(rig.path('logs'));
    await rig.write('logs/app.log', lines(2));
    await chmod(rig.path('logs'), 0o711);
    await chmod(rig.folder, 0o755);
    await rig.start({ ...counting, files: ['logs/app.log'], from: 'start' });

    await asNobody(() => rig.look());

    expect(rig.received).toBe(2);
  });

  test('reads files in turns, so that a large one keeps none waiting for long', async () => {
    await rig.follow();
    await rig.write('app.log', lines(20_000, 'x'.repeat(1000)));
    await rig.write('app.log.b', lines(10));

    await rig.look();

    expect(rig.received).toBe(20_010);
  });

  test('stops when it is told to, says how far behind it is, and goes on at the next look', async () => {
    await rig.follow();
    const text = lines(20);
    await rig.write('app.log', text);
    const stopped = await rig.look(AbortSignal.abort());
    const before = rig.received;

    const finished = await rig.look();

    const behind = [stopped, finished].map((look) => look.find(({ metric }) => metric.name === 'vigie_log_bytes_behind')?.value);
    expect(behind).toEqual([text.length, 0]);
    expect(before).toBe(0);
    expect(rig.received).toBe(20);
  });

  test('follows more files than it keeps descriptors', async () => {
    await rig.follow();
    const count = MAX_OPEN + 20;
    for (let index = 0; index < count; index++) await rig.write(`app.log.${index}`, lines(1));
    await rig.look();
    for (let index = 0; index < count; index++) await rig.append(`app.log.${index}`, lines(1));
    await rig.look();

    await rig.rename('app.log.3', 'app.log.moved');
    await rig.append('app.log.moved', lines(1));
    await rig.look();

    expect(rig.received).toBe(2 * count + 1);
  });
});

/** Root may read everything, so that permissions only show to somebody else. */
async function asNobody<T>(action: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return action();
  process.seteuid?.(65_534);
  try {
    return await action();
  } finally {
    process.seteuid?.(0);
  }
}
