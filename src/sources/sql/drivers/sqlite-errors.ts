// What errors of SQLite mean. Result codes: https://sqlite.org/rescode.html

import { SourceError, type ErrorClass } from '../../kind.js';

const RESULTS: Readonly<Record<number, readonly [ErrorClass, string]>> = {
  3: ['permission', 'access to the database is denied'],
  5: ['timeout', 'the database stayed locked by somebody else'],
  6: ['timeout', 'a table stayed locked by somebody else'],
  7: ['internal', 'SQLite is out of memory'],
  8: ['permission', 'the query tries to write; the connection is read-only'],
  10: ['lost', 'the database file could not be read'],
  11: ['protocol', 'the database file is damaged'],
  14: [
    'permission',
    'the database could not be opened; one with a write-ahead log is read only where the -wal and -shm files beside it are there or may be made',
  ],
  18: ['schema', 'a value or the statement is longer than SQLite accepts'],
  23: ['permission', 'the query does something that is not allowed'],
  26: ['protocol', 'the file is no SQLite database'],
};

const FILES: Readonly<Record<string, readonly [ErrorClass, string]>> = {
  ENOENT: ['not_found', 'there is no such database file'],
  ENOTDIR: ['not_found', 'there is no such database file'],
  EACCES: ['permission', 'the database file may not be read'],
  EPERM: ['permission', 'the database file may not be read'],
};

/** SQLite tells by words alone what is wrong with a statement; these hold names from the statement, never data. */
const STATEMENT: readonly (readonly [RegExp, ErrorClass])[] = [
  [/^near ".*": syntax error$/s, 'syntax'],
  [/^(?:unrecognized token: ".*"|incomplete input)$/s, 'syntax'],
  [/^(?:no such (?:table|column|function|index|collation sequence): .+|ambiguous column name: .+)$/s, 'schema'],
  [/^(?:wrong number of arguments to function .+|misuse of aggregate.*)$/s, 'schema'],
];

/** @param code of the system or of SQLite; extended result codes hold the primary one in their lowest byte */
export function sqliteError(code: string | number | undefined, message: string): SourceError {
  if (typeof code === 'string') {
    const known = FILES[code];
    return known ? new SourceError('connect', ...known) : new SourceError('query', 'internal', `reading the database failed (${code})`);
  }
  if (code === undefined) return new SourceError('query', 'internal', 'reading the database failed');
  const known = RESULTS[code & 0xff];
  if (known) return new SourceError((code & 0xff) === 14 || (code & 0xff) === 26 ? 'connect' : 'query', ...known);
  for (const [pattern, errorClass] of STATEMENT) {
    if (pattern.test(message)) return new SourceError('query', errorClass, message);
  }
  return new SourceError('query', 'schema', `SQLite refuses the statement (result code ${code})`);
}
