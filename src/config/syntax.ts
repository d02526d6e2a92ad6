// Says in our words what the YAML parser found, once for each mistake.
// Its own text is not passed on, for it may quote from the file, and what it quotes may be a secret.

import type { ErrorCode, YAMLError } from 'yaml';

const BREAKS = 'the syntax breaks here';
export const NESTED_TOO_DEEPLY = 'nested too deeply';

const MESSAGES: Readonly<Record<ErrorCode, string>> = {
  ALIAS_PROPS: "a tag or anchor before an alias (*name): quote the value if the * belongs to it, '…'",
  BAD_ALIAS: "an anchor (&name) or alias (*name) that is not well formed: quote the value if the sign belongs to it, '…'",
  BAD_COLLECTION_TYPE: 'a tag (a word that begins with !) that does not fit the value: leave it out',
  BAD_DIRECTIVE: 'a line that begins with %: quote the value if the % belongs to it',
  BAD_DQ_ESCAPE: 'a backslash in "…" that is no escape: use single quotes, in which a backslash is just itself',
  BAD_INDENT: 'the indentation is off: entries of one block start in the same column',
  BAD_PROP_ORDER: 'a tag or anchor in the wrong place: it stands right before its value',
  BAD_SCALAR_START: "a value that begins with a character of YAML's own (@ ` % > or |): quote it, '…'",
  BLOCK_AS_IMPLICIT_KEY: 'a second ":" in one line: quote the value, or indent what belongs to it on the next line',
  BLOCK_IN_FLOW: 'a block of lines within brackets: write it in brackets as well, or use lines throughout',
  DUPLICATE_KEY: 'the key stands twice: keep one',
  IMPOSSIBLE: BREAKS,
  KEY_OVER_1024_CHARS: 'a key of more than 1024 characters: is a quote missing?',
  MISSING_CHAR: `${BREAKS}: a character is missing`,
  MULTILINE_IMPLICIT_KEY: 'a key without ":": a key and its ":" stand on one line',
  MULTIPLE_ANCHORS: 'two anchors (&name) before one value: keep one',
  MULTIPLE_DOCS: 'a second document begins here: one file holds one document; remove the line ---',
  MULTIPLE_TAGS: 'two tags before one value: keep one',
  NON_STRING_KEY: 'a key must be a plain word',
  RESOURCE_EXHAUSTION: NESTED_TOO_DEEPLY,
  TAB_AS_INDENT: 'a tab in the indentation: YAML indents with spaces only',
  TAG_RESOLVE_FAILED:
    'a tag (a word that begins with !) that is not known: quote the value if the ! belongs to it; a secret is named as { env: NAME }',
  UNEXPECTED_TOKEN: `${BREAKS}: a quote or bracket is missing or too many, or the indentation is off`,
};

/** Beginnings of the parser's texts that say more than its codes. */
const SHARPER: readonly (readonly [ErrorCode, RegExp, string])[] = [
  ['MISSING_CHAR', /closing .quote/, 'a closing quote is missing'],
  ['MISSING_CHAR', /^Implicit map keys need/, 'a key without ":": write it as "key: value"'],
  ['MISSING_CHAR', /^Missing , /, 'a comma is missing between two entries'],
  ['MISSING_CHAR', /^Missing space after/, 'a space is missing after ":"'],
  ['MISSING_CHAR', /^Comments must be separated/, 'a comment needs a space before its #: quote the value if the # belongs to it'],
  ['MISSING_CHAR', /must end with a/, 'a closing bracket is missing, ] or }'],
  ['BAD_INDENT', /must be sufficiently indented and end with/, 'a closing bracket is missing, ] or }'],
];

/** After one of these the parser has lost the structure: what it says of it further down follows from this. */
const DERAILING: readonly ErrorCode[] = ['BAD_INDENT', 'TAB_AS_INDENT', 'UNEXPECTED_TOKEN'];
const STRUCTURAL: readonly ErrorCode[] = [
  'BAD_INDENT',
  'BLOCK_AS_IMPLICIT_KEY',
  'MISSING_CHAR',
  'MULTILINE_IMPLICIT_KEY',
  'UNEXPECTED_TOKEN',
];
const CONFLICT = /^<{7}(?= |$)/gm;
/** Looks like a space, or like nothing, where YAML needs a real one: before a key, or after its colon or dash. */
const INVISIBLE = /(?<=^ *|[:-])[\u00A0\u1680\u2000-\u200F\u202F\u205F\u2060\u3000\uFEFF]/;

