// What a probe did and saw, line by line, for people; secrets are written as ***.

import type { Clock } from '../../domain/clock.js';
import { ownText } from '../../domain/own-text.js';
import type { Transcript, TranscriptLine } from '../kind.js';

/** An endpoint may say much: a transcript is read by a person, and many of them are kept. */
const MOST_LINES = 100;
const LONGEST_LINE = 300;
const MOST_CHARACTERS = 8_000;
/** Of what is said in one line, no more than this is looked at. */
const LONGEST_SAID = 16_384;
/** Lines of a secret (a key in PEM format) that are shorter than this are no secret by themselves. */
const SHORTEST_PIECE = 8;
/** One that stands at many places of ordinary text is hidden only where it is a word. */
const SHORTEST_SECRET = 3;

export class Recorder {
  readonly #clock: Clock;
  readonly #begin: number;
  readonly #at: number;
  /** As they were said: a secret may become known later. */
  readonly #said: TranscriptLine[] = [];
  readonly #secrets = new Set<string>();
  #left = 0;
  #ended = false;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#at = clock.now();
    this.#begin = clock.monotonic();
  }

  /** Also as it looks in a URL, in JSON and in Base64, and each line of it. */
  hide(secret: string): void {
    const forms = [secret, secret.trim(), ...secret.split(/\r?\n/).filter((piece) => piece.length >= SHORTEST_PIECE)];
    for (const form of forms) {
      if (form === '') continue;
      this.#secrets.add(form);
      this.#secrets.add(JSON.stringify(form).slice(1, -1));
      this.#secrets.add(encodeURIComponent(form.toWellFormed()));
      if (form.length >= SHORTEST_SECRET) this.#secrets.add(Buffer.from(form).toString('base64').replace(/=+$/, ''));
    }
  }

  /** Nothing is taken any more once the transcript is made. */
  say(text: string): void {
    if (this.#ended) return;
    if (this.#said.length >= MOST_LINES) this.#left++;
    else this.#said.push({ afterMs: this.#clock.monotonic() - this.#begin, text: text.slice(0, LONGEST_SAID) });
  }

  /** @param failure what went wrong, in words; undefined where nothing did */
  end(failure: string | undefined): Transcript {
    this.#ended = true;
    const durationMs = this.#clock.monotonic() - this.#begin;
    // The longest first: one secret may begin with another.
    const secrets = [...this.#secrets].toSorted((a, b) => b.length - a.length);
    const lines: TranscriptLine[] = [];
    let left = this.#left;
    let characters = 0;
    for (const { afterMs, text } of this.#said) {
      const clean = cleanText(text, secrets);
      characters += clean.length;
      if (characters > MOST_CHARACTERS) left++;
      else lines.push({ afterMs, text: clean });
    }
    this.#said.length = 0;
    this.#secrets.clear();
    if (left > 0) lines.push({ afterMs: durationMs, text: `… and ${left} more line${left === 1 ? '' : 's'}` });
    return { at: this.#at, durationMs, failure: failure === undefined ? undefined : cleanText(failure, secrets), lines };
  }
}

/** What other people's servers send may hold anything, escape sequences for terminals too. */
function cleanText(text: string, secrets: readonly string[]): string {
  let clean = text;
  for (const secret of secrets) {
    if (secret.length >= SHORTEST_SECRET) clean = clean.replaceAll(secret, '***');
    else clean = clean.replaceAll(new RegExp(`(?<![\\p{L}\\p{N}])${RegExp.escape(secret)}(?![\\p{L}\\p{N}])`, 'gu'), '***');
  }
  clean = clean.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (character) => escapeCode(character.codePointAt(0) ?? 0));
  return ownText(clean.length > LONGEST_LINE ? `${clean.slice(0, LONGEST_LINE)}…` : clean);
}

function escapeCode(code: number): string {
  return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, '0')}`;
}

/** The last probes of an endpoint, and the last ones that failed, which would else be gone before anybody looks. */
export class History {
  readonly #last: Transcript[] = [];
  readonly #failed: Transcript[] = [];
  #most: number;

  /** @param most how many it keeps of each */
  constructor(most = 1) {
    this.#most = most;
  }

  /** From now on it keeps no more than this of each. */
  keep(most: number): void {
    this.#most = most;
    for (const list of [this.#last, this.#failed]) list.splice(most);
  }

  add(transcript: Transcript): void {
    this.#remember(this.#last, transcript);
    if (transcript.failure !== undefined) this.#remember(this.#failed, transcript);
  }

  /** Newest first. */
  get last(): readonly Transcript[] {
    return this.#last;
  }

  get failed(): readonly Transcript[] {
    return this.#failed;
  }

  #remember(list: Transcript[], transcript: Transcript): void {
    list.unshift(transcript);
    if (list.length > this.#most) list.pop();
  }
}
