// Cuts a stream of bytes into lines, passes them on, and keeps the last few for the page.

import { StringDecoder } from 'node:string_decoder';

const KEPT_LINES = 12;
const LONGEST_LINE = 2_000;

/** The standard error of one run of a process. What it holds is bounded whatever is written. */
export class LineTail {
  readonly #decoder = new StringDecoder('utf8');
  readonly #lines: string[] = [];
  #partial = '';

  constructor(private readonly forward: (line: string) => void) {}

  write(chunk: Buffer): void {
    const parts = (this.#partial + this.#decoder.write(chunk)).split('\n');
    this.#partial = parts.pop() ?? '';
    for (const line of parts) this.#take(line);
    if (this.#partial.length <= LONGEST_LINE) return;
    this.#take(this.#partial);
    this.#partial = '';
  }

  /** What was written last may lack its newline. */
  end(): void {
    const rest = this.#partial + this.#decoder.end();
    this.#partial = '';
    if (rest !== '') this.#take(rest);
  }

  /** The last lines, oldest first. */
  get lines(): readonly string[] {
    return this.#lines;
  }

  #take(line: string): void {
    this.forward(line);
    this.#lines.push(line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)}…` : line);
    if (this.#lines.length > KEPT_LINES) this.#lines.shift();
  }
}
