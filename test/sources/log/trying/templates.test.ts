// Lines of many sorts become few templates.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { masked } from '../../../../src/sources/log/trying/masks.js';
import { Templates, type TemplatesOptions } from '../../../../src/sources/log/trying/templates.js';

const data = join(import.meta.dirname, '..', '..', '..', '..', '..', 'test', 'sources', 'log', 'data');

function templatesOf(lines: Iterable<string>, options?: TemplatesOptions): string[] {
  const templates = new Templates(options);
  for (const line of lines) templates.add(line);
  return templates.list().map(({ count, template }) => `${count} ${template}`);
}

function real(name: string): string[] {
  return readFileSync(join(data, name), 'utf8')
    .split('\n')
    .filter((line) => line !== '');
}

describe('templates of lines', () => {
  test('a real log of an SFTP server is two dozen templates, the most frequent ones first', () => {
    const found = templatesOf(real('sftp_chroot.log'));

    expect(found.slice(0, 6)).toEqual([
      '55 <time> upload sftp-server[<num>]: opendir <str>',
      '54 <time> upload sftp-server[<num>]: closedir <str>',
      '27 <time> upload sshd[<num>]: Connection from <ip> port <num>',
      '23 <time> upload sshd[<num>]: Did not receive identification string from <ip>',
      '12 <time> upload sftp-server[<num>]: close <str> bytes read <num> written <num>',
      '10 <time> upload sftp-server[<num>]: open <str> flags READ mode <num>',
    ]);
    expect(found).toHaveLength(24);
    expect(found.reduce((sum, line) => sum + Number.parseInt(line, 10), 0)).toBe(236);
  });

  test('a real log of an FTP server is one template', () => {
    expect(templatesOf(real('vsftpd_xferlog'))).toEqual(['10 <time> <num> <ip> <num> <*> b _ i a anonymous@ ftp <num> * c']);
  });

  test('lines of JSON and of key=value keep their keys, and what happened in them', () => {
    const partners = ['chuv', 'hug', 'insel', 'usz'];
    const lines = Array.from({ length: 80 }, (_, index) => {
      const event = index < 60 ? 'received' : 'rejected';
      const partner = partners[index % 4];
      const at = new Date(1_772_000_000_000 + index * 1000).toISOString();
      return [
        JSON.stringify({ at, level: 'info', event, partner, bytes: index, text: `file ${index} of "x"` }),
        `at=${at} level=info event=${event} partner=${partner} took=${index}ms text="file ${index}"`,
      ];
    });

    expect(templatesOf(lines.flat())).toEqual([
      '60 {"at":<str>,"level":"info","event":"received","partner":<*>,"bytes":<num>,"text":<str>}',
      '60 at=<time> level=info event=received partner=<*> took=<num>ms text=<str>',
      '20 {"at":<str>,"level":"info","event":"rejected","partner":<*>,"bytes":<num>,"text":<str>}',
      '20 at=<time> level=info event=rejected partner=<*> took=<num>ms text=<str>',
    ]);
  });

  test('tells the first line of each template, cut', () => {
    const templates = new Templates();
    const long = `error 17: ${'x'.repeat(400)}`;

    const ids = [long, 'started', long.replace('17', '18')].map((line) => templates.add(line));

    expect(ids).toEqual([0, 1, 0]);
    expect(templates.list().map(({ example }) => example)).toEqual([long.slice(0, 160), 'started']);
  });

  test('where there is room for no more templates, lines go to the most similar one', () => {
    const lines = ['user logged in', 'disk is full', 'queue has stopped', 'the disk is away', 'disk was full'];

    expect(templatesOf(lines, { most: 2 })).toEqual(['3 <*> <*> <*>', '2 disk <*> full']);
  });

  test('no line needs more than a bounded number of words and templates', () => {
    const found = templatesOf(
      Array.from({ length: 3000 }, (_, index) => {
        const word = String.fromCodePoint(0x4e00 + index);
        return `${word} `.repeat(1 + (index % 400));
      }),
      { most: 50 },
    );

    expect(found).toHaveLength(50);
    expect(Math.max(...found.map((line) => line.split(' ').length))).toBeLessThanOrEqual(101);
  });

  test('takes time in proportion to the lines, whatever is in them', () => {
    const evil = [
      '"\\'.repeat(50_000),
      '1'.repeat(100_000),
      "a'".repeat(50_000),
      'a:'.repeat(50_000),
      'ab'.repeat(50_000),
      '\0'.repeat(100_000),
    ];
    const started = performance.now();

    for (const line of evil) expect(templatesOf(Array.from({ length: 200 }, () => line))).toHaveLength(1);

    expect(performance.now() - started).toBeLessThan(5000);
  });

  test.each([
    ['took 12 ms, 12ms, -3.5 s, 99%', 'took <num> ms, <num>ms, <num> s, <num>%'],
    ['file_20260302.csv of user1 by ssh2, v1.2.3', 'file_<num>.csv of user1 by ssh2, v1.2.3'],
    ['0xFF deadbeef12 aa:bb:cc:dd:ee:ff', '<hex> <hex> <hex>'],
    ['3f2b8c1e-0d4a-4c58-9a51-1f1e6a0c2b77', '<uuid>'],
    ['from 10.1.2.3:80, fe80::1 and ::1', 'from <ip>:<num>, <ip> and <ip>'],
    ['2026-03-02T08:00:00.123+01:00 2026-03-02 08:00:00,123', '<time> <time>'],
    ['[02/Mar/2026:08:00:00 +0100] Mar  2 08:00:00 Mon Mar  2 08:00:00 2026', '[<time>] <time> <time>'],
    ["open \"/a b\" and 'c d', but don't and can't", "open <str> and <str>, but don't and can't"],
    ['std::string of partner: chuv', 'std::string of partner: chuv'],
  ])('masks %s', (text, expected) => {
    expect(masked(text)).toBe(expected);
  });
});
