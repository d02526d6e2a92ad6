// The syntax tree of a regular expression.

import { createRequire } from 'node:module';
import type * as Regexpp from '@eslint-community/regexpp';
import type { AST } from '@eslint-community/regexpp';

export interface Syntax {
  readonly pattern: AST.Pattern;
  /** In the order of their opening parentheses. */
  readonly groups: readonly AST.CapturingGroup[];
  readonly references: readonly AST.Backreference[];
  readonly quantifiers: readonly AST.Quantifier[];
}

let regexpp: typeof Regexpp | undefined;

/** The parser is loaded with the first pattern at the latest: who only checks a log source has no use for it. */
export function loadParser(): typeof Regexpp {
  const require: (name: string) => typeof Regexpp = createRequire(import.meta.url);
  regexpp ??= require('@eslint-community/regexpp');
  return regexpp;
}

/** Positions in the tree are offsets into `source`. @throws SyntaxError */
export function parsePattern(source: string): Syntax {
  // V8 first: its messages are better.
  void new RegExp(source, FLAGS);
  const { RegExpParser, visitRegExpAST } = loadParser();
  const pattern = new RegExpParser().parsePattern(source, 0, source.length, { unicode: false });
  const groups: AST.CapturingGroup[] = [];
  const references: AST.Backreference[] = [];
  const quantifiers: AST.Quantifier[] = [];
  visitRegExpAST(pattern, {
    onCapturingGroupEnter: (group) => void groups.push(group),
    onBackreferenceEnter: (reference) => void references.push(reference),
    onQuantifierEnter: (quantifier) => void quantifiers.push(quantifier),
  });
  return { pattern, groups, references, quantifiers };
}

/** What `(?ims-ims:…)` sets. */
export interface Modes {
  readonly ignoreCase: boolean;
  readonly multiline: boolean;
  readonly dotAll: boolean;
}

/** `.` matches every character: a text is one record, whatever is in it. */
export const FLAGS = 's';
export const MODES: Modes = { ignoreCase: false, multiline: false, dotAll: true };

/** The modes within a group. */
export function modesWithin({ modifiers }: AST.Group, outside: Modes): Modes {
  if (modifiers === null) return outside;
  const { add, remove } = modifiers;
  const mode = (name: keyof Modes) => add[name] || (outside[name] && !(remove?.[name] ?? false));
  return { ignoreCase: mode('ignoreCase'), multiline: mode('multiline'), dotAll: mode('dotAll') };
}
