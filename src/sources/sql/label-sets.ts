// Tells which rows have the same labels. Keeps hashes alone: keys for a hundred thousand rows would take more memory than the rows.

const { imul } = Math;
const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
/** Between two texts, so that "a", "bc" and "ab", "c" differ. */
const SEPARATOR = 0x10ffff;

/** Puts the texts that the labels of a row have into the array; false for a row that has none. */
export type FillTexts = (at: number, into: string[]) => boolean;

export class LabelSets {
  readonly #fill: FillTexts;
  /** Places of rows, from 1 on, in an open hash table. */
  readonly #slots: Uint32Array;
  readonly #hashes: Int32Array;
  readonly #texts: string[] = [];
  readonly #others: string[] = [];

  /** @param rows how many there are */
  constructor(rows: number, fill: FillTexts) {
    this.#fill = fill;
    this.#slots = new Uint32Array(2 ** Math.ceil(Math.log2(rows * 2 + 1)));
    this.#hashes = new Int32Array(rows);
  }

  /**
   * @param at place of the row, counted from 0
   * @returns the place of the first row that has the same labels, its own place where it is the first; -1 where it has none
   */
  add(at: number): number {
    if (!this.#fill(at, this.#texts)) return -1;
    const hash = hashOf(this.#texts);
    this.#hashes[at] = hash;
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    for (let other = this.#slots[slot]; other; other = this.#slots[slot]) {
      if (this.#hashes[other - 1] === hash && this.#equals(other - 1)) return other - 1;
      slot = (slot + 1) & mask;
    }
    this.#slots[slot] = at + 1;
    return at;
  }

  #equals(other: number): boolean {
    this.#fill(other, this.#others);
    return this.#texts.every((text, place) => text === this.#others[place]);
  }
}

/** FNV-1a over the UTF-16 code units. */
function hashOf(texts: readonly string[]): number {
  let hash = FNV_OFFSET;
  for (const text of texts) {
    for (let place = 0; place < text.length; place++) hash = imul(hash ^ text.charCodeAt(place), FNV_PRIME);
    hash = imul(hash ^ SEPARATOR, FNV_PRIME);
  }
  return hash;
}
