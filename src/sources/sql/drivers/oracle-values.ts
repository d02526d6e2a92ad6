// Values as the library of Oracle hands them over, each column by its type.

import { SourceError } from '../../kind.js';
import { Instant, type Cell } from '../driver.js';
import type { ColumnInfo, ExecuteOptions, OracleLibrary } from './oracle-library.js';

/** What cannot be a number, text or time is refused by name rather than misread. */
const READABLE =
  /^(?:NUMBER|BINARY_(?:FLOAT|DOUBLE|INTEGER)|BOOLEAN|N?(?:CHAR|VARCHAR2|CLOB)|LONG|U?ROWID|JSON|DATE|TIMESTAMP(?: WITH (?:LOCAL )?TIME ZONE)?|(?:LONG )?RAW|BLOB)$/;
/** What is fetched as text: numbers keep all their digits, and what is long comes with its row. */
const AS_TEXT: ReadonlySet<string> = new Set(['NUMBER', 'CLOB', 'NCLOB', 'JSON']);
/** Of a fixed length: filled up with blanks that mean nothing. */
const PADDED: ReadonlySet<string> = new Set(['CHAR', 'NCHAR']);

/** @throws SourceError that names a column which cannot be read */
export function refuseUnreadable(columns: readonly ColumnInfo[]): void {
  for (const { name, dbTypeName } of columns) {
    if (READABLE.test(dbTypeName)) continue;
    const message = `column "${name}" is of type ${dbTypeName}, which Vigie cannot read; select a number, text or time made of it`;
    throw new SourceError('query', 'schema', message);
  }
}

export function fetchTypes(library: OracleLibrary): NonNullable<ExecuteOptions['fetchTypeHandler']> {
  return ({ dbTypeName }) => {
    if (AS_TEXT.has(dbTypeName)) return { type: library.DB_TYPE_VARCHAR };
    return dbTypeName === 'BLOB' ? { type: library.DB_TYPE_RAW } : undefined;
  };
}

/** Reads the values of a column, as it is before its times become texts. */
export function cellReader({ name, dbTypeName }: ColumnInfo): (value: unknown) => Cell {
  return (value) => {
    if (value === null || value === undefined) return null;
    if (typeof value === 'string') return textCell(value, dbTypeName);
    if (typeof value === 'number' || typeof value === 'boolean') return value;
    if (value instanceof Uint8Array) return Uint8Array.from(value);
    throw new SourceError('query', 'internal', `the library of Oracle gives column "${name}" (${dbTypeName}) in an unknown form`);
  };
}

function textCell(text: string, type: string): Cell {
  if (PADDED.has(type)) return text.trimEnd();
  return type.endsWith('TIME ZONE') ? instantOf(text) : text;
}

/** @param text as in `2026-03-02T08:00:00.123456789Z` */
function instantOf(text: string): Cell {
  const [second = '', fraction = '0'] = text.slice(0, -1).split('.');
  const seconds = Date.parse(`${second}Z`) / 1000 + Number(`0.${fraction}`);
  return Number.isFinite(seconds) ? new Instant(seconds, text) : text;
}
