// What listings say, in all the forms in which servers write them.

import { createZoneReader } from '../../../src/sources/zone.js';
import { ListingReader, type Entry, type Reading } from '../../../src/sources/ftp/listing.js';
import { listedTime, utcMinute } from '../../../src/sources/ftp/times.js';

const NOW = Date.parse('2026-03-02T08:00:00Z');

function read(
  text: string | Buffer,
  changes: Partial<Reading> = {},
  step = Infinity,
): { files: Entry[]; others: string[]; unreadable: number } {
  const entries: Entry[] = [];
  const reading = { format: 'list' as const, encoding: 'utf8' as const, toUtc: utcMinute, now: NOW, ...changes };
  const reader = new ListingReader(reading, (entry) => entries.push(entry));
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += step) reader.add(bytes.subarray(at, at + step));
  reader.end();
  return {
    files: entries.filter(({ isFile }) => isFile),
    others: entries.filter(({ isFile }) => !isFile).map(({ name }) => name),
    unreadable: reader.unreadable,
  };
}

function seconds(time: string): number {
  return Date.parse(time) / 1000;
}

describe('a listing of Unix', () => {
  const text = [
    'total 24',
    'drwxr-xr-x   2 vigie  vigie     4096 Mar  2 07:00 .',
    'drwxr-xr-x   9 vigie  vigie     4096 Mar  2 07:00 ..',
    '-rw-r--r--   1 vigie  vigie       12 Mar  2 07:30 a.xml',
    '-rw-r--r--   1 vigie  domain users 13 Dec 31  2024 with  two spaces.xml',
    '-rw-r--r--   1 1000   1000        14 Mar  1 23:59 .hidden',
    '-rw-r--r--   1 vigie  vigie       15 Mar  1 23:59  leading',
    '-rw-r--r--   1 vigie  vigie       16 Mar  1 23:59 Zürich_été_日本.xml',
    '-rw-r--r--   1 vigie  vigie 12345678901 Jan 10 00:00 large',
    'lrwxrwxrwx   1 vigie  vigie        5 Mar  2 07:30 link -> a.xml',
    'drwxr-xr-x   2 vigie  vigie     4096 Mar  2 07:00 sub',
    'prw-r--r--   1 vigie  vigie        0 Mar  2 07:00 pipe',
    '',
  ].join('\r\n');

  test('gives names, sizes and times of regular files', () => {
    const { files, others, unreadable } = read(text);

    expect(files.map(({ name, size, modified }) => [name, size, modified])).toEqual([
      ['a.xml', 12, seconds('2026-03-02T07:30:00Z')],
      ['with  two spaces.xml', 13, seconds('2024-12-31T00:00:00Z')],
      ['.hidden', 14, seconds('2026-03-01T23:59:00Z')],
      [' leading', 15, seconds('2026-03-01T23:59:00Z')],
      ['Zürich_été_日本.xml', 16, seconds('2026-03-01T23:59:00Z')],
      ['large', 12_345_678_901, seconds('2026-01-10T00:00:00Z')],
    ]);
    expect(others).toEqual(['link', 'sub', 'pipe']);
    expect(unreadable).toBe(0);
  });

  test.each([1, 2, 3, 7, 61, 100])('reads the same in pieces of %d bytes', (step) => {
    expect(read(text, {}, step)).toEqual(read(text));
  });

  test('may be of other encodings', () => {
    const latin = Buffer.from('-rw-r--r--   1 v  v       12 Mar  2 07:30 été.xml\r\n', 'latin1');

    expect(read(latin, { encoding: 'latin1' }).files[0]?.name).toBe('été.xml');
  });

  test('of nothing is empty', () => {
    expect(read('')).toEqual({ files: [], others: [], unreadable: 0 });
    expect(read('total 0\r\n').files).toEqual([]);
  });

  test('with a line that cannot be read has the others', () => {
    const { files, unreadable } = read(`ls: cannot access x: Input/output error\r\n${text}`);

    expect(files).toHaveLength(6);
    expect(unreadable).toBe(1);
    expect(read(`${text}???\r\n`).files).toHaveLength(6);
    expect(read(`${text}???\r\n`).unreadable).toBe(1);
  });

  test('in no known form is an error rather than an empty directory', () => {
    expect(() => read('Volume Unit    Referred Ext Used Recfm Lrecl BlkSz Dsorg Dsname\r\n')).toThrow('in a form that is not known');
    expect(() => read('x'.repeat(20_000), {}, 1000)).toThrow('too long');
  });
});

