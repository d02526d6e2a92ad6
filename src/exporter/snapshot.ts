// What is exposed now: written by collector once per collection, assembled once per change, compressed before it is asked for.

import type { Accumulator } from '../domain/accumulator.js';
import type { Observation } from '../domain/observation.js';
import type { Collector } from '../sources/kind.js';
import { assemble, type Assembly } from './assembly.js';
import type { Block } from './block.js';
import { liveBlocks, writtenBlocks } from './blocks.js';
import { header, lineFormat, type Format } from './exposition.js';
import { startGzip, type GzipStart } from './gzip.js';
import { MemoryLimit } from './trim.js';

/** Smaller pieces of a document are put together. */
const PIECE_BYTES = 65_536;
/** A format that is asked for of one of so many snapshots is compressed in advance: a source may look more often than it is scraped. */
const REMEMBERED = 4;
/**
 * So many series are put together for each collection at most, where nobody asks: those of thousands of collectors, of which many change
 * at once when a network is down, would else be put together thousands of times.
 */
const SERIES_EACH = 250;

type Compress = (data: readonly Buffer[]) => Promise<GzipStart>;

/** One state of the source; it never changes. */
export class Snapshot {
  readonly #pieces = new Map<Format, readonly Buffer[]>();
  readonly #gzip = new Map<Format, Promise<GzipStart>>();

  constructor(
    readonly assembly: Assembly,
    private readonly compress: Compress,
    /** Told of every format whose compressed document is asked for. */
    private readonly asked: (format: Format) => void,
  ) {}

  /** The document without its ending. */
  bytes(format: Format): Buffer {
    const [first, ...others] = this.pieces(format);
    return first && others.length === 0 ? first : Buffer.concat(this.pieces(format));
  }

  /** The same in pieces that are sent one after the other. */
  pieces(format: Format): readonly Buffer[] {
    let pieces = this.#pieces.get(format);
    if (!pieces) {
      pieces = join(this.#parts(format));
      this.#pieces.set(format, pieces);
    }
    return pieces;
  }

  /** The same, compressed. */
  gzip(format: Format): Promise<GzipStart> {
    this.asked(format);
    return this.prepare(format);
  }

  /** Compresses it now, so that it is ready when it is asked for. */
  prepare(format: Format): Promise<GzipStart> {
    let gzip = this.#gzip.get(format);
    if (!gzip) {
      gzip = this.compress(this.pieces(format));
      this.#gzip.set(format, gzip);
    }
    return gzip;
  }

  *#parts(format: Format): Generator<Buffer> {
    const { families } = this.assembly;
    const names = new Set(families.map(({ metric }) => metric.name));
    for (const { metric, blocks } of families) {
      yield Buffer.from(header(metric, format, names));
      const lines = lineFormat(metric, format, names);
      for (const block of blocks) yield block.bytes(lines);
    }
  }
}

/** Large buffers stay what they are; small ones are put together, since sending each costs more than copying it. */
function join(parts: Iterable<Buffer>): Buffer[] {
  const pieces: Buffer[] = [];
  let small: Buffer[] = [];
  let length = 0;
  const flush = () => {
    if (length > 0) pieces.push(Buffer.concat(small, length));
    small = [];
    length = 0;
  };
  for (const part of parts) {
    if (part.length >= PIECE_BYTES) {
      flush();
      pieces.push(part);
      continue;
    }
    small.push(part);
    length += part.length;
    if (length >= PIECE_BYTES) flush();
  }
  flush();
  return pieces;
}

const NOTHING_WRONG = { dropped: new Map(), conflicts: new Map() } as const;
/** Of what has no accumulator. */
const NO_GENERATION = 0;

interface Held {
  readonly accumulator: Accumulator | undefined;
  accumulatorVersion: number;
  /** Of the accumulator, when it was assembled last. */
  generation: number;
  accumulated: readonly Block[];
  collected: readonly Block[];
  /** What the collector told; not kept alive by this. */
  told: WeakRef<object> | undefined;
  /** Gauges are exposed. */
  fresh: boolean;
}

export class SnapshotStore {
  readonly #reserved: ReadonlySet<string>;
  readonly #compress: Compress;
  readonly #memory = new MemoryLimit();
  #held = new Map<string, Held>();
  #maxSeries = 0;
  #current: Snapshot | undefined;
  #snapshots = 0;
  /**
   * Nothing was wrong when all was assembled last, and since then only values have changed: there is nothing new to find. With a thousand
   * collectors, assembling all after each of their collections would be most of the work.
   */
  #isSettled = false;
  /** What was wrong then. */
  #known: Pick<Assembly, 'dropped' | 'conflicts'> = NOTHING_WRONG;
  /** Collections since then, and how many there must be before all is assembled again unasked. */
  #collections = 0;
  #patience = 0;
  /** The number of the last snapshot whose compressed document was asked for, and how many came between that one and the one before. */
  readonly #asked = new Map<Format, { readonly at: number; readonly every: number }>();

