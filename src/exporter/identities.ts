// Finds series that come twice. Holds hashes of the bytes they begin with: a set of 100,000 names takes fifty times the memory.

import type { Block } from './block.js';

const { imul } = Math;
const NEWLINE = 0x0a;
const SPACE = 0x20;
const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** One observation of a block. */
export interface Place {
  readonly block: Block;
  readonly index: number;
}

export interface Double {
  readonly index: number;
  /** The one that came before. */
  readonly first: Place;
}

export class Identities {
  readonly #blocks: { readonly block: Block; readonly before: number }[] = [];
  /** An open hash table of the numbers of observations, from 1 on. */
  readonly #slots: Uint32Array;
  /** By number of the observation: the hash of its name and labels, and where they are in the bytes of its block. */
  readonly #hashes: Int32Array;
  readonly #starts: Uint32Array;
  readonly #ends: Uint32Array;
  #count = 0;

  /** @param most how many observations will be added, all in all */
  constructor(most: number) {
    this.#slots = new Uint32Array(2 ** Math.ceil(Math.log2(most * 2 + 1)));
    this.#hashes = new Int32Array(most + 1);
    this.#starts = new Uint32Array(most + 1);
    this.#ends = new Uint32Array(most + 1);
  }

  /** @returns those of the block that have been added before, in this block or another one; they are not added again */
  add(block: Block): Double[] {
    this.#blocks.push({ block, before: this.#count });
    const bytes = block.bytes('text');
    const doubles: Double[] = [];
    let position = 0;
    for (let index = 0; index < block.size; index++) {
      // The last line of a histogram is its count: what stands before the number tells histograms apart as well.
      for (let line = 1; line < block.linesEach; line++) position = bytes.indexOf(NEWLINE, position) + 1;
      const start = position;
      let end = start;
      let hash = FNV_OFFSET;
      let identity = hash;
      // Labels may hold spaces: the last one of the line comes before the value.
      for (let byte = bytes[position]; byte !== undefined && byte !== NEWLINE; byte = bytes[++position]) {
        if (byte === SPACE) {
          identity = hash;
          end = position;
        }
        hash = imul(hash ^ byte, FNV_PRIME);
      }
      position++;
      const first = this.#put(block, identity, start, end);
      if (first) doubles.push({ index, first });
    }
    return doubles;
  }

  #put(block: Block, hash: number, start: number, end: number): Place | undefined {
    const number = ++this.#count;
    this.#hashes[number] = hash;
    this.#starts[number] = start;
    this.#ends[number] = end;
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    for (let other = this.#slots[slot]; other; other = this.#slots[slot]) {
      if (this.#hashes[other] === hash) {
        const place = this.#place(other);
        const [otherStart, otherEnd] = [this.#starts[other], this.#ends[other]];
        if (block.bytes('text').compare(place.block.bytes('text'), otherStart, otherEnd, start, end) === 0) return place;
      }
      slot = (slot + 1) & mask;
    }
    this.#slots[slot] = number;
    return undefined;
  }

  #place(number: number): Place {
    const found = this.#blocks.findLast(({ before }) => before < number);
    if (!found) throw new RangeError(`no observation ${number}`);
    return { block: found.block, index: number - found.before - 1 };
  }
}
