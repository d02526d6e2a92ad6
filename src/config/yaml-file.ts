// One YAML file: its plain value, and where in the text each part of that value stands.

import { isScalar, LineCounter, parseDocument } from 'yaml';
import type { ConfigPath } from '../sources/kind.js';
import { plainValue, type PlaceNode } from './plain.js';
import { syntaxProblems } from './syntax.js';

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

/** Parses one file; all problems of syntax are returned, none is thrown. */
export function parseYaml(file: string, name: string, text: string): Parsed {
  const lines = new LineCounter();
  const lastCharacter = text.trimEnd().length;
  const position = (offset: number): Position => {
    const { line, col } = lines.linePos(Math.max(0, Math.min(offset, lastCharacter)));
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  // Duplicate keys, aliases and merge keys are looked at in plain.ts, where the place of each is known.
  // Values are what YAML 1.2 says they are, whatever a directive or tag asks for: no dates, no yes for true.
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: false,
    schema: 'core',
    resolveKnownTags: false,
  });
  const tags = document.warnings.filter(({ code }) => code === 'TAG_RESOLVE_FAILED');
  const problems = firstOfEachLine(
    syntaxProblems([...document.errors, ...tags], text).map(({ offset, message }) => ({ ...position(offset), path: [], message })),
  );
  if (document.errors.length > 0) return { file: undefined, problems };
  if (document.contents === null || (isScalar(document.contents) && document.contents.value === null)) {
    return { file: undefined, problems: [{ ...position(0), path: [], message: 'the file is empty' }] };
  }
  const plain = plainValue(document.contents);
  for (const { offset, path, message, other } of plain.problems) {
    const hint = other === undefined ? '' : ` (the other is in line ${position(other).line})`;
    problems.push({ ...position(offset), path, message: `${message}${hint}` });
  }
  if (plain.fatal) return { file: undefined, problems };
  return { file: { file, name, data: plain.value, places: plain.places, position }, problems };
}

/** One problem for each line: what follows on the same line follows from the first. */
function firstOfEachLine(problems: readonly ParseProblem[]): ParseProblem[] {
  const byLine = new Map<number, ParseProblem>();
  for (const problem of problems) {
    if (!byLine.has(problem.line)) byLine.set(problem.line, problem);
  }
  return [...byLine.values()];
}
