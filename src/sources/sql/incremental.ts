// Follows the rows of a table: each one is counted once, over restarts too. The mark and the counts are one record, on the disk before
// anybody sees them.

import type { Accumulator, AccumulatorRecord } from '../../domain/accumulator.js';
import type { Clock } from '../../domain/clock.js';
import { SourceError, type StateRecord } from '../kind.js';
import type { Cell, QueryResult, Statement, Watermark } from './driver.js';
import type { EventCounts, EventMapper } from './events.js';
import { Table, type Reading, type Row } from './table.js';
import { compareWatermarks, FIRST_WATERMARKS, HoldBack, isWatermark, watermarkOf } from './watermark.js';

/** Share of its time that a look may use to read on before it leaves the rest to the next one. */
const READING_SHARE = 0.7;

export interface IncrementalOptions {
  readonly sql: string;
  readonly column: string;
  /** Milliseconds for which a row is held back. */
  readonly lagMs: number;
  /** Where to begin without a record: a mark, a statement that tells it, or nothing for all rows there are. */
  readonly start: Watermark | Statement | undefined;
  readonly timeoutMs: number;
  /** Rows that are counted at a time. */
  readonly batch: number;
  /** It does not read on after the first rows. */
  readonly oneBatch: boolean;
  readonly reading: Reading;
  readonly mapper: EventMapper;
  /** What is exposed. */
  readonly accumulator: Accumulator;
  readonly record: StateRecord;
  readonly clock: Clock;
}

/** Runs a statement over the connection of the source. */
export type Ask = (statement: Statement, maxRows: number) => Promise<QueryResult>;

/** What is written of the query. */
interface Saved {
  readonly watermark: Watermark | null;
  readonly counts: AccumulatorRecord;
}

/** What a look did. */
export interface Counted {
  readonly rows: number;
  /** Values beside the count that could not be read, and were left out. */
  readonly refused: number;
  /** The mark after it; undefined before the first row. */
  readonly watermark: Watermark | undefined;
  /** All rows that were there have been seen: those that are not counted yet are held back. */
  readonly caughtUp: boolean;
}

export class Incremental {
  readonly #options: IncrementalOptions;
  readonly #holdBack: HoldBack;
  #counts: EventCounts | undefined;
  #saved: Saved | undefined;
  /** What is bound before the first row is counted, once the server has taken it. */
  #first: Watermark | undefined;

  constructor(options: IncrementalOptions) {
    this.#options = options;
    this.#holdBack = new HoldBack(options.lagMs);
  }

