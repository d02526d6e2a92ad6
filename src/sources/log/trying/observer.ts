// Takes account of each record while the rules of a source understand it: which of them took it, with what, and what was wrong with it.

import { ownText } from '../../../domain/own-text.js';
import type { Onlooker } from '../counting/build.js';
import type { LineCondition } from '../counting/condition.js';
import type { FormatReader, Reading } from '../counting/format.js';
import type { Line } from '../counting/line.js';
import type { Rule, Verdict } from '../counting/rule.js';
import type { RuleSet } from '../counting/rules.js';
import type { Scope } from '../counting/scope.js';
import { textOf } from '../formats/fields.js';
import type { PatternGuard } from '../patterns/guard.js';
import type { PieceInfo, Records, RecordSink, Taken as TakenPiece } from '../reading/sink.js';
import { DEFAULT_MAX_LINE, type LogOptions } from '../schema.js';
import type { LineAccount, LineResult, Taken } from './explain.js';
import { ignoreName, namedRules, type NamedRule } from './named-rules.js';
import { formatReason, needReason, timeReason } from './reasons.js';
import type { RecordMisses } from './record-misses.js';

/** What is noted of the record that is being understood. */
interface Note {
  /** Undefined where it is too long to be read. */
  readonly text: string | undefined;
  readonly number: number;
  reading: Reading;
  ignoredBy: string | undefined;
  malformed: boolean;
  /** A pattern that is switched off was asked. */
  abandoned: boolean;
  readonly takenBy: Taken[];
  readonly reasons: Set<string>;
}

export interface ObserverOptions {
  readonly options: LogOptions;
  readonly guard: PatternGuard;
  readonly misses: RecordMisses;
  /** Takes the accounts of a piece once it is counted: until then it may be run again. */
  readonly take: (account: LineAccount) => void;
}

export class Observer implements Onlooker {
  readonly #options: ObserverOptions;
  readonly #named: ReadonlyMap<string, NamedRule>;
  #note = newNote('', 0);
  #notes: Note[] = [];
  /** The number of the line that follows all those that are counted. */
  #next = 1;
  #nextOfPiece = 1;

  constructor(options: ObserverOptions) {
    this.#options = options;
    this.#named = new Map(namedRules(options.options).map((rule) => [rule.id, rule]));
  }

  readonly undeclared: Onlooker['undeclared'] = (label, value) => {
    this.#note.reasons.add(`${label} ${JSON.stringify(value)} is ${label === 'outcome' ? 'none' : 'not declared'}`);
  };

