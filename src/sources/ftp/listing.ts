// Understands listings as they come, piece by piece, so that memory does not grow with them: MLSD, and those for people of Unix and Windows.

import { FileType, parseList, type FileInfo } from 'basic-ftp';
import type { ListedFile } from '../exchanges/store.js';
import { DataError } from './errors.js';
import { listedTime, type LocalMinute } from './times.js';

/** An entry of any type: its name may be looked for. */
export interface Entry extends ListedFile {
  readonly isFile: boolean;
}

export type Format = 'mlsd' | 'list';

export interface Reading {
  readonly format: Format;
  readonly encoding: 'utf8' | 'latin1';
  /** For times of listings for people. */
  readonly toUtc: LocalMinute;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
}

/** Longer lines are no entry of any directory. */
const LONGEST_LINE = 16_384;

/** Reads one listing. */
export class ListingReader {
  readonly #reading: Reading;
  readonly #visit: (entry: Entry) => void;
  #rest: Buffer = Buffer.alloc(0);
  #understood = 0;
  #unreadable = 0;

  constructor(reading: Reading, visit: (entry: Entry) => void) {
    this.#reading = reading;
    this.#visit = visit;
  }

  /** Lines that are in no known form. */
  get unreadable(): number {
    return this.#unreadable;
  }

  /** @throws DataError where this is no listing */
  add(bytes: Buffer): void {
    const whole = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    const end = whole.lastIndexOf(0x0a) + 1;
    if (whole.length - end > LONGEST_LINE) throw new DataError('protocol', 'a line of the listing is too long to be one');
    // A copy, since a part keeps all of what it is a part of.
    this.#rest = Buffer.from(whole.subarray(end));
    if (end > 0) this.#read(whole.toString(this.#reading.encoding, 0, end));
  }

  /** @throws DataError where nothing could be understood */
  end(): void {
    if (this.#rest.length > 0) this.#read(this.#rest.toString(this.#reading.encoding));
    this.#rest = Buffer.alloc(0);
    if (this.#understood === 0 && this.#unreadable > 0) {
      throw new DataError('protocol', 'the listing is in a form that is not known: neither MLSD nor that of Unix or Windows');
    }
  }

  #read(text: string): void {
    if (this.#reading.format === 'list') this.#readForPeople(text);
    else for (const line of text.split(/\r?\n/)) if (line.trim() !== '') this.#readFacts(line);
  }

  #readFacts(line: string): void {
    const entry = factsOf(line);
    if (entry === undefined) this.#unreadable++;
    else this.#pass(entry);
  }

  /** Of the lines of a piece basic-ftp takes those that are in the form of the last one. */
  #readForPeople(text: string): void {
    const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '' && !/^total\b/.test(line));
    if (lines.length === 0) return;
    let entries: readonly FileInfo[];
    try {
      entries = parseList(lines.join('\n'));
    } catch {
      entries = lines.flatMap(oneLine);
    }
    const selves = lines.filter((line) => /\s\.\.?$/.test(line)).length;
    this.#understood += selves;
    this.#unreadable += Math.max(0, lines.length - selves - entries.length);
    for (const { name, type, size, rawModifiedAt } of entries) {
      const { toUtc, now } = this.#reading;
      this.#pass({ name, isFile: type === FileType.File, size, modified: listedTime(rawModifiedAt, toUtc, now) });
    }
  }

  #pass(entry: Entry): void {
    this.#understood++;
    if (entry.name !== '.' && entry.name !== '..') this.#visit(entry);
  }
}

function oneLine(line: string): FileInfo[] {
  try {
    return parseList(line);
  } catch {
    return [];
  }
}

/** `type=file;size=1024;modify=20260302080000; name`. RFC 3659, section 7. */
const FACTS = /^(?<facts>(?:[^=;\s]+=[^;\s]*;)*(?:[^=;\s]+=[^;\s]*)?) (?<name>.+)$/;

/** @returns undefined where it is no entry */
function factsOf(line: string): Entry | undefined {
  const { facts = '', name } = FACTS.exec(line)?.groups ?? {};
  if (name === undefined) return undefined;
  let size: number | undefined;
  let modified: number | undefined;
  // What a server tells no type of is taken for a file.
  let type = 'file';
  for (const fact of facts.split(';')) {
    const equals = fact.indexOf('=');
    const value = fact.slice(equals + 1);
    switch (fact.slice(0, equals).toLowerCase()) {
      case 'type':
        type = value.toLowerCase();
        break;
      case 'size':
        if (/^\d+$/.test(value)) size = Number(value);
        break;
      case 'modify':
        modified = factTime(value);
        break;
      default:
    }
  }
  // Some name a link's target as a path: it is no entry of this directory.
  return { name, isFile: type === 'file' && !name.includes('/'), size, modified };
}

/** `20260302080000.123`, in UTC. RFC 3659, section 2.3. */
function factTime(text: string): number | undefined {
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.\d+)?$/.exec(text) ?? [];
  if (year === undefined) return undefined;
  const at = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(at) ? undefined : at / 1000;
}
