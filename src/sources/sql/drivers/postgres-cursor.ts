// One SELECT of a user, read by a cursor: the server refuses everything but a SELECT, and no more rows than asked for leave it.

import type { Client } from 'pg';
import type { Cell, QueryLimits, QueryResult, Statement, Watermark } from '../driver.js';
import { withWatermark } from '../statement.js';
import { postgresError } from './postgres-errors.js';

/** Read in the same round trip in which the cursor is declared: more than most queries return. */
const FIRST_ROWS = 2_000;
/** Beside the usual, texts in which a backslash hides a quote. */
export const OPAQUE =
  /\bE'(?:[^'\\]|\\[^]|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|(?<tag>\$(?:[A-Za-z_]\w*)?\$)[^]*?\k<tag>|--[^\n]*|\/\*[^]*?\*\//gi;

/** Milliseconds until the server is to give up. */
type TimeLeft = () => number;

/** Inside a transaction whose `statement_timeout` is set; its first statements are sent before it waits for anything. */
export async function readCursor(
  client: Client,
  statement: Statement,
  { maxRows, countDropped, signal }: QueryLimits,
  timeLeft: TimeLeft,
): Promise<QueryResult> {
  const startedAt = performance.now();
  const firstRows = Math.min(maxRows, FIRST_ROWS);
  const [, { fields, rows }] = await Promise.all([client.query(declaration(statement)), fetchRows(client, firstRows)]);
  const executedAt = performance.now();
  if (rows.length === firstRows && firstRows < maxRows) {
    signal.throwIfAborted();
    const [, rest] = await Promise.all([limitNext(client, timeLeft()), fetchRows(client, maxRows - firstRows)]);
    for (const row of rest.rows) rows.push(row);
  }
  const dropped = rows.length < maxRows ? 0 : await skipRest(client, countDropped, timeLeft());
  return {
    columns: fields.map(({ name }) => name),
    rows,
    dropped,
    phases: { execute: executedAt - startedAt, fetch: performance.now() - executedAt },
  };
}

function declaration({ sql, watermark }: Statement) {
  const text = watermark ? withWatermark(sql, placeholder(watermark), OPAQUE) : sql;
  const values = watermark && text !== sql ? [watermark.text] : [];
  // The extended protocol takes a single statement, whatever the text holds.
  return { text: `DECLARE vigie NO SCROLL CURSOR FOR ${text}`, values, queryMode: 'extended' };
}

/**
 * With its type: of a bare parameter the server takes the type from what stands beside it, and would read an interval in
 * `:watermark - INTERVAL '5 s'`, or a number of 32 bits in `:watermark - 1000`. Columns of other types of the same kind compare with
 * it all the same, by an index too.
 */
function placeholder({ type, text }: Watermark): string {
  if (type === 'decimal') return '$1::numeric';
  if (type === 'integer') return isOf64Bits(text) ? '$1::int8' : '$1::numeric';
  if (/^\d+-\d\d-\d\d(?: BC)?$/.test(text)) return '$1::date';
  return /\d[ T][\d:.]+(?: BC)?$/.test(text) ? '$1::timestamp' : '$1::timestamptz';
}

/** What is no integer is left for the server to refuse. */
function isOf64Bits(text: string): boolean {
  if (!/^[+-]?\d+$/.test(text)) return true;
  const value = BigInt(text);
  return BigInt.asIntN(64, value) === value;
}

function fetchRows(client: Client, count: number) {
  return client.query<Cell[]>({ text: `FETCH FORWARD ${count} FROM vigie`, rowMode: 'array' });
}

/** The server applies its limit to each statement anew. */
function limitNext(client: Client, milliseconds: number) {
  return client.query(`SET LOCAL statement_timeout = ${milliseconds}`);
}

/** Moves past the rows that are not kept: they are counted where they are. Where time runs out, there is at least one as far as is known. */
async function skipRest(client: Client, all: boolean, timeLeft: number): Promise<number> {
  try {
    const [, { rowCount }] = await Promise.all([limitNext(client, timeLeft), client.query(`MOVE FORWARD ${all ? 'ALL' : 1} FROM vigie`)]);
    return rowCount ?? 0;
  } catch (error) {
    const problem = postgresError(error, 'query');
    if (problem.errorClass === 'timeout') return 1;
    throw problem;
  }
}