  format(format: FormatReader): FormatReader {
    return { matchers: format.matchers, read: (line, header) => (this.#note.reading = format.read(line, header)) };
  }

  rules({ ignore, events, others, levels }: RuleSet): RuleSet {
    return {
      ignore: ignore.map((condition, index) => this.#ignoring(condition, ignoreName(index))),
      events: events.map((rule) => this.#observed(rule)),
      others: others.map((rule) => this.#observed(rule)),
      levels,
    };
  }

  /** The sink of these rules, with an account taken of all that it takes. */
  sink(sink: RecordSink): RecordSink {
    return {
      piece: async <T extends TakenPiece>(info: PieceInfo, read: (records: Records) => T) => {
        const result = await sink.piece(info, (records) => {
          this.#notes = [];
          return read(this.#records(records));
        });
        this.#tell(info);
        return result;
      },
      lost: (bytes) => sink.lost(bytes),
    };
  }

  #records(records: Records): Records {
    this.#nextOfPiece = this.#next;
    return {
      record: (text) => {
        this.#begin(text, linesOf(text));
        const { guard } = this.#options;
        const { abandoned } = guard;
        records.record(text);
        this.#note.abandoned = guard.abandoned > abandoned;
      },
      tooLong: () => {
        this.#begin(undefined, 1);
        records.tooLong();
      },
    };
  }

  #begin(text: string | undefined, lines: number): void {
    this.#note = newNote(text, this.#nextOfPiece);
    this.#notes.push(this.#note);
    this.#nextOfPiece += lines;
  }

  #tell(info: PieceInfo): void {
    this.#next = this.#nextOfPiece;
    for (const note of this.#notes) this.#options.take(this.#account(note, info));
    this.#notes = [];
  }

  #account(note: Note, info: PieceInfo): LineAccount {
    const { options, misses } = this.#options;
    const { number, takenBy } = note;
    const result = resultOf(note);
    // A part of a piece would keep all of it.
    const line = result === 'unmatched' ? ownText(note.text ?? '') : (note.text ?? '');
    const reason = reasonOf(note, result, options);
    const asked = result === 'unmatched' && line.trim() !== '' ? { misses: () => misses.of(line, info) } : {};
    return { line, number, result, takenBy, ...(reason !== '' && { reason }), ...asked };
  }

  #ignoring(condition: LineCondition, name: string): LineCondition {
    return {
      get pattern() {
        return condition.pattern;
      },
      fits: (line) => {
        if (!condition.fits(line)) return false;
        this.#note.ignoredBy = name;
        return true;
      },
    };
  }

  #observed(rule: Rule): Rule {
    const { name, condition } = rule;
    const named = this.#named.get(name) ?? { id: name, name, needs: [] };
    // Those that the rule reads come first.
    for (const group of condition.scope.groups) condition.scope.reader(group);
    const take = (line: Line): Verdict => {
      const verdict = rule.take(line);
      this.#note.takenBy.push({ rule: named.name, captures: capturesOf(condition.scope, line) });
      if (verdict === 'malformed') this.#malformed(named, condition.scope, line);
      return verdict;
    };
    return { name, condition, take };
  }

  #malformed({ needs }: NamedRule, scope: Scope, line: Line): void {
    const { reasons } = this.#note;
    this.#note.malformed = true;
    for (const need of needs) {
      const reason = needReason(need, need.field === undefined ? undefined : scope.used?.get(need.field)?.(line));
      if (reason !== undefined) reasons.add(reason);
    }
    if (line.time?.unreadable === true) reasons.add(timeReason(this.#options.options));
  }
}

function newNote(text: string | undefined, number: number): Note {
  return { text, number, reading: 'read', ignoredBy: undefined, malformed: false, abandoned: false, takenBy: [], reasons: new Set() };
}

function resultOf({ text, reading, ignoredBy, malformed, takenBy }: Note): LineResult {
  if (text === undefined) return 'too_long';
  if (reading !== 'read') return reading;
  if (ignoredBy !== undefined) return 'ignored';
  if (malformed) return 'malformed';
  return takenBy.length > 0 ? 'matched' : 'unmatched';
}

function reasonOf({ text = '', reading, ignoredBy, abandoned, reasons }: Note, result: LineResult, options: LogOptions): string {
  if (result === 'too_long') return `longer than max_line, ${options.max_line ?? DEFAULT_MAX_LINE} bytes`;
  if (reading === 'malformed') return formatReason(options.format, text);
  if (ignoredBy !== undefined) return ignoredBy;
  if (result === 'unmatched' && text.trim() === '') return 'empty';
  if (result === 'unmatched' && abandoned) return 'abandoned: a pattern is switched off, and nobody knows whether it would match';
  if (result === 'malformed' && reasons.size === 0) return 'a value cannot be read';
  return [...reasons].join('; ');
}

/** Of all fields that the rule reads and all groups of its patterns, those that the line has. */
function capturesOf({ used = new Map() }: Scope, line: Line): Record<string, string> {
  const captures: Record<string, string> = {};
  for (const [name, read] of used) {
    const text = textOf(read(line));
    if (text !== undefined) captures[name] = text;
  }
  return captures;
}

function linesOf(text: string): number {
  let lines = 1;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines++;
  return lines;
}
