// Finds series that come twice, by their hashes: a set of 100,000 names takes twenty times the memory.

import type { Block } from './block.js';

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
  /** Blocks, and how many observations came before each. */
  readonly #blocks: { readonly block: Block; readonly before: number }[] = [];
  /** An open hash table; what it holds are numbers of observations from 1 on, 0 is a free slot. */
  readonly #slots: Uint32Array;
  /** By number of the observation. */
  readonly #hashes: Int32Array;
  #count = 0;

  /** @param most how many observations will be added, all in all */
  constructor(most: number) {
    this.#slots = new Uint32Array(2 ** Math.ceil(Math.log2(most * 2 + 1)));
    this.#hashes = new Int32Array(most + 1);
  }

  /** @returns those of the block that have been added before, in this block or another one; they are not added again */
  add(block: Block): Double[] {
    this.#blocks.push({ block, before: this.#count });
    const doubles: Double[] = [];
    for (let index = 0; index < block.size; index++) {
      const first = this.#put(block, index);
      if (first) doubles.push({ index, first });
    }
    return doubles;
  }

  #put(block: Block, index: number): Place | undefined {
    const number = ++this.#count;
    const hash = block.hash(index);
    this.#hashes[number] = hash;
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    for (let other = this.#slots[slot]; other; other = this.#slots[slot]) {
      if (this.#hashes[other] === hash) {
        const place = this.#place(other);
        if (place.block.at(place.index).id === block.at(index).id) return place;
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
