// Values as MySQL and MariaDB send them: everything is text, save binary data and bits.

import type { FieldPacket } from 'mysql2';
import type { Cell } from '../driver.js';

/** https://dev.mysql.com/doc/dev/mysql-server/latest/field__types_8h.html */
const BIT = 16;
const VECTOR = 242;
const GEOMETRY = 255;
/** VARCHAR, the four sizes of TEXT and BLOB, VAR_STRING and STRING: of character set `binary` they are no text. */
const STRINGS: ReadonlySet<number | undefined> = new Set([15, 249, 250, 251, 252, 253, 254]);
const BINARY_CHARACTER_SET = 63;

/**
 * Reads the values of a column. Numbers stay the text they come as, so that nothing is lost on the way. So do times: all of
 * them lack a zone, TIMESTAMP too, which is sent in the zone of the session.
 */
export function cellReader({ columnType, characterSet }: FieldPacket): (bytes: Buffer) => Cell {
  if (columnType === BIT) return toInteger;
  const isText = STRINGS.has(columnType) ? characterSet !== BINARY_CHARACTER_SET : columnType !== GEOMETRY && columnType !== VECTOR;
  // What the library hands over is a window into a buffer that it uses again.
  return isText ? (bytes) => bytes.toString('utf8') : (bytes) => Uint8Array.from(bytes);
}

function toInteger(bytes: Buffer): bigint {
  return BigInt(`0x${bytes.toString('hex') || '0'}`);
}
