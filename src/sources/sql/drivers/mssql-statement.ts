// What is sent to SQL Server, which cannot make a session read-only: one SELECT, and no word that would write, lock or leave its transaction.

import { bareStatement } from '../statement.js';

/** Texts, quoted names, comments. Of nested comments the outer part stays, so that nothing that runs is overlooked. */
export const OPAQUE = /'(?:[^']|'')*'|"(?:[^"]|"")*"|\[(?:[^\]]|\]\])*\]|--[^\r\n]*|\/\*[^]*?\*\//g;

/** T-SQL needs no semicolon between statements. Nearly all of these are reserved: no bare name can be spelt so. */
const FORBIDDEN = [
  'ALTER|BACKUP|BEGIN|BULK|CHECKPOINT|COMMIT|CREATE|DBCC|DECLARE|DELETE|DENY|DROP|EXEC|EXECUTE|GRANT|INSERT|INTO|KILL',
  'OPENDATASOURCE|OPENQUERY|OPENROWSET|RECONFIGURE|RESTORE|REVOKE|ROLLBACK|SAVE|SET|SHUTDOWN|TRUNCATE|UPDATE|WAITFOR',
  'HOLDLOCK|TABLOCKX|UPDLOCK|XLOCK',
  'MERGE(?!\\s+(?:JOIN|UNION))|USE(?!\\s+(?:HINT|PLAN))|NEXT\\s+VALUE\\s+FOR',
].join('|');
const FORBIDDEN_WORD = new RegExp(`(?<![\\p{L}\\p{N}_@#$])(?<word>${FORBIDDEN})(?![\\p{L}\\p{N}_@#$])`, 'iu');

/** @returns why the statement is not sent, or undefined */
export function refusal(sql: string): string | undefined {
  const bare = bareStatement(sql, OPAQUE);
  const word = FORBIDDEN_WORD.exec(bare)?.groups?.['word'];
  if (word !== undefined) {
    return `holds ${word.toUpperCase()}: SQL Server has no read-only sessions, so Vigie sends one plain SELECT only; put a name that is spelt so in brackets, e.g. [set]`;
  }
  if (!/^[\s;(]*(?:select|with)\b/i.test(bare)) return 'is no SELECT (or WITH … SELECT); Vigie sends nothing else to SQL Server';
  if (/;\s*[^\s;]/.test(bare.replace(/^[\s;]+/, ''))) return 'holds several statements; make the others queries of their own';
  return undefined;
}
