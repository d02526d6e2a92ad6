// One gzip member made of a part that is compressed once and a part that is compressed for each answer.
// Concatenated members would be shorter to write, but not every client reads more than the first one.

import { constants, crc32, createDeflateRaw, deflateRawSync } from 'node:zlib';

/** Each of these is one errand of another thread. */
const OUTPUT_BYTES = 131_072;
/** What is shorter takes a millisecond or two, which costs less than to have it done elsewhere. */
const AT_ONCE_BYTES = 262_144;
/** Takes a third of the time of the usual level, and series are so alike that the answer is hardly longer. */
const LEVEL = constants.Z_BEST_SPEED;

const OPTIONS = { level: LEVEL, finishFlush: constants.Z_SYNC_FLUSH, chunkSize: OUTPUT_BYTES } as const;

/** ID1 ID2 CM=deflate FLG=0 MTIME=0 XFL=0 OS=unknown (RFC 1952, section 2.3). */
const HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);

/** The beginning of a member: header and deflate blocks up to a byte boundary, none of them final. */
export interface GzipStart {
  readonly bytes: Buffer;
  readonly checksum: number;
  readonly length: number;
}

export async function startGzip(data: readonly Buffer[]): Promise<GzipStart> {
  let checksum = 0;
  let length = 0;
  for (const piece of data) {
    checksum = crc32(piece, checksum);
    length += piece.length;
  }
  const blocks = length <= AT_ONCE_BYTES ? [deflateRawSync(Buffer.concat(data), OPTIONS)] : await deflateApart(data);
  return { bytes: Buffer.concat([HEADER, ...blocks]), checksum, length };
}

/** By other threads. */
async function deflateApart(data: readonly Buffer[]): Promise<Buffer[]> {
  const deflate = createDeflateRaw(OPTIONS);
  for (const piece of data) deflate.write(piece);
  deflate.end();
  const blocks: Buffer[] = [];
  for await (const block of deflate) blocks.push(block);
  return blocks;
}

/** What follows the start: the last blocks, which refer to nothing before them, and the checksum over both parts. */
export function endGzip({ checksum, length }: GzipStart, data: Buffer): Buffer {
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(crc32(data, checksum), 0);
  trailer.writeUInt32LE((length + data.length) % 2 ** 32, 4);
  return Buffer.concat([deflateRawSync(data, { level: LEVEL }), trailer]);
}