  constructor(reserved: ReadonlySet<string>, compress: Compress = startGzip) {
    this.#reserved = reserved;
    this.#compress = compress;
  }

  /** The collectors there are from now on, in the order that decides which of two equal series stays. What was collected under the same name is kept. */
  use(collectors: readonly Collector[], maxSeries: number): void {
    const before = this.#held;
    this.#held = new Map(
      collectors.map(({ name, accumulator }) => {
        const { collected = [], told, fresh = false } = before.get(name) ?? {};
        return [name, { accumulator, accumulatorVersion: -1, generation: -1, accumulated: [], collected, told, fresh }];
      }),
    );
    this.#maxSeries = maxSeries;
    this.#isSettled = false;
    this.#current = undefined;
  }

  /** Replaces what the collector said before. The very same object says the same again. */
  put(collector: string, observations: Iterable<Observation>): void {
    const held = this.#held.get(collector);
    if (!held) return;
    if (held.fresh && held.told?.deref() === observations) return;
    held.told = new WeakRef(observations);
    const before = held.collected;
    held.collected = writtenBlocks(observations, before);
    if (!held.fresh || (held.accumulator?.generation ?? NO_GENERATION) !== held.generation || !haveSameSeries(before, held.collected))
      this.#isSettled = false;
    this.#memory.collected(held.collected.reduce((sum, { size }) => sum + size, 0));
    held.fresh = true;
    this.#current = undefined;
  }

  /** Withdraws the gauges of the collector; counters and histograms are facts about the past and stay. */
  withdraw(collector: string): void {
    const held = this.#held.get(collector);
    if (!held) return;
    held.fresh = false;
    this.#current = undefined;
  }

  /** What is wrong with all that has been told. Made anew only where that can have changed, or where somebody will ask for the rest soon. */
  problems(): Pick<Assembly, 'dropped' | 'conflicts'> {
    const soon = [...this.#asked.values()].some((asked) => isAskedFor(asked, this.#snapshots + 1));
    this.#collections++;
    if (soon || (!this.#isSettled && this.#collections > this.#patience)) return this.current().assembly;
    // One that would have been made counts as well: who asks for one of many asks seldom.
    this.#snapshots++;
    return this.#known;
  }

  /** The state now. The same object as long as nothing has changed. */
  current(): Snapshot {
    for (const held of this.#held.values()) {
      if (!held.accumulator || held.accumulator.version === held.accumulatorVersion) continue;
      held.accumulatorVersion = held.accumulator.version;
      held.accumulated = liveBlocks(held.accumulator.observations(), held.accumulated);
      this.#current = undefined;
    }
    this.#current ??= this.#next();
    return this.#current;
  }

  #next(): Snapshot {
    const number = ++this.#snapshots;
    const assembly = assemble(this.#parts(), this.#maxSeries, this.#reserved);
    for (const held of this.#held.values()) held.generation = held.accumulator?.generation ?? NO_GENERATION;
    this.#isSettled = assembly.dropped.size === 0 && assembly.conflicts.size === 0;
    this.#known = { dropped: assembly.dropped, conflicts: assembly.conflicts };
    this.#collections = 0;
    this.#patience = Math.floor(assembly.series / SERIES_EACH);
    const snapshot = new Snapshot(assembly, this.#compress, (format) => {
      const { at = number - 1, every = 1 } = this.#asked.get(format) ?? {};
      this.#asked.set(format, { at: number, every: number === at ? every : number - at });
    });
    for (const [format, asked] of this.#asked) {
      // Who asks for it then is told what went wrong.
      if (isAskedFor(asked, number)) snapshot.prepare(format).catch(() => {});
    }
    return snapshot;
  }

  #parts() {
    return [...this.#held].map(([collector, { accumulated, collected, fresh }]) => {
      const blocks = [...accumulated, ...collected];
      return { collector, blocks: fresh ? blocks : blocks.filter(({ metric }) => metric.type !== 'gauge') };
    });
  }
}

/** Whether a format is likely to be asked for of the snapshot of this number. */
function isAskedFor({ at, every }: { readonly at: number; readonly every: number }, number: number): boolean {
  return every <= REMEMBERED && number - at <= REMEMBERED;
}

/** Whether the collector told the same series in the same order, whatever their values. */
function haveSameSeries(before: readonly Block[], after: readonly Block[]): boolean {
  return (
    before.length === after.length &&
    after.every((block, index) => {
      const other = before[index];
      if (!other || other.metric !== block.metric || other.size !== block.size || other.seriesEach !== block.seriesEach) return false;
      for (let place = 0; place < block.size; place++) if (block.hash(place) !== other.hash(place)) return false;
      return true;
    })
  );
}
