// What is sent to MySQL and MariaDB, whose read-only transactions stop writes to tables but not all else a statement can do.

import type { Statement } from '../driver.js';
import { bareStatement, withWatermark } from '../statement.js';
import { literalOf } from './mysql-watermark.js';

/** Texts and quoted names; comments, save those that the server runs. Whether \ escapes in texts is up to the server's sql_mode. */
export const ESCAPING =
  /'(?:[^'\\]|\\[^]|'')*'|"(?:[^"\\]|\\[^]|"")*"|`(?:[^`]|``)*`|--(?=[\s\p{Cc}]|$)[^\n]*|#[^\n]*|\/\*(?!M?!)[^]*?\*\//gu;
const LITERAL = /'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|--(?=[\s\p{Cc}]|$)[^\n]*|#[^\n]*|\/\*(?!M?!)[^]*?\*\//gu;

const FORBIDDEN: readonly (readonly [RegExp, string])[] = [
  [/\/\*M?!/, 'holds a comment that the server runs (/*! … */); write it without'],
  [/\binto\s+(?:outfile|dumpfile)\b/i, 'writes a file (INTO OUTFILE); queries only read'],
  [/\bfor\s+(?:update|share)\b|\block\s+in\s+share\s+mode\b/i, 'locks rows (FOR UPDATE, FOR SHARE); queries only read'],
];

/** @returns why the statement is not sent, or undefined */
export function refusal(sql: string): string | undefined {
  for (const opaque of [ESCAPING, LITERAL]) {
    const bare = bareStatement(sql, opaque);
    for (const [pattern, problem] of FORBIDDEN) {
      if (pattern.test(bare)) return problem;
    }
    // The rest, such as CALL, SET or BEGIN NOT ATOMIC, could end the transaction.
    if (!/^[\s(]*(?:select|with|values|table)\b/i.test(bare)) {
      return 'is no SELECT (or WITH … SELECT); Vigie sends nothing else to MySQL and MariaDB';
    }
  }
  if (withWatermark(sql, '0', ESCAPING) !== withWatermark(sql, '0', LITERAL)) {
    return String.raw`names :watermark where it may stand in a text, as the server's sql_mode reads \; write texts without \ `.trimEnd();
  }
  return undefined;
}

/**
 * The statement with the value in the place of each `:watermark`; both readings of \ give the same where `refusal` is content.
 * @throws SourceError of phase `query` where the value is not of its type
 */
export function textOf({ sql, watermark }: Statement): string {
  return watermark ? withWatermark(sql, literalOf(watermark), ESCAPING) : sql;
}
