// The log of the exchange: JSON lines, in a file that is renamed when it has grown and begun anew.

import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { ExchangeEvent, Sink } from './events.js';

/** A file is rotated before it grows beyond this. */
export const ROTATE_BYTES = 256 * 1024;
/** `.1` is the newest of the old ones. */
export const KEPT = 3;

export class RotatingLog implements Sink {
  readonly #path: string;
  #bytes: number;

  constructor(path: string) {
    mkdirSync(dirname(path), { recursive: true });
    this.#path = path;
    this.#bytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  }

  apply(events: readonly ExchangeEvent[]): void {
    let text = '';
    for (const event of events) {
      const line = lineOf(event);
      if (line === undefined) continue;
      if (this.#bytes + text.length + line.length > ROTATE_BYTES) {
        this.#append(text);
        this.#rotate();
        text = '';
      }
      text += line;
    }
    this.#append(text);
  }

  #append(text: string): void {
    if (text === '') return;
    appendFileSync(this.#path, text);
    this.#bytes += Buffer.byteLength(text);
  }

  #rotate(): void {
    for (let number = KEPT; number > 1; number--) rename(`${this.#path}.${number - 1}`, `${this.#path}.${number}`);
    rename(this.#path, `${this.#path}.1`);
    this.#bytes = 0;
  }
}

/** Messages of flows that are recorded in the database are not in the log. */
function lineOf(event: ExchangeEvent): string | undefined {
  if (event.type !== 'passed' || event.record !== 'log') return undefined;
  const { flow, partner, stage, result, durationMs, bytes } = event;
  const time = new Date(event.at).toISOString();
  const fields =
    stage === 'received'
      ? { time, event: 'received', flow, partner, size: bytes }
      : { time, event: 'passed', flow, partner, stage, result, duration_ms: durationMs };
  return `${JSON.stringify(fields)}\n`;
}

function rename(from: string, to: string): void {
  if (statSync(from, { throwIfNoEntry: false })) renameSync(from, to);
}
