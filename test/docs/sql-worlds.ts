// The databases that the worked queries are run on: the tables and the login of the page, and a source made of its YAML.

import { mkdtemp, rm } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock, type Clock, type Timer } from '../../src/domain/clock.js';
import type { ConnectionSettings } from '../../src/sources/sql/schema.js';
import { startMariadb } from '../servers/mariadb.js';
import { startPostgres } from '../servers/postgres.js';
import type { Answer, Column, Value as TdsValue } from '../servers/tds/server.js';
import { start, type Harness } from '../sources/sql/harness.js';
import { CERTIFICATE_NAME, createWorld, PASSWORD, USER, values } from '../sources/sql/mssql-double.js';
import { sqlPage, statementsOf, type SqlPage } from './sql-page.js';
import { ANSWERS, inserts, type Rows, type TableRow, type Value } from './sql-rows.js';

/** Longer than any `lag` of the pages. */
const PAST_LAG_MS = 60_000;

export interface World {
  readonly harness: Harness;
  readonly insert: (rows: Rows) => Promise<void>;
  /** Has the query look until all rows that are there now are old enough to be counted, and are. */
  readonly settle: (query: string) => Promise<void>;
  readonly close: () => Promise<void>;
}

export async function postgresWorld(): Promise<World> {
  const page = await sqlPage('postgres');
  const server = await startPostgres();
  await server.admin(page.tables + withPassword(page.login));
  const { host, port, database } = server;
  return await world(page, login({ server: host, port, database }), {
    insert: async (rows) => void (await server.admin(inserts(rows, (time) => `'${time.toISOString()}'`))),
    close: () => server.remove(),
  });
}

export async function mariadbWorld(): Promise<World> {
  const page = await sqlPage('mysql');
  const server = await startMariadb();
  const { host, port } = server;
  await server.admin(`CREATE DATABASE exchange; USE exchange; ${page.tables} ${withPassword(page.login).replaceAll('10.1.2.%', '%')}`);
  return await world(page, login({ server: host, port, database: 'exchange' }), {
    insert: async (rows) => void (await server.admin(`USE exchange; ${inserts(rows, (time) => `'${localIso(time)}'`)}`)),
    close: () => server.remove(),
  });
}

export async function sqliteWorld(): Promise<World> {
  const page = await sqlPage('sqlite');
  const folder = await mkdtemp(join(tmpdir(), 'vigie-docs-sqlite-'));
  const file = join(folder, 'exchange.db');
  const database = new DatabaseSync(file);
  database.exec(page.tables);
  return await world(
    page,
    { file },
    {
      insert: async (rows) => database.exec(inserts(rows, (time) => String(time.getTime() / 1000))),
      close: async () => {
        database.close();
        await rm(folder, { recursive: true, force: true });
      },
    },
  );
}

/** No SQL Server, but what speaks its protocol: it answers each statement of the page with the columns that the statement selects. */
export async function mssqlWorld(): Promise<World> {
  const page = await sqlPage('mssql');
  const statements = new Map(Object.entries(statementsOf(page)).map(([name, sql]) => [sent(sql), { name, columns: selected(sql) }]));
  const history: TableRow[] = [];
  const double = await createWorld();
  const server = await double.server({
    onQuery: (sql, _session, [watermark]) => {
      const statement = statements.get(sent(sql));
      // What the driver asks for itself: of rights that there are none.
      if (!statement) return values('int');
      return answer(statement.columns, answerTo(statement.name, history, watermark?.value ?? undefined));
    },
  });
  const tls = { ca: double.ca, server_name: CERTIFICATE_NAME };
  const connection = { ...login({ server: server.host, port: server.port, database: 'Exchange' }), user: USER, tls };
  return await world(page, connection, {
    insert: async (rows) => void history.push(...(rows['history'] ?? []).map((row, place) => ({ id: history.length + place + 1, ...row }))),
    close: async () => {
      await double.stop();
      await double.remove();
    },
  });
}

interface Database {
  readonly insert: (rows: Rows) => Promise<void>;
  readonly close: () => Promise<void>;
}

