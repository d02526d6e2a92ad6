// Records of several lines: one begins with a line that is a start, and what follows belongs to it.

import type { Within } from './mark.js';
import type { Records } from './sink.js';
import type { LineTaker, Split, SplitRules } from './split.js';

export interface Multiline {
  readonly isStart: (line: string) => boolean;
  readonly maxLines: number;
  /** A record is complete when nothing has been written for so long. */
  readonly timeoutMs: number;
}

/** Joins the lines of one piece. Lines before the first start of a file are records of their own. */
export class RecordJoiner implements LineTaker {
  readonly needsPlaces = true;
  readonly #multiline: Multiline;
  readonly #maxBytes: number;
  readonly #records: Records;
  #lines: string[] = [];
  /** Where the first of the lines begins. */
  #start: number;
  /** What comes now goes on a record that has been handed over: what follows it forms one more, up to the next start. */
  #goesOn: boolean;
  /** The lines themselves go on such a record. */
  #linesGoOn = false;

  constructor(multiline: Multiline, { maxLine, codec }: SplitRules, records: Records, start: { at: number; within: Within }) {
    this.#multiline = multiline;
    this.#maxBytes = maxLine + codec.unit;
    this.#records = records;
    this.#start = start.at;
    this.#goesOn = start.within !== undefined;
  }

  /** Where the record begins that is not complete. */
  get start(): number {
    return this.#start;
  }

  line(text: string, start: number, end: number): void {
    if (this.#lines.length === 0) this.#start = start;
    if (this.#multiline.isStart(text)) {
      this.#flush(start);
      this.#goesOn = false;
    } else if (this.#lines.length === 0 && !this.#goesOn) {
      this.#records.record(text);
      this.#start = end;
      return;
    } else if (end - this.#start > this.#maxBytes) this.#flush(start);
    if (this.#lines.length === 0) this.#linesGoOn = this.#goesOn;
    this.#lines.push(text);
    this.#goesOn = true;
    if (this.#lines.length >= this.#multiline.maxLines) this.#flush(end);
  }

  tooLong(): void {
    this.#flush(this.#start);
    this.#records.tooLong();
    this.#goesOn = true;
  }

  /** @param isComplete the last record does not go on, as far as can be told */
  finish(end: number, isComplete: boolean): Split {
    if (isComplete) this.#flush(end);
    if (this.#lines.length === 0) return { end, within: this.#goesOn ? 'record' : undefined };
    return { end: this.#start, within: this.#linesGoOn ? 'record' : undefined };
  }

  #flush(next: number): void {
    if (this.#lines.length > 0) this.#records.record(this.#lines.join('\n'));
    this.#lines = [];
    this.#start = next;
  }
}
