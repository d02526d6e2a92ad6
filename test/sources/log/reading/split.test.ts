// From bytes to records: however the bytes are cut into pieces, the records are the same.

import iconv from 'iconv-lite';
import { byteOrderMark, createCodec } from '../../../../src/sources/log/reading/codec.js';
import { advance, compared, NOTHING } from '../../../../src/sources/log/reading/mark.js';
import type { Multiline } from '../../../../src/sources/log/reading/multiline.js';
import { splitLines, type SplitRules } from '../../../../src/sources/log/reading/split.js';

const TEXT = ['plain', '', 'été à Genève', '日本語 €', '🚀 lift off', 'x'.repeat(300), 'a\tb', 'ends in CR'];

function rules(codec: SplitRules['codec'], maxLine = 1000, multiline?: Multiline): SplitRules {
  return { codec, maxLine, multiline };
}

/** Reads a growing content, some bytes more at each time, as a follower does. */
function readBy(step: number, content: Buffer, unmarked: SplitRules, isLast = false): string[] {
  const told: string[] = [];
  let mark = NOTHING;
  for (let size = Math.min(step, content.length); ; size = Math.min(size + step, content.length)) {
    const { position, within } = mark;
    const codec = byteOrderMark(content.subarray(0, size))?.codec ?? unmarked.codec;
    const start = { within, atFileStart: position === 0, isLast: isLast && size === content.length };
    const split = splitLines(
      content.subarray(position, size),
      start,
      { ...unmarked, codec },
      {
        record: (text) => told.push(text),
        tooLong: () => told.push('TOO LONG'),
      },
    );
    mark = advance(mark, content.subarray(position - compared(position), position + split.end), split.within);
    if (size === content.length) return told;
  }
}

describe('lines', () => {
  const encodings = ['utf-8', 'utf-16le', 'utf-16be'];
  test.each(encodings.flatMap((name) => [1, 2, 3, 7, 64, 100_000].map((step) => ({ name, step }))))(
    'of $name are whole when $step bytes come at a time',
    async ({ name, step }) => {
      const content = iconv.encode(TEXT.map((line, index) => `${line}${index % 2 === 0 ? '\n' : '\r\n'}`).join(''), name);

      const read = readBy(step, content, rules(await createCodec(name)));

      expect(read).toEqual(TEXT);
    },
  );

  test.each([
    'windows-1252',
    'iso-8859-1',
    'iso-8859-15',
    'cp850',
    'macintosh',
    'koi8-r',
    'windows-1251',
    'shift_jis',
    'gbk',
    'big5',
    'euc-kr',
  ])('of %s are decoded as iconv-lite does', async (name) => {
    const lines = ['plain', 'Genève £ é', 'Привет', '日本語', '한국어 x'].map((line) => iconv.decode(iconv.encode(line, name), name));

    const read = readBy(5, iconv.encode(`${lines.join('\n')}\n`, name), rules(await createCodec(name)));

    expect(read).toEqual(lines);
  });

  test('of a byte order mark are of the encoding that it tells, whatever is configured', async () => {
    const codec = await createCodec('windows-1252');

    const read = ['utf-8', 'utf-16le', 'utf-16be'].map((name) => readBy(9, iconv.encode('\uFEFFété\n2\n', name), rules(codec)));

    expect(read).toEqual(Array.from({ length: 3 }, () => ['été', '2']));
  });

  test('of UTF-16 do not end where two neighbours look like a line end', async () => {
    const text = 'ऊ\u0a00\u0aff\u000b\u0100\nnext\n';

    const read = [await createCodec('utf-16le'), await createCodec('utf-16be')].map((codec, index) =>
      readBy(4, iconv.encode(text, index === 0 ? 'utf-16le' : 'utf-16be'), rules(codec)),
    );

    expect(read).toEqual(Array.from({ length: 2 }, () => ['ऊ\u0a00\u0aff\u000b\u0100', 'next']));
  });

  test.each([1, 10, 63, 64, 65, 66, 1000])('that are longer than max_line in bytes are told once, %i bytes at a time', async (step) => {
    const lines = ['é'.repeat(32), 'é'.repeat(32) + 'x', 'y'.repeat(64), 'y'.repeat(65), 'z'.repeat(100_000), 'end'];

    const read = readBy(step, Buffer.from(`${lines.join('\n')}\n`), rules(await createCodec('utf-8'), 64));

    expect(read).toEqual([lines[0], 'TOO LONG', lines[2], 'TOO LONG', 'TOO LONG', 'end']);
  });

  test('of binary garbage are as many as it has line ends, and nothing throws', async () => {
    let state = 1;
    const garbage = Buffer.from(Array.from({ length: 200_000 }, () => (state = (state * 1103515245 + 12345) % 2147483648) >> 16));
    const expected = garbage.filter((byte) => byte === 10).length;

    for (const name of ['utf-8', 'windows-1252', 'shift_jis', 'gb18030']) {
      const read = readBy(70_000, garbage, rules(await createCodec(name), 1_000_000));
      expect(read.length).toBe(expected);
    }
    expect(expected).toBeGreaterThan(500);
  });

  test('that are not there yet are waited for where space was set aside with zeros', async () => {
    const codec = await createCodec('utf-8');
    const records: string[] = [];

    const split = splitLines(Buffer.alloc(500), { within: undefined, atFileStart: false }, rules(codec), {
      record: (text) => records.push(text),
      tooLong: () => {},
    });

    expect(split).toEqual({ end: 0, within: undefined });
  });
});

describe('records of several lines', () => {
  const multiline: Multiline = { isStart: (line) => line.startsWith('>'), maxLines: 4, timeoutMs: 1000 };
  const content = ['before', 'the first', '>one', ' 1', ' 2', '>two', '>three', ' a', ' b', ' c', ' d', ' e', '>four', ' é€', ''].join(
    '\n',
  );
  const expected = ['before', 'the first', '>one\n 1\n 2', '>two', '>three\n a\n b\n c', ' d\n e', '>four\n é€'];

  test.each(['utf-8', 'utf-16le', 'utf-16be'].flatMap((name) => [1, 2, 5, 16, 1000].map((step) => ({ name, step }))))(
    'are the same in $name when $step bytes come at a time',
    async ({ name, step }) => {
      const read = readBy(step, iconv.encode(content, name), rules(await createCodec(name), 1000, multiline), true);

      expect(read).toEqual(expected);
    },
  );

  test('are not complete before the next begins', async () => {
    const read = readBy(1000, Buffer.from(content), rules(await createCodec('utf-8'), 1000, multiline));

    expect(read).toEqual(expected.slice(0, -1));
  });

  test.each([1, 3, 10, 1000])('go on as another record where they are longer than max_line, %i bytes at a time', async (step) => {
    const text = ['>start', 'x'.repeat(8), 'y'.repeat(8), 'z'.repeat(21), 'after', '>next', ''].join('\n');

    const read = readBy(step, Buffer.from(text), rules(await createCodec('utf-8'), 20, { ...multiline, maxLines: 100 }), true);

    expect(read).toEqual([`>start\n${'x'.repeat(8)}`, 'y'.repeat(8), 'TOO LONG', 'after', '>next']);
  });
});
