// Numbers that a collector has told, as the bytes of their lines and next to nothing else: as objects, series take five times the
// memory, and each collection leaves as much again for the garbage collector.

import type { MetricDefinition, Observation } from '../domain/observation.js';
import type { Block } from './block.js';
import { LabelWriter, lineWriter, readLine, type LineWriter, type Series } from './exposition.js';

/** Characters that are gathered before they become bytes: turning each line into bytes by itself costs more than writing it. */
const GATHERED = 32_768;
/** Bytes that a block may have left over. */
const MOST_ROOM = 2 * GATHERED;
const NEWLINE = 0x0a;

export class WrittenBlock implements Block {
  readonly seriesEach = 1;
  #starts: Uint32Array | undefined;

  constructor(
    readonly metric: MetricDefinition,
    private readonly lines: Buffer,
    private readonly hashes: Int32Array,
  ) {}

  get size(): number {
    return this.hashes.length;
  }

  hash(index: number): number {
    return this.hashes[index] ?? 0;
  }

  /** Read back from the bytes. */
  at(index: number): Series {
    return readLine(this.metric, this.#line(index).toString());
  }

  *series(): Generator<Series> {
    for (let index = 0; index < this.size; index++) yield this.at(index);
  }

  /** Formats differ in the bounds of histograms and in exemplars, and here are neither. */
  bytes(): Buffer {
    return this.lines;
  }

  without(indexes: ReadonlySet<number>): WrittenBlock {
    const kept = [...this.hashes.keys()].filter((index) => !indexes.has(index));
    const lines = Buffer.concat(kept.map((index) => this.#line(index)));
    return new WrittenBlock(
      this.metric,
      lines,
      Int32Array.from(kept, (index) => this.hash(index)),
    );
  }

  #line(index: number): Buffer {
    this.#starts ??= this.#findStarts();
    return this.lines.subarray(this.#starts[index], this.#starts[index + 1]);
  }

  #findStarts(): Uint32Array {
    const starts = new Uint32Array(this.size + 1);
    for (let index = 0; index < this.size; index++) starts[index + 1] = this.lines.indexOf(NEWLINE, starts[index]) + 1;
    return starts;
  }
}

export class BlockWriter {
  readonly #labels: LabelWriter;
  readonly #write: LineWriter;
  #gathered = '';
  /** What has been gathered before: full buffers, and the one that is being filled. Copying them as they grow would leave as much again. */
  readonly #full: Buffer[] = [];
  #bytes: Buffer;
  #length = 0;
  #hashes: Int32Array;
  #size = 0;

  /** @param before what was written of the metric last time: about as much comes again */
  constructor(
    readonly metric: MetricDefinition,
    before: Block | undefined,
  ) {
    this.#labels = new LabelWriter(metric);
    this.#write = lineWriter(metric, 'text');
    const expected = before?.bytes('text').length ?? 0;
    this.#bytes = Buffer.allocUnsafeSlow(expected < GATHERED ? 0 : expected + GATHERED);
    this.#hashes = new Int32Array(before?.size ?? 16);
  }

  add(observation: Observation): void {
    const { labels } = observation;
    if (this.#size === this.#hashes.length) this.#hashes = larger(this.#hashes);
    this.#hashes[this.#size++] = this.#labels.hash(labels);
    this.#gathered += this.#write(this.#labels.write(labels), observation);
    if (this.#gathered.length >= GATHERED) this.#move();
  }

  end(): WrittenBlock {
    if (this.#gathered !== '') this.#move();
    const written = this.#bytes.subarray(0, this.#length);
    // Room that is left over would be kept for as long as the series are.
    const isKept = this.#full.length === 0 && this.#bytes.length - this.#length <= MOST_ROOM;
    const lines = isKept ? written : Buffer.concat([...this.#full, written]);
    const hashes = this.#size === this.#hashes.length ? this.#hashes : this.#hashes.slice(0, this.#size);
    return new WrittenBlock(this.metric, lines, hashes);
  }

  #move(): void {
    const needed = Buffer.byteLength(this.#gathered);
    if (this.#length + needed > this.#bytes.length) {
      const full = this.#bytes.subarray(0, this.#length);
      if (full.length > 0) this.#full.push(full);
      const before = this.#full.reduce((sum, { length }) => sum + length, 0);
      this.#bytes = Buffer.allocUnsafeSlow(Math.max(needed, Math.floor(before / 2)));
      this.#length = 0;
    }
    this.#length += this.#bytes.write(this.#gathered, this.#length);
    this.#gathered = '';
  }
}

function larger(hashes: Int32Array): Int32Array {
  const copy = new Int32Array(hashes.length * 2 + 1);
  copy.set(hashes);
  return copy;
}
