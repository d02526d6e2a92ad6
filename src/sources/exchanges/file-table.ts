// The names of many files in little memory: a number for each, and beside it the size and what else must be known at the next look.
// A hundred thousand names take less than 5 MB.

/** Names become numbers of 53 bits: among a hundred thousand, no two are the same by accident. */
const UINT32 = 2 ** 32;
/** Slots that may be taken, as a share of all. */
const MOST_TAKEN = 0.8;
const SMALLEST = 64;
/** Bytes of a hash in the record. */
const HASH_BYTES = 7;
const UNKNOWN_SIZE = -1;

export interface Entry {
  readonly hash: number;
  /** Bytes; undefined where the server does not tell. */
  readonly size: number | undefined;
  /** Unix seconds, whole ones; what it means is for the owner to say. */
  readonly stamp: number;
  /** From 1 to 65535. */
  readonly tag: number;
}

/** Open addressing with linear probing; entries are added and never taken out. */
export class FileTable {
  readonly seed: number;
  #hashes: Float64Array;
  #sizes: Float64Array;
  #stamps: Uint32Array;
  /** 0 marks a slot that is free. */
  #tags: Uint16Array;
  #size = 0;

  /**
   * @param seed names are told apart by another number in each table of another seed, so that nobody can choose names that are taken for one
   * @param expected how many there will be, as far as is known
   */
  constructor(seed: number, expected = 0) {
    this.seed = seed;
    let capacity = SMALLEST;
    while (capacity * MOST_TAKEN < expected) capacity *= 2;
    this.#hashes = new Float64Array(capacity);
    this.#sizes = new Float64Array(capacity);
    this.#stamps = new Uint32Array(capacity);
    this.#tags = new Uint16Array(capacity);
  }

  get size(): number {
    return this.#size;
  }

  hash(name: string): number {
    return hashName(name, this.seed);
  }

  get(hash: number): Entry | undefined {
    const slot = this.#slot(hash);
    return this.#tags[slot] === 0 ? undefined : this.#at(slot);
  }

  has(hash: number): boolean {
    return this.#tags[this.#slot(hash)] !== 0;
  }

  /** Adds the entry, or replaces the one of the same hash. */
  put({ hash, size, stamp, tag }: Entry): void {
    if (this.#size + 1 > this.#tags.length * MOST_TAKEN) this.#grow();
    const slot = this.#slot(hash);
    if (this.#tags[slot] === 0) this.#size++;
    this.#hashes[slot] = hash;
    this.#sizes[slot] = size ?? UNKNOWN_SIZE;
    this.#stamps[slot] = stamp;
    this.#tags[slot] = tag;
  }

  *[Symbol.iterator](): Generator<Entry> {
    for (let slot = 0; slot < this.#tags.length; slot++) if (this.#tags[slot] !== 0) yield this.#at(slot);
  }

  /** As text for a record: about 16 characters for each file. */
  encode(): string {
    const writer = new Writer(this.#size * (HASH_BYTES + 6));
    for (const { hash, size = UNKNOWN_SIZE, stamp, tag } of this) {
      writer.hash(hash);
      writer.number(size + 1);
      writer.number(stamp);
      writer.number(tag);
    }
    return writer.text();
  }

  /** @throws RangeError where the text is not one that `encode` has written */
  static decode(seed: number, text: string): FileTable {
    const bytes = Buffer.from(text, 'base64');
    const reader = new Reader(bytes);
    const table = new FileTable(seed, bytes.length / (HASH_BYTES + 6));
    while (!reader.done) {
      const hash = reader.hash();
      const size = reader.number() - 1;
      table.put({ hash, size: size === UNKNOWN_SIZE ? undefined : size, stamp: reader.number(), tag: reader.number() });
    }
    return table;
  }

  /** Where the hash stands, or would stand. */
  #slot(hash: number): number {
    const mask = this.#tags.length - 1;
    // The lower 32 bits, which are all that `&` sees.
    let slot = hash & mask;
    while (this.#tags[slot] !== 0 && this.#hashes[slot] !== hash) slot = (slot + 1) & mask;
    return slot;
  }

  #at(slot: number): Entry {
    const size = this.#sizes[slot] ?? UNKNOWN_SIZE;
    return {
      hash: this.#hashes[slot] ?? 0,
      size: size === UNKNOWN_SIZE ? undefined : size,
      stamp: this.#stamps[slot] ?? 0,
      tag: this.#tags[slot] ?? 0,
    };
  }

  #grow(): void {
    const larger = new FileTable(this.seed, this.#tags.length);
    for (const entry of this) larger.put(entry);
    this.#hashes = larger.#hashes;
    this.#sizes = larger.#sizes;
    this.#stamps = larger.#stamps;
    this.#tags = larger.#tags;
  }
}

/** cyrb53 by bryc, in the public domain: two multiplicative hashes of 32 bits, mixed. */
function hashName(name: string, seed: number): number {
  let first = 0xdeadbeef ^ seed;
  let second = 0x41c6ce57 ^ seed;
  for (let index = 0; index < name.length; index++) {
    const code = name.charCodeAt(index);
    first = Math.imul(first ^ code, 2654435761);
    second = Math.imul(second ^ code, 1597334677);
  }
  const low = Math.imul(first ^ (first >>> 16), 2246822507) ^ Math.imul(second ^ (second >>> 13), 3266489909);
  const high = Math.imul(second ^ (second >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  return UINT32 * (high & 0x1fffff) + (low >>> 0);
}

class Writer {
  #bytes: Buffer;
  #length = 0;

  constructor(expected: number) {
    this.#bytes = Buffer.alloc(Math.max(expected, SMALLEST));
  }

  hash(hash: number): void {
    this.#make(HASH_BYTES);
    this.#bytes.writeUInt32LE(hash % UINT32, this.#length);
    this.#bytes.writeUIntLE(Math.floor(hash / UINT32), this.#length + 4, 3);
    this.#length += HASH_BYTES;
  }

  /** Seven bits in a byte, the lowest first; the eighth says that more follow. */
  number(value: number): void {
    this.#make(8);
    let rest = value;
    while (rest > 0x7f) {
      this.#bytes[this.#length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes[this.#length++] = rest;
  }

  text(): string {
    return this.#bytes.toString('base64', 0, this.#length);
  }

  #make(room: number): void {
    if (this.#length + room <= this.#bytes.length) return;
    const larger = Buffer.alloc(this.#bytes.length * 2);
    this.#bytes.copy(larger);
    this.#bytes = larger;
  }
}

class Reader {
  #position = 0;

  constructor(private readonly bytes: Buffer) {}

  get done(): boolean {
    return this.#position >= this.bytes.length;
  }

  hash(): number {
    const low = this.bytes.readUInt32LE(this.#position);
    const high = this.bytes.readUIntLE(this.#position + 4, 3);
    this.#position += HASH_BYTES;
    return high * UINT32 + low;
  }

  number(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 0x80) {
      const byte = this.bytes.readUInt8(this.#position++);
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  }
}
