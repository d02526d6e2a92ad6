// Values that a client sends, as parameters of sp_executesql ([MS-TDS] 2.2.5.5, 2.2.6.6), for the types that drivers use.

export interface Parameter {
  readonly name: string;
  /** As T-SQL declares it, e.g. `datetime2(7)`. */
  readonly type: string;
  /**
   * Integers and decimals are exact; a time is a text with all its digits, of a `datetime` those of its ticks: `… 08:00:00 +1/300`;
   * one of `datetimeoffset` is in UTC.
   */
  readonly value: bigint | string | null;
}

const DAY_MS = 86_400_000;
const MAX = 0xffff;

/** Reads one value after the other. */
export class ValueReader {
  readonly #data: Buffer;
  #at: number;

  constructor(data: Buffer, at: number) {
    this.#data = data;
    this.#at = at;
  }

  get ended(): boolean {
    return this.#at >= this.#data.length;
  }

  parameter(): Parameter {
    const name = this.#take(this.#byte() * 2).toString('utf16le');
    this.#byte();
    return { name, ...this.#value() };
  }

  #value(): Omit<Parameter, 'name'> {
    const type = this.#byte();
    switch (type) {
      case 0x26: {
        this.#byte();
        return { type: 'bigint', value: this.#nullable((bytes) => bytes.readBigInt64LE()) };
      }
      case 0x28:
        return { type: 'date', value: this.#nullable((bytes) => dayText(bytes, 0)) };
      case 0x2a: {
        const scale = this.#byte();
        return { type: `datetime2(${scale})`, value: this.#nullable((bytes) => preciseText(bytes, scale)) };
      }
      case 0x2b: {
        const scale = this.#byte();
        return { type: `datetimeoffset(${scale})`, value: this.#nullable((bytes) => `${preciseText(bytes.subarray(0, -2), scale)}Z`) };
      }
      case 0x6f: {
        this.#byte();
        return { type: 'datetime', value: this.#nullable(datetimeText) };
      }
      case 0xe7:
        return this.#text();
      default:
        throw new Error(`a parameter of type 0x${type.toString(16)}, which the double does not read`);
    }
  }

  #text(): Omit<Parameter, 'name'> {
    const longest = this.#take(2).readUInt16LE();
    this.#take(5);
    if (longest === MAX) return { type: 'nvarchar(max)', value: this.#chunks() };
    const length = this.#take(2).readUInt16LE();
    return { type: `nvarchar(${longest / 2})`, value: length === MAX ? null : this.#take(length).toString('utf16le') };
  }

  #chunks(): string {
    this.#take(8);
    const chunks: Buffer[] = [];
    for (let length = this.#take(4).readUInt32LE(); length > 0; length = this.#take(4).readUInt32LE()) chunks.push(this.#take(length));
    return Buffer.concat(chunks).toString('utf16le');
  }

  #nullable<T>(read: (bytes: Buffer) => T): T | null {
    const length = this.#byte();
    return length === 0 ? null : read(this.#take(length));
  }

  #byte(): number {
    return this.#take(1).readUInt8();
  }

  #take(length: number): Buffer {
    if (this.#at + length > this.#data.length) throw new Error('a parameter without its end');
    const bytes = this.#data.subarray(this.#at, this.#at + length);
    this.#at += length;
    return bytes;
  }
}

/** Units of 10^-scale seconds since midnight, then days since 0001-01-01. */
function preciseText(bytes: Buffer, scale: number): string {
  const units = bytes.readUIntLE(0, bytes.length - 3);
  const seconds = Math.floor(units / 10 ** scale);
  const fraction = (units % 10 ** scale).toString().padStart(scale, '0');
  return `${dayText(bytes, bytes.length - 3)}T${timeText(seconds)}${scale === 0 ? '' : `.${fraction}`}`;
}

function dayText(bytes: Buffer, at: number): string {
  return isoDay(Date.parse('0001-01-01T00:00:00Z') + bytes.readUIntLE(at, 3) * DAY_MS);
}

/** Days since 1900-01-01 and three-hundredths of a second. */
function datetimeText(bytes: Buffer): string {
  const day = isoDay(Date.parse('1900-01-01T00:00:00Z') + bytes.readInt32LE(0) * DAY_MS);
  const ticks = bytes.readUInt32LE(4);
  return `${day}T${timeText(Math.floor(ticks / 300))} +${ticks % 300}/300`;
}

function isoDay(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

function timeText(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(11, 19);
}