interface SyntaxProblem {
  readonly offset: number;
  readonly message: string;
}

/** @param found errors, and warnings that count as such, as the parser gives them for `text` */
export function syntaxProblems(found: readonly YAMLError[], text: string): SyntaxProblem[] {
  if (found.length === 0) return [];
  const conflicts = [...text.matchAll(CONFLICT)];
  if (conflicts.length > 0) {
    const message =
      'a merge conflict that is not resolved: keep one side, and remove the lines that begin with <<<<<<<, ======= and >>>>>>>';
    return conflicts.map(({ index }) => ({ offset: index, message }));
  }
  const problems = [];
  let isDerailed = false;
  for (const error of found) {
    const local = invisibleCharacter(error, text) ?? unquotedBlockSign(error, text);
    if (local) problems.push(local);
    if (local || (isDerailed && STRUCTURAL.includes(error.code))) continue;
    const structural = indentedFile(error, text) ?? swallowedLine(error, found, text);
    problems.push(structural ?? explained(error, text));
    isDerailed ||= structural !== undefined || DERAILING.includes(error.code) || error.message.startsWith('Missing closing');
  }
  return problems;
}

/** The first entry is indented, so that the second one, which is not, seems to stand outside of everything. */
function indentedFile({ message }: YAMLError, text: string): SyntaxProblem | undefined {
  const first = /^(?<indent> *)[^\s#-]/m.exec(text);
  const indent = first?.groups?.['indent']?.length ?? 0;
  if (!first || indent === 0 || !message.endsWith('at node end')) return undefined;
  return { offset: first.index + indent, message: 'the first entry is indented, and those below are not: all of them begin in column 1' };
}

/** A line that is indented further than the value above it continues that value, up to its own colon. */
function swallowedLine({ code, pos: [start] }: YAMLError, found: readonly YAMLError[], text: string): SyntaxProblem | undefined {
  const spansLines = found.some((other) => other.code === 'MULTILINE_IMPLICIT_KEY' && other.pos[0] === start);
  if (code !== 'BLOCK_AS_IMPLICIT_KEY' || !spansLines) return undefined;
  const next = text.indexOf('\n', start) + 1;
  return {
    offset: next + text.slice(next).search(/\S/),
    message: 'indented so far that it continues the value above: entries of one block start in the same column',
  };
}

function invisibleCharacter({ pos: [offset] }: YAMLError, text: string): SyntaxProblem | undefined {
  const { start, line } = lineOf(offset, text);
  const found = INVISIBLE.exec(line);
  if (!found) return undefined;
  const name = `U+${(found[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
  return { offset: start + found.index, message: `the character ${name}, which looks like a space or like nothing: type a space` };
}

/** Both > and | begin a text of several lines, so that a bound without quotes is taken for one. */
function unquotedBlockSign({ code, pos: [offset] }: YAMLError, text: string): SyntaxProblem | undefined {
  const { start, line } = lineOf(offset, text);
  const sign = code === 'UNEXPECTED_TOKEN' ? /(?<=[:-] +)[>|]/.exec(line) : null;
  return sign ? { offset: start + sign.index, message: "a value that begins with > or |: quote it, e.g. '> 1000'" } : undefined;
}

function explained({ code, message, pos: [offset] }: YAMLError, text: string): SyntaxProblem {
  const { line } = lineOf(offset, text);
  if (code === 'MULTILINE_IMPLICIT_KEY' && /^ *[\w.-]+:[^\s/]/.test(line)) return { offset, message: 'a space is missing after ":"' };
  return { offset, message: SHARPER.find(([of, said]) => of === code && said.test(message))?.[2] ?? MESSAGES[code] };
}

function lineOf(offset: number, text: string): { start: number; line: string } {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  const end = text.indexOf('\n', offset);
  return { start, line: text.slice(start, end === -1 ? undefined : end) };
}
