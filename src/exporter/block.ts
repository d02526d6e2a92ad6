// The series of one metric that one collector tells, as the bytes of their lines and nothing else: as objects, series take five
// times the memory, and each collection leaves as much again for the garbage collector.

import type { MetricDefinition, Observation } from '../domain/observation.js';
import { lineWriter, readSeries, type Format, type Series } from './exposition.js';

/** Characters that are gathered before they become bytes. */
const GATHERED = 32_768;
const NEWLINE = 0x0a;
/** Of one UTF-16 code unit in UTF-8. */
const MOST_BYTES = 3;

export class Block {
  /** What each observation takes: a histogram has a line for each bucket, and sum and count. */
  readonly linesEach: number;
  readonly #bytes: Readonly<Record<Format, Buffer>>;

  /** @param bytes the same buffer for both formats where they do not differ */
  constructor(
    readonly metric: MetricDefinition,
    /** Number of observations. */
    readonly size: number,
    bytes: Readonly<Record<Format, Buffer>>,
  ) {
    this.linesEach = metric.type === 'histogram' ? (metric.buckets?.length ?? 0) + 3 : 1;
    this.#bytes = bytes;
  }

  /** Series as Prometheus counts them: each line is one. */
  get lines(): number {
    return this.size * this.linesEach;
  }

  bytes(format: Format): Buffer {
    return this.#bytes[format];
  }

  /** The series in their order, read back from the bytes. */
  *series(): Generator<Series> {
    for (const { start, end } of this.#places('text')) yield this.#read(start, end);
  }

  /** @throws RangeError where there is none */
  at(index: number): Series {
    let place = 0;
    for (const { start, end } of this.#places('text')) if (place++ === index) return this.#read(start, end);
    throw new RangeError(`no series ${index} of ${this.size}`);
  }

  without(indexes: ReadonlySet<number>): Block {
    if (indexes.size === 0) return this;
    const text = this.#cut('text', indexes);
    const openmetrics = this.#bytes.openmetrics === this.#bytes.text ? text : this.#cut('openmetrics', indexes);
    return new Block(this.metric, this.size - indexes.size, { text, openmetrics });
  }

  #read(start: number, end: number): Series {
    return readSeries(this.metric, this.#bytes.text.toString('utf8', start, end));
  }

  #cut(format: Format, indexes: ReadonlySet<number>): Buffer {
    const kept: Buffer[] = [];
    let index = 0;
    for (const { start, end } of this.#places(format)) if (!indexes.has(index++)) kept.push(this.#bytes[format].subarray(start, end));
    return Buffer.concat(kept);
  }

  *#places(format: Format): Generator<{ readonly start: number; readonly end: number }> {
    const bytes = this.#bytes[format];
    let start = 0;
    for (let index = 0; index < this.size; index++) {
      let end = start;
      for (let line = 0; line < this.linesEach; line++) end = bytes.indexOf(NEWLINE, end) + 1;
      yield { start, end };
      start = end;
    }
  }
}

/** One block for each metric, in the order in which metrics turn up. @param before what was written last time: about as much comes again */
export function writeBlocks(observations: Iterable<Observation>, before: readonly Block[] = []): Block[] {
  const writers = new Map<MetricDefinition, BlockWriter>();
  let writer: BlockWriter | undefined;
  for (const observation of observations) {
    if (writer?.metric !== observation.metric) writer = writers.get(observation.metric);
    if (!writer) {
      writer = new BlockWriter(
        observation.metric,
        before.find(({ metric }) => metric === observation.metric),
      );
      writers.set(observation.metric, writer);
    }
    writer.add(observation);
  }
  return [...writers.values()].map((one) => one.end());
}

class BlockWriter {
  #size = 0;
  readonly #text: Lines;
  readonly #openmetrics: Lines | undefined;

  constructor(
    readonly metric: MetricDefinition,
    before: Block | undefined,
  ) {
    this.#text = new Lines(metric, 'text', before);
    // Only the bounds of buckets are written differently.
    if (metric.type === 'histogram') this.#openmetrics = new Lines(metric, 'openmetrics', before);
  }

  add(observation: Observation): void {
    this.#size++;
    this.#text.add(observation);
    this.#openmetrics?.add(observation);
  }

  end(): Block {
    const text = this.#text.end();
    return new Block(this.metric, this.#size, { text, openmetrics: this.#openmetrics?.end() ?? text });
  }
}

/** Bytes that grow. Lines are gathered first: turning each into bytes by itself costs more than writing it. */
class Lines {
  readonly #write: (observation: Observation) => string;
  #gathered = '';
  #bytes: Buffer | undefined;
  #length = 0;
  readonly #expected: number;

  constructor(metric: MetricDefinition, format: Format, before: Block | undefined) {
    this.#write = lineWriter(metric, format);
    this.#expected = before?.bytes(format).length ?? 0;
  }

  add(observation: Observation): void {
    this.#gathered += this.#write(observation);
    if (this.#gathered.length >= GATHERED) this.#flush();
  }

  end(): Buffer {
    if (!this.#bytes) return Buffer.from(this.#gathered);
    this.#flush();
    return this.#bytes.subarray(0, this.#length);
  }

  #flush(): void {
    const needed = this.#length + this.#gathered.length * MOST_BYTES;
    this.#bytes ??= Buffer.allocUnsafeSlow(Math.max(needed, this.#expected + GATHERED * MOST_BYTES));
    if (needed > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(needed * 2);
      this.#bytes.copy(larger, 0, 0, this.#length);
      this.#bytes = larger;
    }
    this.#length += this.#bytes.write(this.#gathered, this.#length);
    this.#gathered = '';
  }
}
