// Says in our words what the YAML parser found.
// Its own text is not passed on, for it may quote from the file, and what it quotes may be a secret.

import type { ErrorCode, YAMLError } from 'yaml';

const BREAKS = 'the syntax breaks here';

const MESSAGES: Readonly<Record<ErrorCode, string>> = {
  ALIAS_PROPS: "a tag or anchor before an alias (*name): quote the value if the * belongs to it, '…'",
  BAD_ALIAS: "an anchor (&name) or alias (*name) that is not well formed: quote the value if the sign belongs to it, '…'",
  BAD_COLLECTION_TYPE: 'a tag (a word that begins with !) that does not fit the value: leave it out',
  BAD_DIRECTIVE: 'a line that begins with %: quote the value if the % belongs to it',
  BAD_DQ_ESCAPE: 'a backslash in "…" that is no escape: use single quotes, in which a backslash is just itself',
  BAD_INDENT: 'the indentation is off: entries of one block start in the same column',
  BAD_PROP_ORDER: 'a tag or anchor in the wrong place: it stands right before its value',
  BAD_SCALAR_START: "a value that begins with a character of YAML's own (@ or `): quote it, '…'",
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
  RESOURCE_EXHAUSTION: 'nested too deeply',
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

export function syntaxMessage({ code, message }: YAMLError): string {
  return SHARPER.find(([of, text]) => of === code && text.test(message))?.[2] ?? MESSAGES[code];
}
