// Columns and rows ([MS-TDS] 2.2.5.5, 2.2.7.4, 2.2.7.19), for the types that tests use.

export type Type =
  | 'bigint'
  | 'bit'
  | 'char'
  | 'date'
  | 'datetime'
  | 'float'
  | 'int'
  | 'money'
  | 'nvarchar'
  | 'varbinary'
  | 'varchar'
  | `decimal(${number},${number})`
  | PreciseType;

/** Those that count in 10^-scale seconds; without a scale, in 100 ns. */
type PreciseType = 'datetime2' | 'datetimeoffset' | `datetime2(${number})` | `time(${number})`;

export interface Column {
  readonly name: string;
  readonly type: Type;
}

/**
 * Times are ISO texts, of up to seven digits of a second; one of `datetimeoffset` ends in its zone (`Z`, `+01:00`). Decimals are texts
 * of digits.
 */
export type Value = string | number | bigint | boolean | Uint8Array | null;

const COLLATION = Buffer.from([0x09, 0x04, 0xd0, 0x00, 0x34]);
const DAY_MS = 86_400_000;
const NULLABLE = 0x01;

export function columnMetadata(columns: readonly Column[]): Buffer {
  const parts = columns.map(({ name, type }) => {
    const head = Buffer.alloc(6);
    head.writeUInt16LE(NULLABLE, 4);
    return Buffer.concat([head, typeInfo(type), bVarchar(name)]);
  });
  return Buffer.concat([Buffer.from([0x81]), uint16(columns.length), ...parts]);
}

export function row(columns: readonly Column[], values: readonly Value[]): Buffer {
  return Buffer.concat([Buffer.from([0xd1]), ...columns.map(({ type }, place) => valueOf(type, values[place] ?? null))]);
}

export function bVarchar(text: string): Buffer {
  return Buffer.concat([Buffer.from([text.length]), Buffer.from(text, 'utf16le')]);
}

export function usVarchar(text: string): Buffer {
  return Buffer.concat([uint16(text.length), Buffer.from(text, 'utf16le')]);
}

export function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

function typeInfo(type: Type): Buffer {
  const decimal = decimalOf(type);
  if (decimal) return Buffer.from([0x6a, 17, decimal.precision, decimal.scale]);
  if (isPrecise(type)) return Buffer.from([preciseOf(type).token, preciseOf(type).scale]);
  switch (type) {
    case 'bigint':
      return Buffer.from([0x26, 8]);
    case 'int':
      return Buffer.from([0x26, 4]);
    case 'bit':
      return Buffer.from([0x68, 1]);
    case 'float':
      return Buffer.from([0x6d, 8]);
    case 'char':
      return Buffer.concat([Buffer.from([0xaf]), uint16(20), COLLATION]);
    case 'varchar':
      return Buffer.concat([Buffer.from([0xa7]), uint16(8000), COLLATION]);
    case 'nvarchar':
      return Buffer.concat([Buffer.from([0xe7]), uint16(8000), COLLATION]);
    case 'varbinary':
      return Buffer.concat([Buffer.from([0xa5]), uint16(8000)]);
    case 'date':
      return Buffer.from([0x28]);
    case 'datetime':
      return Buffer.from([0x6f, 8]);
    case 'money':
      return Buffer.from([0x6e, 8]);
    default:
      throw new Error(`no type ${type}`);
  }
}

function valueOf(type: Type, value: Value): Buffer {
  if (value === null) return isLong(type) ? Buffer.from([0xff, 0xff]) : Buffer.from([0]);
  const decimal = decimalOf(type);
  if (decimal) return short(decimalBytes(String(value), decimal.scale));
  if (isPrecise(type)) return short(preciseBytes(String(value), preciseOf(type)));
  switch (type) {
    case 'bigint':
      return short(bytesOf(8, (bytes) => bytes.writeBigInt64LE(BigInt(asNumeric(value)))));
    case 'int':
      return short(bytesOf(4, (bytes) => bytes.writeInt32LE(Number(value))));
    case 'bit':
      return short(Buffer.from([value ? 1 : 0]));
    case 'float':
      return short(bytesOf(8, (bytes) => bytes.writeDoubleLE(Number(value))));
    case 'char':
      return long(Buffer.from(String(value).padEnd(20), 'latin1'));
    case 'varchar':
      return long(Buffer.from(String(value), 'latin1'));
    case 'nvarchar':
      return long(Buffer.from(String(value), 'utf16le'));
    case 'varbinary':
      return long(value instanceof Uint8Array ? Buffer.from(value) : Buffer.from(String(value)));
    case 'date':
      return short(dayBytes(timeOf(`${String(value)}T00:00:00`)));
    case 'datetime':
      return short(datetimeBytes(timeOf(value)));
    case 'money':
      return short(moneyBytes(String(value)));
    default:
      throw new Error(`no type ${type}`);
  }
}

function isLong(type: Type): boolean {
  return type === 'char' || type === 'varchar' || type === 'nvarchar' || type === 'varbinary';
}