describe('a listing of Windows', () => {
  test('gives files and leaves directories out', () => {
    const { files, others } = read(
      [
        '03-02-26  07:30AM                   12 a b.xml',
        '12-31-2025  11:05PM                   13 .c',
        '03-01-26  12:05AM       <DIR>          sub',
        '2026-03-01  23:59                   14 d',
        '',
      ].join('\r\n'),
    );

    expect(files.map(({ name, size, modified }) => [name, size, modified])).toEqual([
      ['a b.xml', 12, seconds('2026-03-02T07:30:00Z')],
      ['.c', 13, seconds('2025-12-31T23:05:00Z')],
      ['d', 14, seconds('2026-03-01T23:59:00Z')],
    ]);
    expect(others).toEqual(['sub']);
  });
});

describe('a listing by MLSD', () => {
  test('gives names, sizes and times exactly', () => {
    const { files, others, unreadable } = read(
      [
        'type=cdir;modify=20260302070000; .',
        'type=pdir;modify=20260302070000; ..',
        'Type=file;Size=12;Modify=20260302073005.123;UNIX.mode=0644; a  b.xml',
        'modify=20241231235959;perm=adfr;size=13;type=file;unique=FD01U; .été',
        'size=14; untyped',
        ' bare',
        'type=file; without size and time',
        'type=file;size=x;modify=20261399000000; odd facts',
        'type=dir;modify=20260302070000; sub',
        'type=OS.unix=slink:/in/a;size=3; link',
        'type=OS.unix=symlink; link2',
        'type=file;size=1; /elsewhere/a',
        'what is this',
        '',
      ].join('\r\n'),
      { format: 'mlsd' },
    );

    expect(files.map(({ name, size, modified }) => [name, size, modified])).toEqual([
      ['a  b.xml', 12, seconds('2026-03-02T07:30:05Z')],
      ['.été', 13, seconds('2024-12-31T23:59:59Z')],
      ['untyped', 14, undefined],
      ['bare', undefined, undefined],
      ['without size and time', undefined, undefined],
      ['odd facts', undefined, undefined],
    ]);
    expect(others).toEqual(['sub', 'link', 'link2', '/elsewhere/a']);
    expect(unreadable).toBe(1);
  });
});

describe('a time', () => {
  test.each([
    ['Mar  2 07:59', '2026-03-02T07:59:00Z'],
    ['Mar  2 08:01', '2026-03-02T08:01:00Z'],
    ['Mar  3 08:00', '2026-03-03T08:00:00Z'],
    ['Mar  3 08:01', '2025-03-03T08:01:00Z'],
    ['Dec 31 23:59', '2025-12-31T23:59:00Z'],
    ['2 Mar 07:59', '2026-03-02T07:59:00Z'],
    ['Mär  1 07:59', '2026-03-01T07:59:00Z'],
    ['Déc 24 07:59', '2025-12-24T07:59:00Z'],
    ['Feb 29  2024', '2024-02-29T00:00:00Z'],
    ['2026-03-01 12:00', '2026-03-01T12:00:00Z'],
    ['2026/03/01 12:00:30', '2026-03-01T12:00:00Z'],
    ['03-02-26 12:00AM', '2026-03-02T00:00:00Z'],
    ['03-02-26 12:00PM', '2026-03-02T12:00:00Z'],
    ['03-02-99 01:00PM', '1999-03-02T13:00:00Z'],
  ])('%s is %s', (text, expected) => {
    expect(listedTime(text, utcMinute, NOW)).toBe(seconds(expected));
  });

  test.each([
    '',
    'Feb 30 2026',
    'Feb 30 07:00',
    'Xyz  1 07:00',
    'jui 1 07:00',
    '2026-02-30 12:00',
    '13-40-26 07:00',
    'Mar  2 27:00',
    'never',
  ])('%j is none', (text) => {
    expect(listedTime(text, utcMinute, NOW)).toBeUndefined();
  });

  test('at the turn of the year is of the year in which it has been', () => {
    const before = Date.parse('2025-12-31T23:50:00Z');
    const after = Date.parse('2026-01-01T00:10:00Z');

    expect(listedTime('Dec 31 23:45', utcMinute, after)).toBe(seconds('2025-12-31T23:45:00Z'));
    expect(listedTime('Jan  1 00:05', utcMinute, after)).toBe(seconds('2026-01-01T00:05:00Z'));
    // A server whose clock, or whose zone, is ahead of ours.
    expect(listedTime('Jan  1 00:05', utcMinute, before)).toBe(seconds('2026-01-01T00:05:00Z'));
    expect(listedTime('Jan  5 00:05', utcMinute, before)).toBe(seconds('2025-01-05T00:05:00Z'));
  });

  test('of a zone is local, in summer and in winter', () => {
    const zurich = createZoneReader('Europe/Zurich', 'first');

    expect(listedTime('Mar  2 08:00', zurich, NOW)).toBe(seconds('2026-03-02T07:00:00Z'));
    expect(listedTime('2025-07-01 08:00', zurich, NOW)).toBe(seconds('2025-07-01T06:00:00Z'));
    expect(listedTime('Jan  1  2026', zurich, NOW)).toBe(seconds('2025-12-31T23:00:00Z'));
  });
});