async function world({ config, source }: SqlPage, connection: ConnectionSettings, { insert, close }: Database): Promise<World> {
  const clock = new ShiftedClock();
  const { interval, timeout } = source;
  const surroundings = { clock, flows: config.flows, partners: config.partners.map(({ name }) => name) };
  const harness = await start({ ...source.options, connection }, PASSWORD, { interval, timeout }, surroundings);
  return {
    harness,
    insert,
    settle: async (query) => {
      await harness.collect(query);
      clock.shift(PAST_LAG_MS);
      await harness.collect(query);
    },
    close: async () => {
      await harness.close();
      await close();
    },
  };
}

/** Time that passes as it does, and faster when the test says so. */
class ShiftedClock implements Clock {
  #shiftMs = 0;
  now = (): number => systemClock.now() + this.#shiftMs;
  monotonic = (): number => systemClock.monotonic() + this.#shiftMs;
  after = (ms: number, callback: () => void): Timer => systemClock.after(ms, callback);
  shift(ms: number): void {
    this.#shiftMs += ms;
  }
}

function login(place: ConnectionSettings): ConnectionSettings {
  return { ...place, user: 'vigie', password: { env: 'EXCHANGE_DB_PASSWORD' } };
}

function withPassword(statements: string): string {
  return statements.replaceAll("'…'", `'${PASSWORD}'`);
}

/** `2026-03-02 08:00:00.000`, in UTC */
function localIso(time: Date): string {
  return time.toISOString().replace('T', ' ').replace('Z', '');
}

/** The statement as it is sent, whatever stands for the watermark and at its ends. */
function sent(sql: string): string {
  return sql.replaceAll(/:watermark|@watermark/g, '?').trim();
}

/** The names of the columns that a statement selects; empty where one has none. */
function selected(sql: string): string[] {
  const list = /^\s*SELECT(?:\s+TOP \(\d+\))?\s(?<list>[^]*?)\sFROM\s|^\s*SELECT\s(?<constants>[^]*)$/.exec(sql)?.groups;
  // Commas within parentheses are of a function.
  const columns = (list?.['list'] ?? list?.['constants'] ?? '').replaceAll(/\([^()]*\)/g, '()').split(',');
  return columns.map((column) => /(?<name>\w+)\s*$/.exec(column)?.groups?.['name'] ?? '');
}

function answerTo(name: string, history: readonly TableRow[], watermark: unknown): readonly TableRow[] {
  switch (name) {
    case 'processed start':
      return [{ '': history.length }];
    case 'answered start':
      return [{ '': latest(history) }];
    case 'processed':
      return history.filter(({ id }) => Number(id) > Number(watermark));
    case 'answered':
      return answeredAfter(history, new Date(`${String(watermark).slice(0, 23)}Z`));
    default:
      return ANSWERS[name] ?? [];
  }
}

function answeredAfter(history: readonly TableRow[], after: Date): readonly TableRow[] {
  return history
    .map((row): TableRow => ({ ...row, seconds: (millis(row['answered_at']) - millis(row['received_at'])) / 1000 }))
    .filter((row) => millis(row['answered_at']) > after.getTime())
    .toSorted((one, other) => millis(one['answered_at']) - millis(other['answered_at']));
}

function latest(history: readonly TableRow[]): Date {
  return new Date(Math.max(...history.map((row) => millis(row['answered_at']) || 0)));
}

function millis(value: Value | undefined): number {
  return value instanceof Date ? value.getTime() : NaN;
}

function answer(columns: readonly string[], rows: readonly TableRow[]): Answer {
  return {
    columns: columns.map((name): Column => ({ name, type: typeOf(name, rows[0]?.[name]) })),
    rows: rows.map((row) => columns.map((name) => tdsValue(name, row[name]))),
  };
}

function typeOf(name: string, value: Value | undefined): Column['type'] {
  if (value instanceof Date || name.endsWith('_at')) return 'datetime2(3)';
  if (name === 'seconds') return 'decimal(20,6)';
  return typeof value === 'number' || name === 'id' ? 'bigint' : 'nvarchar';
}

function tdsValue(name: string, value: Value | undefined): TdsValue {
  if (value === undefined) throw new Error(`the statement selects "${name}", of which the double knows nothing`);
  if (value instanceof Date) return value.toISOString().replace('Z', '');
  if (typeof value !== 'number') return value;
  return name === 'seconds' ? value.toFixed(6) : BigInt(value);
}