function short(bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from([bytes.length]), bytes]);
}

function long(bytes: Buffer): Buffer {
  return Buffer.concat([uint16(bytes.length), bytes]);
}

function bytesOf(length: number, write: (bytes: Buffer) => void): Buffer {
  const bytes = Buffer.alloc(length);
  write(bytes);
  return bytes;
}

function asNumeric(value: Value): string | number | bigint {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint') return value;
  throw new Error('no number');
}

function decimalOf(type: Type): { precision: number; scale: number } | undefined {
  const groups = /^decimal\((?<precision>\d+),(?<scale>\d+)\)$/.exec(type)?.groups;
  return groups && { precision: Number(groups['precision']), scale: Number(groups['scale']) };
}

/** A sign (1 is positive) and the digits without their point, least byte first. */
function decimalBytes(text: string, scale: number): Buffer {
  const [whole = '', fraction = ''] = text.replace('-', '').split('.');
  const digits = BigInt(whole + fraction.padEnd(scale, '0'));
  return bytesOf(17, (bytes) => {
    bytes.writeUInt8(text.startsWith('-') ? 0 : 1, 0);
    bytes.writeBigUInt64LE(digits & 0xffff_ffff_ffff_ffffn, 1);
    bytes.writeBigUInt64LE(digits >> 64n, 9);
  });
}

/** Reads a time without zone as if it were UTC. */
function timeOf(value: Value): number {
  return Date.parse(`${String(value)}Z`);
}

interface Precise {
  readonly token: number;
  readonly scale: number;
}

const TOKENS = { time: 0x29, datetime2: 0x2a, datetimeoffset: 0x2b } as const;

function isPrecise(type: Type): type is PreciseType {
  return /^(?:time|datetime2|datetimeoffset)(?:\(|$)/.test(type);
}

function preciseOf(type: PreciseType): Precise {
  const scale = Number(/\d(?=\))/.exec(type)?.[0] ?? 7);
  if (type.startsWith('time')) return { token: TOKENS.time, scale };
  return { token: type.startsWith('datetime2') ? TOKENS.datetime2 : TOKENS.datetimeoffset, scale };
}

/** Units of 10^-scale seconds since midnight, days since 0001-01-01, minutes of the zone; each where the type has it. */
function preciseBytes(text: string, { token, scale }: Precise): Buffer {
  const {
    clock = '',
    fraction = '',
    zone = 'Z',
  } = /^(?<clock>[^.Z+]*?)(?:\.(?<fraction>\d+))?(?<zone>Z|[+-]\d\d:\d\d)?$/.exec(text)?.groups ?? {};
  const time = Date.parse(`${token === TOKENS.time ? `1970-01-01T${clock}` : clock}${zone}`);
  const sinceMidnight = (((time % DAY_MS) + DAY_MS) % DAY_MS) / 1000;
  const units = BigInt(sinceMidnight) * 10n ** BigInt(scale) + BigInt(fraction.slice(0, scale).padEnd(scale, '0') || '0');
  const width = scale < 3 ? 3 : scale < 5 ? 4 : 5;
  const parts = [bytesOf(8, (bytes) => bytes.writeBigUInt64LE(units)).subarray(0, width)];
  if (token !== TOKENS.time) parts.push(dayBytes(time));
  if (token === TOKENS.datetimeoffset) parts.push(bytesOf(2, (bytes) => bytes.writeInt16LE(offsetMinutes(text))));
  return Buffer.concat(parts);
}

/** Ten-thousandths, the high half first. */
function moneyBytes(text: string): Buffer {
  const [whole = '', fraction = ''] = text.split('.');
  const units = BigInt(whole + fraction.padEnd(4, '0'));
  return bytesOf(8, (bytes) => {
    bytes.writeInt32LE(Number(units >> 32n), 0);
    bytes.writeUInt32LE(Number(units & 0xffff_ffffn), 4);
  });
}

/** Days since 0001-01-01. */
function dayBytes(time: number): Buffer {
  const days = Math.floor((time - Date.parse('0001-01-01T00:00:00Z')) / DAY_MS);
  return bytesOf(4, (bytes) => bytes.writeUInt32LE(days)).subarray(0, 3);
}

/** Days since 1900-01-01 and three-hundredths of a second. */
function datetimeBytes(time: number): Buffer {
  const since = time - Date.parse('1900-01-01T00:00:00Z');
  return bytesOf(8, (bytes) => {
    bytes.writeInt32LE(Math.floor(since / DAY_MS), 0);
    bytes.writeUInt32LE(Math.round(((since % DAY_MS) * 3) / 10), 4);
  });
}

function offsetMinutes(text: string): number {
  const { sign, hours, minutes } = /(?<sign>[+-])(?<hours>\d\d):(?<minutes>\d\d)$/.exec(text)?.groups ?? {};
  return (sign === '-' ? -1 : 1) * (Number(hours ?? 0) * 60 + Number(minutes ?? 0));
}
