// What a probe did and saw, line by line, for people; secrets are written as ***.

import type { Clock } from '../../domain/clock.js';
import type { Transcript, TranscriptLine } from '../kind.js';

/** An endpoint may say much: a transcript is read by a person. */
const MOST_LINES = 200;
const LONGEST_LINE = 300;
/** Shorter ones would blacken everything. */
const SHORTEST_SECRET = 3;

export class Recorder {
  readonly #clock: Clock;
  readonly #begin: number;
  readonly #at: number;
  readonly #lines: TranscriptLine[] = [];
  readonly #secrets: string[] = [];
  #left = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#at = clock.now();
    this.#begin = clock.monotonic();
  }

  hide(secret: string): void {
    if (secret.length >= SHORTEST_SECRET) this.#secrets.push(secret);
  }

  say(text: string): void {
    if (this.#lines.length >= MOST_LINES) this.#left++;
    else this.#lines.push({ afterMs: this.#clock.monotonic() - this.#begin, text: this.#clean(text) });
  }

  /** @param failure what went wrong, in words; undefined where nothing did */
  end(failure: string | undefined): Transcript {
    const durationMs = this.#clock.monotonic() - this.#begin;
    const lines = this.#left === 0 ? this.#lines : [...this.#lines, { afterMs: durationMs, text: `… and ${this.#left} lines more` }];
    return { at: this.#at, durationMs, failure: failure === undefined ? undefined : this.#clean(failure), lines };
  }

  /** What other people's servers send may hold anything, escape sequences for terminals too. */
  #clean(text: string): string {
    let clean = text;
    for (const secret of this.#secrets) clean = clean.replaceAll(secret, '***');
    clean = clean.replaceAll(
      /[\p{Cc}\p{Cf}\u2028\u2029]/gu,
      (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
    );
    return clean.length > LONGEST_LINE ? `${clean.slice(0, LONGEST_LINE)}…` : clean;
  }
}

/** The last probes of an endpoint, and the last ones that failed, which would else be gone before anybody looks. */
export class History {
  readonly #last: Transcript[] = [];
  readonly #failed: Transcript[] = [];

  constructor(private readonly most: number) {}

  add(transcript: Transcript): void {
    remember(this.#last, transcript, this.most);
    if (transcript.failure !== undefined) remember(this.#failed, transcript, this.most);
  }

  /** Newest first. */
  get last(): readonly Transcript[] {
    return this.#last;
  }

  get failed(): readonly Transcript[] {
    return this.#failed;
  }
}

function remember(list: Transcript[], transcript: Transcript, most: number): void {
  list.unshift(transcript);
  if (list.length > most) list.pop();
}
