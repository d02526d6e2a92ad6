// What is sent to Oracle: one SELECT, its watermark as a bind variable, times as texts.

import { SourceError } from '../../kind.js';
import type { Statement, Watermark } from '../driver.js';
import { bareStatement, withWatermark } from '../statement.js';
import type { ColumnInfo } from './oracle-library.js';

/** Texts (q'[it's]' too), quoted names, comments. */
export const OPAQUE =
  /(?<!\w)n?q'(?:\[[^]*?\]|\{[^]*?\}|\([^]*?\)|<[^]*?>|(?<mark>[^\s[{(<])[^]*?\k<mark>)'|'(?:[^']|'')*'|"[^"]*"|--[^\n]*|\/\*[^]*?\*\//gi;

const FORBIDDEN: readonly (readonly [RegExp, string])[] = [
  [/\bfor\s+update\b/i, 'locks rows (FOR UPDATE); queries only read'],
  [/\bwith\s+(?:function|procedure)\b/i, 'defines a function of its own (WITH FUNCTION); queries only read'],
  [/\.\s*nextval\b/i, 'takes a number from a sequence (NEXTVAL); queries only read'],
];

/**
 * A read-only transaction stops writes to tables, but not all else a statement can do.
 * @returns why the statement is not sent, or undefined
 */
export function refusal(sql: string): string | undefined {
  const bare = bareStatement(sql, OPAQUE);
  for (const [pattern, problem] of FORBIDDEN) {
    if (pattern.test(bare)) return problem;
  }
  if (!/^[\s(]*(?:select|with)\b/i.test(bare)) return 'is no SELECT (or WITH … SELECT); Vigie sends nothing else to Oracle';
  if (/;\s*\S/.test(bare)) return 'holds several statements; make the others queries of their own';
  return undefined;
}

export interface Bound {
  readonly sql: string;
  readonly binds: Readonly<Record<string, string>>;
}

/** The value of `:watermark` travels as a text, in full precision, and the server makes of it what the column is. */
export function bind({ sql, watermark }: Statement): Bound {
  // At its end, a semicolon is of SQL*Plus and not of the statement.
  const bare = sql.replace(/;\s*$/, '');
  if (!watermark) return { sql: bare, binds: {} };
  const { expression, text } = parameter(watermark);
  return { sql: withWatermark(bare, expression, OPAQUE), binds: { watermark: text } };
}

function parameter({ type, text }: Watermark): { readonly expression: string; readonly text: string } {
  if (type === 'time') return timeParameter(text);
  // Digits travel without their point, which some settings of a session (NLS) write as a comma.
  const [whole = '', fraction = ''] = text.split('.');
  const scale = fraction === '' ? '' : ` * 1e-${fraction.length}`;
  return { expression: `(TO_NUMBER(:watermark)${scale})`, text: whole + fraction };
}

/** Of the type of its column: were it another one, Oracle would convert each value of the column, and use no index on it. */
function timeParameter(time: string): { readonly expression: string; readonly text: string } {
  const parts = /^(?<day>\d{4}-\d\d-\d\d)(?:[T ](?<clock>\d\d:\d\d:\d\d))?(?<fraction>\.\d{1,9})?\s*(?<zone>Z|[+-]\d\d:?\d\d)?$/.exec(
    time,
  )?.groups;
  if (!parts) throw new SourceError('query', 'config', 'the watermark is no time; write it like 2026-03-02 08:00:00');
  const { day = '', clock = '00:00:00', fraction = '', zone } = parts;
  const text = `${day} ${clock}${fraction}`;
  if (zone !== undefined) {
    const offset = zone === 'Z' ? '+00:00' : `${zone.slice(0, 3)}:${zone.slice(-2)}`;
    return {
      expression: "TO_TIMESTAMP_TZ(:watermark, 'YYYY-MM-DD HH24:MI:SS.FF TZH:TZM')",
      text: `${text}${fraction === '' ? '.0' : ''} ${offset}`,
    };
  }
  if (fraction === '') return { expression: "TO_DATE(:watermark, 'YYYY-MM-DD HH24:MI:SS')", text };
  return { expression: "TO_TIMESTAMP(:watermark, 'YYYY-MM-DD HH24:MI:SS.FF')", text };
}

/** How the server writes times: the library would make dates of JavaScript of them, in the zone of this machine and cut to milliseconds. */
const TIMES: Readonly<Record<string, (column: string) => string>> = {
  DATE: (column) => `TO_CHAR(${column}, 'YYYY-MM-DD HH24:MI:SS')`,
  TIMESTAMP: (column) => `TO_CHAR(${column}, 'YYYY-MM-DD HH24:MI:SS.FF9')`,
  'TIMESTAMP WITH TIME ZONE': instant,
  'TIMESTAMP WITH LOCAL TIME ZONE': instant,
};

function instant(column: string): string {
  return `TO_CHAR(${column} AT TIME ZONE '+00:00', 'YYYY-MM-DD"T"HH24:MI:SS.FF9"Z"')`;
}

/**
 * The statement, around it one that writes the times of its rows as texts; itself where it returns none.
 * @throws SourceError where a name stands for two columns, which cannot be told apart then
 */
export function withTimesAsTexts(sql: string, columns: readonly ColumnInfo[]): string {
  if (!columns.some(({ dbTypeName }) => dbTypeName in TIMES)) return sql;
  const names = new Set<string>();
  const selected = columns.map(({ name, dbTypeName }) => {
    if (names.size === names.add(name).size) {
      throw new SourceError('query', 'schema', `several columns "${name}"; give them different names with AS`);
    }
    const shown = TIMES[dbTypeName];
    return shown ? `${shown(`"${name}"`)} AS "${name}"` : `"${name}"`;
  });
  return `SELECT ${selected.join(', ')} FROM (\n${sql}\n)`;
}
