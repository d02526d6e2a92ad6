// One gzip member made of a part that is compressed once and a part that is compressed for each answer.
// Concatenated members would be shorter to write, but not every client reads more than the first one.

import { promisify } from 'node:util';
import { constants, crc32, deflateRaw, deflateRawSync } from 'node:zlib';

const deflate = promisify(deflateRaw);

/** ID1 ID2 CM=deflate FLG=0 MTIME=0 XFL=0 OS=unknown (RFC 1952, section 2.3). */
const HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);

/** The beginning of a member: header and deflate blocks up to a byte boundary, none of them final. */
export interface GzipStart {
  readonly bytes: Buffer;
  readonly checksum: number;
  readonly length: number;
}

export async function startGzip(data: Buffer): Promise<GzipStart> {
  const blocks = await deflate(data, { finishFlush: constants.Z_SYNC_FLUSH });
  return { bytes: Buffer.concat([HEADER, blocks]), checksum: crc32(data), length: data.length };
}

/** What follows the start: the last blocks, which refer to nothing before them, and the checksum over both parts. */
export function endGzip({ checksum, length }: GzipStart, data: Buffer): Buffer {
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(crc32(data, checksum), 0);
  trailer.writeUInt32LE((length + data.length) % 2 ** 32, 4);
  return Buffer.concat([deflateRawSync(data), trailer]);
}
