// A gzip member in two parts is one member, for every client.

import { execFileSync } from 'node:child_process';
import { gunzipSync } from 'node:zlib';
import { endGzip, startGzip } from '../../src/exporter/gzip.js';

const start = Buffer.from('# HELP a Außer b\n'.repeat(5000));
const end = Buffer.from('own 1\n# EOF\n');

describe('gzip in two parts', () => {
  it.each([
    ['both parts', start, end],
    ['an empty start', Buffer.alloc(0), end],
    ['an empty end', start, Buffer.alloc(0)],
    ['nothing', Buffer.alloc(0), Buffer.alloc(0)],
  ])('gives back %s', async (_title, first, second) => {
    const begun = await startGzip([first]);

    const whole = Buffer.concat([begun.bytes, endGzip(begun, second)]);

    expect(gunzipSync(whole)).toEqual(Buffer.concat([first, second]));
  });

  it('begins once and ends as often as it is asked for', async () => {
    const begun = await startGzip([start]);

    const ends = ['one', 'another'].map((text) => Buffer.concat([begun.bytes, endGzip(begun, Buffer.from(text))]));

    expect(ends.map((whole) => gunzipSync(whole).subarray(start.length).toString())).toEqual(['one', 'another']);
  });

  it('is a single member with a right checksum, as gzip itself sees it', async () => {
    const begun = await startGzip([start]);
    const whole = Buffer.concat([begun.bytes, endGzip(begun, end)]);

    const listed = execFileSync('gzip', ['-dc'], { input: whole });

    expect(listed).toEqual(Buffer.concat([start, end]));
    expect(whole.readUInt32LE(whole.length - 4)).toBe(start.length + end.length);
  });

  it('compresses', async () => {
    const begun = await startGzip([start]);

    expect(begun.bytes.length).toBeLessThan(start.length / 50);
  });
});
