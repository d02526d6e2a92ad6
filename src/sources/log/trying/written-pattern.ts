// A regular expression as the user wrote it, beside what its building blocks stand for.

import { type AST, RegExpParser } from '@eslint-community/regexpp';

/** What `%{shape}` or `%{shape:name}` stands for; undefined where there is no such block. */
export type Expand = (block: string) => string | undefined;

const BLOCK = /%\{[^{}]*\}/g;

interface Piece {
  readonly start: number;
  readonly end: number;
  /** Undefined where the piece stands as it was written. */
  readonly block: string | undefined;
}

export class WrittenPattern {
  /** With building blocks expanded: each of them is one group. */
  readonly source: string;
  readonly alternatives: readonly AST.Alternative[];
  readonly #pieces: readonly Piece[];

  /** @throws SyntaxError */
  constructor(written: string, expand: Expand = () => undefined) {
    const pieces: Piece[] = [];
    let source = '';
    const append = (text: string, block?: string) => {
      pieces.push({ start: source.length, end: source.length + text.length, block });
      source += text;
    };
    let from = 0;
    for (const match of written.matchAll(BLOCK)) {
      const expanded = expand(match[0]);
      if (expanded === undefined) continue;
      append(written.slice(from, match.index));
      append(`(?:${expanded})`, match[0]);
      from = match.index + match[0].length;
    }
    append(written.slice(from));
    this.source = source;
    this.#pieces = pieces;
    this.alternatives = new RegExpParser({ ecmaVersion: 2025 }).parsePattern(source, 0, source.length).alternatives;
  }

  /** This part of the source as the user wrote it. */
  written(start: number, end: number): string {
    return this.#pieces
      .filter((piece) => piece.start < end && piece.end > start)
      .map(({ start: first, end: last, block }) => block ?? this.source.slice(Math.max(start, first), Math.min(end, last)))
      .join('');
  }

  isBlock({ start, end }: { readonly start: number; readonly end: number }): boolean {
    return this.#pieces.some(({ start: first, end: last, block }) => block !== undefined && first === start && last === end);
  }
}
