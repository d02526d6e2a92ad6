// What is sent by ODBC, to engines that may know no read-only transactions: one SELECT, and no word that would write or lock.

import type { Statement } from '../driver.js';
import { bareStatement, withWatermark } from '../statement.js';

/** Texts, quoted names, comments. */
export const OPAQUE = /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[^]*?\*\//g;

/** A SELECT of DB2 may hold an INSERT (FROM FINAL TABLE), one of PostgreSQL a DELETE (WITH … RETURNING). */
const FORBIDDEN =
  /\b(?<words>INSERT|UPDATE|DELETE|MERGE|REPLACE\s+INTO|INTO|TRUNCATE|CREATE|ALTER|DROP|GRANT|REVOKE|CALL|EXEC|EXECUTE|LOCKS?|FOR\s+SHARE|NEXT\s+VALUE\s+FOR|NEXTVAL)\b(?!\s*\()/i;

/** @returns why the statement is not sent, or undefined */
export function refusal(sql: string): string | undefined {
  const bare = bareStatement(sql, OPAQUE);
  const words = FORBIDDEN.exec(bare)?.groups?.['words'];
  if (words !== undefined) {
    return `holds ${words.toUpperCase()}: not all that ODBC reaches has read-only transactions, so Vigie sends one plain SELECT only; quote a name that is spelt so`;
  }
  if (!/^[\s(]*(?:select|with|values)\b/i.test(bare)) return 'is no SELECT (or WITH … SELECT); Vigie sends nothing else by ODBC';
  if (/;\s*\S/.test(bare)) return 'holds several statements; make the others queries of their own';
  return undefined;
}

export interface Bound {
  readonly sql: string;
  readonly parameters: readonly string[];
}

/** Each `:watermark` is a parameter. It travels as text: the driver makes of it what the column is, in full precision. */
export function bind({ sql, watermark }: Statement): Bound {
  if (!watermark) return { sql, parameters: [] };
  // As ODBC writes times. https://learn.microsoft.com/sql/odbc/reference/appendixes/c-to-sql-character
  const text = watermark.type === 'time' ? watermark.text.replace('T', ' ') : watermark.text;
  const [first = '', ...others] = withWatermark(sql, '\0', OPAQUE).split('\0');
  return { sql: [first, ...others].join('?'), parameters: others.map(() => text) };
}
