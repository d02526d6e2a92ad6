// The last lines of a file, and a file to its very end, whatever its encoding.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCodec, utf8, type Codec } from '../../../../src/sources/log/reading/codec.js';
import type { RecordSink } from '../../../../src/sources/log/reading/sink.js';
import { readTail, readWhole } from '../../../../src/sources/log/trying/tail.js';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vigie-tail-'));
  path = join(folder, 'app.log');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function records(read: typeof readWhole, codec: Codec = utf8, maxLine = 1000): Promise<string[]> {
  const found: string[] = [];
  const sink: RecordSink = {
    async piece(_info, reading) {
      return reading({ record: (text) => void found.push(text), tooLong: () => void found.push('too long') });
    },
    lost: () => {},
  };
  await read(path, { rules: { codec, maxLine }, sink, stop: () => false });
  return found;
}

describe('the tail of a file', () => {
  test.each([1, 11, 12, 13, 14, 25])('of %d bytes begins with a line that begins among them', async (bytes) => {
    writeFileSync(path, 'first line\nsecond line\nthird\nhalf');

    const all = ['first line', 'second line', 'third'];
    const found = await records((file, reading) => readTail(file, bytes, reading));

    expect(found).toEqual(all.slice(all.length - found.length));
    expect(found.join('\n').length).toBeLessThanOrEqual(bytes);
  });

  test('of the size of the file is all of it, but for a half line', async () => {
    writeFileSync(path, 'a\nb\nhalf');

    expect(await records((file, reading) => readTail(file, 1000, reading))).toEqual(['a', 'b']);
  });

  test.each([8, 9, 10, 11, 12, 13, 14, 15])('of UTF-16 begins with a whole character, %d bytes before the end', async (bytes) => {
    writeFileSync(path, Buffer.from('\uFEFFé1\nĊ2\nà3\n', 'utf16le'));

    const found = await records((file, reading) => readTail(file, bytes, reading));

    expect(['Ċ2,à3', 'à3']).toContain(found.join());
  });

  test('leaves out a line of which nobody knows how long it is', async () => {
    writeFileSync(path, `${'x'.repeat(5000)}\nlast\n`);

    expect(await records((file, reading) => readTail(file, 100, reading))).toEqual(['last']);
  });
});

describe('a sample', () => {
  test('is read to a last line that has no end, in the encoding that the YAML names', async () => {
    writeFileSync(path, Buffer.from('première\r\ndernière', 'latin1'));

    expect(await records(readWhole, await createCodec('iso-8859-1'))).toEqual(['première', 'dernière']);
  });

  test('may be empty, and end in a line that is too long', async () => {
    writeFileSync(path, '');
    const empty = await records(readWhole);
    writeFileSync(path, `a\n${'x'.repeat(5_000_000)}`);

    expect([empty, await records(readWhole)]).toEqual([[], ['a', 'too long']]);
  });
});
