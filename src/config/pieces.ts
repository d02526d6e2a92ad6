// Parses a long YAML text piece by piece: the parser takes up to eighty times the memory of the text it is given, and that of 10,000 flows
// is 5 MB. A piece is some entries of a block mapping. What cannot be cut with certainty is not cut.

import { Composer, isMap, Parser } from 'yaml';

/** Values are what YAML 1.2 says they are, whatever a directive or tag asks for: no dates, no yes for true. */
export const PARSE_OPTIONS = {
  prettyErrors: false,
  // Duplicate keys, aliases and merge keys are looked at in plain.ts, where the place of each is known.
  uniqueKeys: false,
  schema: 'core',
  resolveKnownTags: false,
} as const;

/** Of a mapping. What it holds are nodes of the parser, or a `PiecewiseMap` as the value. */
export interface Entry {
  readonly key: unknown;
  readonly value: unknown;
}

/** Thrown where a piece is wrong, or cannot stand alone: only the whole text tells why. */
export class PieceError extends Error {
  override readonly name = 'PieceError';
}

/** Characters of a piece, more or less: what is made of it is collected as garbage before it is taken for what stays. */
const PIECE_LENGTH = 8 * 1024;
/** Characters of a text that is worth being cut. */
const LONG = 64 * 1024;
/** Lines, for YAML: JavaScript's `^` would begin another one after U+2028. */
const LINE_START = '(?<![^\\n])';
/** What begins or ends a document, or says how it is to be read. */
const DOCUMENT = new RegExp(`${LINE_START}(?:---|\\.\\.\\.|%)`, 'u');
/** What may stand at the end of any line, with the end. */
const REST = '[ \\t]*(?:#[^\\n]*)?\\r?\\n';
/** Lines that hold nothing, and the indentation of the one that does. */
const BLANKS = new RegExp(`(?:${REST})* *`, 'uy');
/** A line that holds nothing but a key, and the lines around it that hold nothing. */
const BARE_KEY = new RegExp(`(?:${REST})*( *)\\w[\\w-]*:(?:${REST})+`, 'uy');
const INDENTED_WORD = /( *)\w/uy;

interface Span {
  readonly from: number;
  readonly to: number;
}

/** A block mapping whose entries are parsed as they are asked for. Offsets are those in the whole text. */
export class PiecewiseMap {
  /** As that of a node of the parser. */
  readonly range: readonly [number, number, number];
  readonly #text: string;
  readonly #entries: readonly Span[];
  readonly #pieceLength: number;

  private constructor(text: string, entries: readonly Span[], pieceLength: number) {
    this.#text = text;
    this.#entries = entries;
    this.#pieceLength = pieceLength;
    const [from, to] = [entries[0]?.from ?? 0, entries.at(-1)?.to ?? 0];
    const blanks = matchAt(BLANKS, text, from)?.[0].length ?? 0;
    this.range = [from + blanks, to, to];
  }

  /** The root of a text; undefined for one that is short, or cannot be cut. @param pieceLength for texts that are longer than that */
  static root(text: string, pieceLength?: number): PiecewiseMap | undefined {
    if (text.length <= (pieceLength ?? LONG) || DOCUMENT.test(text)) return undefined;
    const entries = entriesAt(text, { from: 0, to: text.length }, 0);
    return entries.length === 0 ? undefined : new PiecewiseMap(text, entries, pieceLength ?? PIECE_LENGTH);
  }

  /** @throws PieceError, at any entry */
  *items(): Generator<Entry> {
    let piece: Span | undefined;
    for (const entry of this.#entries) {
      const isLong = entry.to - entry.from > this.#pieceLength;
      if (piece && (isLong || entry.to - piece.from > this.#pieceLength)) {
        yield* parsed(this.#text, piece);
        piece = undefined;
      }
      if (isLong) yield* this.#long(entry);
      else piece = { from: piece?.from ?? entry.from, to: entry.to };
    }
    if (piece) yield* parsed(this.#text, piece);
  }

  /** An entry that is longer than a piece: its value in pieces, where that is a block mapping. */
  #long(entry: Span): Iterable<Entry> {
    const text = this.#text;
    const [first, indentation = ''] = matchAt(BARE_KEY, text, entry.from) ?? [''];
    const block: Span = { from: entry.from + first.length, to: entry.to };
    const column = matchAt(INDENTED_WORD, text, block.from)?.[1]?.length ?? 0;
    if (first === '' || column <= indentation.length) return parsed(text, entry);
    const value = new PiecewiseMap(text, entriesAt(text, block, column), this.#pieceLength);
    return parsed(text, { from: entry.from, to: block.from }).map(({ key }) => ({ key, value }));
  }
}

/**
 * What begins with a plain word in a column: all lines of a valid text do that are entries of a mapping there, but for those that begin
 * with a sign, which are left with the entry before. What stands before the first one belongs to it.
 */
function entriesAt(text: string, { from, to }: Span, column: number): Span[] {
  const entry = new RegExp(`${LINE_START} {${column}}(?=\\w)`, 'gu');
  entry.lastIndex = from;
  const starts: number[] = [];
  for (const { index } of text.matchAll(entry)) {
    if (index >= to) break;
    starts.push(starts.length === 0 ? from : index);
  }
  return starts.map((start, index) => ({ from: start, to: starts[index + 1] ?? to }));
}

/** @throws PieceError where it is no block mapping without fault */
function parsed(text: string, { from, to }: Span): readonly Entry[] {
  const parser = new Parser();
  parser.offset = from;
  const documents = [...new Composer(PARSE_OPTIONS).compose(parser.parse(text.slice(from, to)))];
  const [document] = documents;
  const map = document?.contents;
  if (documents.length !== 1 || !document || document.errors.length > 0 || document.warnings.length > 0) throw new PieceError();
  if (!isMap(map) || map.flow === true || map.anchor !== undefined || map.tag !== undefined) throw new PieceError();
  return map.items;
}

function matchAt(pattern: RegExp, text: string, index: number): RegExpExecArray | null {
  pattern.lastIndex = index;
  return pattern.exec(text);
}
