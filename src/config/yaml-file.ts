// One YAML file: its plain value, and where in the text each part of that value stands.

import { isScalar, LineCounter, parseDocument } from 'yaml';
import type { ConfigPath } from '../sources/kind.js';
import { tooDeeplyNested } from './depth.js';
import { PARSE_OPTIONS, PieceError, PiecewiseMap } from './pieces.js';
import { plainValue, type Plain, type PlaceNode } from './plain.js';
import { NESTED_TOO_DEEPLY, syntaxProblems } from './syntax.js';

/** A YAML file that could be parsed. */
export interface YamlFile {
  /** Absolute path. */
  readonly file: string;
  /** As messages name it. */
  readonly name: string;
  /** Plain JavaScript; aliases and merge keys resolved. */
  readonly data: unknown;
  readonly places: PlaceNode;
  position(offset: number): Position;
}

/** Both counted from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

export interface ParseProblem extends Position {
  readonly path: ConfigPath;
  readonly message: string;
}

export interface Parsed {
  /** Undefined where the problems leave nothing that could be checked further. */
  readonly file: YamlFile | undefined;
  readonly problems: readonly ParseProblem[];
}

/**
 * Parses one file; all problems of syntax are returned, none is thrown.
 * @param pieceLength characters, for texts that are longer than that: they are parsed in pieces
 */
export function parseYaml(file: string, name: string, text: string, pieceLength?: number): Parsed {
  const lines = new LineCounter();
  const lastCharacter = text.trimEnd().length;
  const position = (offset: number): Position => {
    const { line, col } = lines.linePos(Math.max(0, Math.min(offset, lastCharacter)));
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const deep = tooDeeplyNested(text);
  if (deep !== undefined) {
    countLines(text, lines);
    return { file: undefined, problems: [{ ...position(deep), path: [], message: NESTED_TOO_DEEPLY }] };
  }
  const inPieces = parsedInPieces(text, pieceLength);
  if (inPieces) {
    countLines(text, lines);
    return converted(inPieces, { file, name, position }, []);
  }
  const document = parseDocument(text, { ...PARSE_OPTIONS, lineCounter: lines });
  const tags = document.warnings.filter(({ code }) => code === 'TAG_RESOLVE_FAILED');
  const problems = firstOfEachLine(
    syntaxProblems([...document.errors, ...tags], text).map(({ offset, message }) => ({ ...position(offset), path: [], message })),
  );
  if (document.errors.length > 0) return { file: undefined, problems };
  if (document.contents === null || (isScalar(document.contents) && document.contents.value === null)) {
    return { file: undefined, problems: [{ ...position(0), path: [], message: 'the file is empty' }] };
  }
  return converted(plainValue(document.contents), { file, name, position }, problems);
}

/** undefined where the whole text is to be parsed: it is short, or says in one piece only what is wrong with it. */
function parsedInPieces(text: string, pieceLength: number | undefined): Plain | undefined {
  const root = PiecewiseMap.root(text, pieceLength);
  if (!root) return undefined;
  try {
    return plainValue(root);
  } catch (error) {
    if (error instanceof PieceError) return undefined;
    throw error;
  }
}

function countLines(text: string, lines: LineCounter): void {
  lines.addNewLine(0);
  for (const { index } of text.matchAll(/\n/gu)) lines.addNewLine(index + 1);
}

type Identity = Pick<YamlFile, 'file' | 'name' | 'position'>;

function converted({ value, places, problems, fatal }: Plain, identity: Identity, syntax: readonly ParseProblem[]): Parsed {
  const { position } = identity;
  const found = problems.map(({ offset, path, message, other }) => {
    const hint = other === undefined ? '' : ` (the other is in line ${position(other).line})`;
    return { ...position(offset), path, message: `${message}${hint}` };
  });
  return { file: fatal ? undefined : { ...identity, data: value, places }, problems: [...syntax, ...found] };
}

/** One problem for each line: what follows on the same line follows from the first. */
function firstOfEachLine(problems: readonly ParseProblem[]): ParseProblem[] {
  const byLine = new Map<number, ParseProblem>();
  for (const problem of problems) {
    if (!byLine.has(problem.line)) byLine.set(problem.line, problem);
  }
  return [...byLine.values()];
}