  /**
   * Takes over what was counted before, so that the first scrape shows it: a counter that begins at 0 again would count everything twice.
   * Without a record everything is at 0; with one that cannot be read there is nothing to show.
   * @throws SourceError of class `state`
   */
  async restore(): Promise<void> {
    if (this.#counts) return;
    const { record, mapper } = this.#options;
    const saved = await record.read();
    if (saved !== undefined && !isSaved(saved)) {
      throw new SourceError(
        'state',
        'state',
        'the record of the query is not one that this version of Vigie writes: delete it to begin anew',
      );
    }
    this.#saved = saved;
    this.#counts = mapper.counts(saved?.counts);
    this.#publish();
  }

  /** Counts what is new, as far as there is time. @throws SourceError; what was counted before it stays counted */
  async look(ask: Ask): Promise<Counted> {
    await this.restore();
    const { clock, timeoutMs, oneBatch } = this.#options;
    const begun = clock.monotonic();
    await this.#begin(ask);
    const ripe = this.#holdBack.ripe(begun);
    const total = { rows: 0, refused: 0 };
    let from = this.#watermark;
    let highest: Watermark | undefined;
    try {
      for (;;) {
        const batch = await this.#read(ask, from);
        highest = batch.marks.at(-1) ?? highest;
        const counted = await this.#count(batch, ripe);
        total.rows += counted.rows;
        total.refused += counted.refused;
        const timeLeft = clock.monotonic() - begun < timeoutMs * READING_SHARE;
        if (!batch.more || !timeLeft || oneBatch) return { ...total, watermark: this.#watermark, caughtUp: !batch.more };
        // Beyond what may be counted it only looks how far the rows reach.
        from = counted.heldBack ? highest : this.#watermark;
      }
    } finally {
      if (highest) this.#holdBack.see(highest, clock.monotonic());
    }
  }

  get #watermark(): Watermark | undefined {
    return this.#saved?.watermark ?? undefined;
  }

  /** Without a record: at the mark that the YAML names. What the statement of the YAML tells is kept at once, for it tells another one later. */
  async #begin(ask: Ask): Promise<void> {
    if (this.#saved !== undefined || this.#first !== undefined) return;
    const { start } = this.#options;
    if (start === undefined || 'type' in start) {
      this.#first = start;
      return;
    }
    const { rows } = await ask(start, 2);
    const [row, second] = rows;
    if (!row || second || row.length !== 1) throw this.#error('the statement of start must return one row with one column');
    const [cell = null] = row;
    // Of an empty table: all rows that come are new.
    const watermark = cell === null ? null : watermarkOf(cell);
    if (watermark === undefined) throw this.#error('what the statement of start returns is neither an integer nor a time');
    await this.#save({ watermark, counts: this.#current.accumulator.record() });
  }

  async #read(ask: Ask, from: Watermark | undefined): Promise<Batch> {
    const result = await this.#ask(ask, from);
    const table = new Table(this.#options.reading, result.columns);
    const read = table.cell(this.#options.column);
    const marks = result.rows.map((row, at) => this.#mark(read(row), at));
    for (const [at, mark] of marks.entries()) {
      const before = marks[at - 1];
      if (before && compareWatermarks(before, mark) > 0) {
        throw this.#error(`the rows are not in the order of "${this.#options.column}": say ORDER BY ${this.#options.column}`);
      }
    }
    if (from && marks[0] && compareWatermarks(marks[0], from) <= 0) {
      throw this.#error(`rows came that are not after the mark: say WHERE ${this.#options.column} > :watermark`);
    }
    return { rows: result.rows, columns: result.columns, marks, more: result.dropped > 0 };
  }

  /** Before the first row nobody knows whether the column holds ids or times: what the server takes it keeps. */
  async #ask(ask: Ask, from: Watermark | undefined): Promise<QueryResult> {
    const { sql, batch } = this.#options;
    // One more: rows that share the last value cannot be told from those that come after it.
    const rows = batch + 1;
    const known = from ?? this.#first;
    if (known) return await ask({ sql, watermark: known }, rows);
    const [ids, times] = FIRST_WATERMARKS;
    if (!ids || !times) throw this.#error('no mark to begin with');
    try {
      const result = await ask({ sql, watermark: ids }, rows);
      this.#first = ids;
      return result;
    } catch (error) {
      if (!(error instanceof SourceError) || error.errorClass !== 'schema') throw error;
      const result = await ask({ sql, watermark: times }, rows).catch((second: unknown) => {
        // The first error says more where neither works.
        throw second instanceof SourceError && second.errorClass === 'schema' ? error : second;
      });
      this.#first = times;
      return result;
    }
  }

  /** Counts the rows that may be counted: they are on the disk, then they are seen. */
  async #count(batch: Batch, ripe: (watermark: Watermark) => boolean): Promise<{ rows: number; refused: number; heldBack: boolean }> {
    const { size, heldBack } = this.#countable(batch, ripe);
    const watermark = batch.marks[size - 1];
    if (!watermark) return { rows: 0, refused: 0, heldBack };
    const counts = this.#current;
    try {
      const refused = counts.add(batch.columns, batch.rows.slice(0, size));
      await this.#save({ watermark, counts: counts.accumulator.record() });
      return { rows: size, refused, heldBack };
    } catch (error) {
      // What was added and is not kept is taken back.
      this.#counts = this.#options.mapper.counts(this.#saved?.counts);
      throw error;
    }
  }

  /** How many of the first rows may be counted. Of rows with one value all are, or none: those that are not in this batch come after it. */
  #countable({ marks, more }: Batch, ripe: (watermark: Watermark) => boolean): { size: number; heldBack: boolean } {
    const late = marks.findIndex((mark) => !ripe(mark));
    if (late >= 0) return { size: late, heldBack: true };
    const last = marks.at(-1);
    if (!more || !last) return { size: marks.length, heldBack: false };
    const whole = marks.findIndex((mark) => compareWatermarks(mark, last) === 0);
    if (whole === 0) {
      throw this.#error(
        `more than ${this.#options.batch} rows have one value of "${this.#options.column}": raise max_rows above their number`,
      );
    }
    return { size: whole, heldBack: false };
  }

  async #save(saved: Saved): Promise<void> {
    await this.#options.record.write(saved);
    this.#saved = saved;
    this.#publish();
  }

  #publish(): void {
    const { accumulator, mapper } = this.#options;
    if (this.#counts) accumulator.restore(this.#counts.accumulator.record(), mapper.metrics);
  }

  get #current(): EventCounts {
    this.#counts ??= this.#options.mapper.counts(undefined);
    return this.#counts;
  }

  #mark(cell: Cell, at: number): Watermark {
    const mark = watermarkOf(cell);
    if (mark) return mark;
    const found = markProblem(cell);
    throw this.#error(
      `column "${this.#options.column}" is ${found} in row ${at + 1}; an incremental query follows a column that only grows: an id or a time`,
    );
  }

  #error(message: string): SourceError {
    return new SourceError('query', 'schema', `query ${this.#options.reading.query}: ${message}`);
  }
}

function markProblem(cell: Cell): string {
  if (cell === null) return 'NULL';
  return typeof cell === 'number' ? 'a floating-point number, whose last digits are lost,' : 'neither an integer nor a time';
}

interface Batch {
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
  readonly marks: readonly Watermark[];
  /** There are rows after these. */
  readonly more: boolean;
}

function isSaved(value: unknown): value is Saved {
  if (typeof value !== 'object' || value === null || !('watermark' in value) || !('counts' in value)) return false;
  const { watermark, counts } = value;
  if (watermark !== null && !isWatermark(watermark)) return false;
  return typeof counts === 'object' && counts !== null && 'scalars' in counts && Array.isArray(counts.scalars) && 'histograms' in counts;
}
