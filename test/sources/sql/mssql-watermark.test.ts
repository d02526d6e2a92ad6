// Driver mssql, the value of `:watermark`: what is read from a column comes back to the server as the very same value of the same type.

import { Instant, type Cell, type Connection, type Watermark } from '../../../src/sources/sql/driver.js';
import { refusal } from '../../../src/sources/sql/drivers/mssql-statement.js';
import type { Column, Parameter, Value } from '../../servers/tds/server.js';
import { createWorld, limits, values, type World } from './mssql-double.js';

let world: World;

beforeAll(async () => {
  world = await createWorld();
});

afterEach(async () => {
  await world.stop();
});

afterAll(async () => {
  await world.remove();
});

const FOLLOW = 'SELECT id AS value FROM history WHERE id > :watermark ORDER BY id';

/** How the exporter takes a mark from a cell. */
function textOf(cell: Cell | undefined): string {
  return cell instanceof Instant ? cell.text : String(cell);
}

interface Sent {
  readonly sql: string;
  readonly declaration: string;
  readonly parameter: Parameter | undefined;
}

/** A connection, and what the server was sent with a mark. */
async function open(cells: Record<string, readonly [Column['type'], ...Value[]]> = {}): Promise<{
  readonly connection: Connection;
  readonly send: (watermark: Watermark, sql?: string) => Promise<Sent>;
}> {
  const server = await world.server({
    onQuery: (sql) => {
      const [type, ...found] = cells[sql] ?? ['int', 1];
      return values(type ?? 'int', ...found);
    },
  });
  const connection = await world.connect(server);
  return {
    connection,
    send: async (watermark, sql = FOLLOW) => {
      await connection.query({ sql, watermark }, limits());
      const {
        sql: text = '',
        declaration = '',
        parameters: [parameter] = [],
      } = server.requests.findLast(({ kind }) => kind === 'rpc') ?? {};
      expect(server.failures).toEqual([]);
      return { sql: text, declaration, parameter };
    },
  };
}

describe('a watermark on SQL Server', () => {
  test('is a parameter, wherever the statement names it as a value', async () => {
    const { send } = await open();

    const { sql, declaration, parameter } = await send(
      { type: 'integer', text: '4711' },
      'SELECT id AS [:watermark], \':watermark\' AS "x :watermark" FROM t WHERE id > :watermark /* :watermark */ AND :Watermark < 9 -- :watermark',
    );

    expect(sql).toBe(
      'SELECT id AS [:watermark], \':watermark\' AS "x :watermark" FROM t WHERE id > @watermark /* :watermark */ AND @watermark < 9 -- :watermark',
    );
    expect(declaration).toBe('@watermark bigint');
    expect(parameter).toEqual({ name: '@watermark', type: 'bigint', value: 4711n });
  });

  test('does not make a statement be refused, and hides none that must be', () => {
    expect(refusal(FOLLOW)).toBeUndefined();
    expect(refusal('DELETE FROM history WHERE id > :watermark')).toMatch(/holds DELETE/);
    expect(refusal('SELECT 1 WHERE id > :watermark; SELECT 2')).toMatch(/several statements/);
  });

  test.each([
    ['int', -7, 'integer', 'bigint', -7n],
    ['bigint', 9_223_372_036_854_775_807n, 'integer', 'bigint', 9_223_372_036_854_775_807n],
    ['bigint', -9_223_372_036_854_775_808n, 'integer', 'bigint', -9_223_372_036_854_775_808n],
    ['decimal(10,0)', '4711', 'integer', 'bigint', 4711n],
    ['decimal(10,2)', '-12.30', 'decimal', 'nvarchar(40)', '-12.30'],
    ['decimal(15,5)', '1234567890.12345', 'decimal', 'nvarchar(40)', '1234567890.12345'],
    ['money', '922337203.0001', 'decimal', 'nvarchar(40)', '922337203.0001'],
    ['date', '2026-03-02', 'time', 'date', '2026-03-02'],
    ['datetime2', '2026-03-02T08:00:00.1234567', 'time', 'datetime2(7)', '2026-03-02T08:00:00.1234567'],
    ['datetime2', '9999-12-30T23:59:59.9999999', 'time', 'datetime2(7)', '9999-12-30T23:59:59.9999999'],
    ['datetime2', '0001-01-02T00:00:00.0000001', 'time', 'datetime2(7)', '0001-01-02T00:00:00.0000001'],
    // A datetime2 of three digits is no datetime: that one would become .000, and the row come again.
    ['datetime2(3)', '2026-03-02T08:00:00.001', 'time', 'datetime2(7)', '2026-03-02T08:00:00.0010000'],
    ['datetime2(3)', '2026-03-02T08:00:00.003', 'time', 'datetime2(7)', '2026-03-02T08:00:00.0030000'],
    ['datetime2(0)', '2026-03-02T08:00:00', 'time', 'datetime2(7)', '2026-03-02T08:00:00.0000000'],
    ['datetime2(5)', '2026-03-02T08:00:00.99999', 'time', 'datetime2(7)', '2026-03-02T08:00:00.9999900'],
    ['datetimeoffset', '2026-03-02T09:00:00.7654321+01:00', 'time', 'datetimeoffset(7)', '2026-03-02T08:00:00.7654321Z'],
    ['datetimeoffset', '2026-03-01T22:30:00.0000009-05:00', 'time', 'datetimeoffset(7)', '2026-03-02T03:30:00.0000009Z'],
  ] satisfies [Column['type'], Value, Watermark['type'], string, bigint | string][])(
    '%s %s: what is read comes back as the same value',
    async (column, cell, type, parameterType, value) => {
      const { connection, send } = await open({ 'SELECT 1 AS value': [column, cell] });

      const { rows } = await connection.query({ sql: 'SELECT 1 AS value' }, limits());
      const { parameter } = await send({ type, text: textOf(rows[0]?.[0]) });

      expect(parameter).toEqual({ name: '@watermark', type: parameterType, value });
    },
  );

  test('of a datetime is the same three-hundredth of a second, for each of them', async () => {
    const ticks = Array.from({ length: 300 }, (_, tick) => `2026-03-02T08:00:00.${String(Math.round((tick * 10) / 3)).padStart(3, '0')}`);
    const { connection, send } = await open({ 'SELECT 1 AS value': ['datetime', ...ticks] });
    const { rows } = await connection.query({ sql: 'SELECT 1 AS value' }, limits());

    const sent: (Parameter | undefined)[] = [];
    for (const [cell] of rows) sent.push((await send({ type: 'time', text: textOf(cell) })).parameter);

    expect(sent).toEqual(ticks.map((_, tick) => ({ name: '@watermark', type: 'datetime', value: `2026-03-02T08:00:00 +${tick}/300` })));
  });

  test.each([
    ['datetime2', '9999-12-31T23:59:59.9999999', 'datetime2(7)', '9999-12-31T23:59:59.9999999'],
    ['datetime2', '0001-01-01T00:00:00', 'datetime2(7)', '0001-01-01T00:00:00.0000000'],
    ['datetime', '9999-12-31T23:59:59.997', 'datetime', '9999-12-31T23:59:59.997'],
    ['date', '9999-12-31', 'date', '9999-12-31'],
    ['datetimeoffset', '9999-12-31T23:59:59.5Z', 'datetimeoffset(7)', '9999-12-31T23:59:59.5000000Z'],
  ] satisfies [Column['type'], string, string, string][])(
    'at the edge of the calendar is a text, since the library looks at it in the zone of its machine: %s %s',
    async (column, cell, type, value) => {
      const { connection, send } = await open({ 'SELECT 1 AS value': [column, cell] });

      const { rows } = await connection.query({ sql: 'SELECT 1 AS value' }, limits());
      const { sql, parameter } = await send({ type: 'time', text: textOf(rows[0]?.[0]) });

      expect(sql).toContain(`id > CAST(@watermark AS ${type}) ORDER`);
      expect(parameter).toMatchObject({ type: 'nvarchar(40)', value });
    },
  );

  test('beyond 2^53 or bigint is a decimal of all its digits', async () => {
    const { send } = await open();

    const id = await send({ type: 'integer', text: '12345678901234567890123456789' });
    const part = await send({ type: 'decimal', text: '-12345678901234567890.0123456789' });

    expect(id.sql).toBe('SELECT id AS value FROM history WHERE id > CAST(@watermark AS decimal(38, 0)) ORDER BY id');
    expect(id.parameter).toMatchObject({ type: 'nvarchar(40)', value: '12345678901234567890123456789' });
    expect(part.sql).toMatch(/> CAST\(@watermark AS decimal\(38, 10\)\) /);
    expect(part.parameter).toMatchObject({ value: '-12345678901234567890.0123456789' });
  });

  test.each([
    ['2026-03-02T08:00:00', 'datetime', '2026-03-02T08:00:00 +0/300'],
    ['2026-03-02 08:00', 'datetime', '2026-03-02T08:00:00 +0/300'],
    ['2026-03-02 08:00:00.5', 'datetime', '2026-03-02T08:00:00 +150/300'],
    // No datetime has these milliseconds.
    ['2026-03-02T08:00:00.001', 'datetime2(7)', '2026-03-02T08:00:00.0010000'],
    ['1582-10-15T00:00:00', 'datetime2(7)', '1582-10-15T00:00:00.0000000'],
    ['2026-03-02T08:00:00Z', 'datetimeoffset(7)', '2026-03-02T08:00:00.0000000Z'],
    ['2026-03-02 08:00:00 +01:00', 'datetimeoffset(7)', '2026-03-02T07:00:00.0000000Z'],
  ])('a time that somebody wrote: %s', async (text, type, value) => {
    const { send } = await open();

    expect((await send({ type: 'time', text })).parameter).toEqual({ name: '@watermark', type, value });
  });

  test.each([
    ['time', 'Jeanne Martin'],
    ['time', '2026-13-45'],
    ['integer', '0x10'],
    ['decimal', '1e400'],
    ['decimal', '1234567890123456789012345678901234567890'],
  ] as const)('that is no %s is refused without being shown', async (type, text) => {
    const { connection } = await open();

    const failure = connection.query({ sql: FOLLOW, watermark: { type, text } }, limits());

    await expect(failure).rejects.toMatchObject({ phase: 'query', errorClass: 'schema' });
    await expect(failure).rejects.toThrow(/^the value of :watermark is no (?:number|time), e\.g\. [^M]*$/);
  });
});

describe('driver mssql keeps the digits of', () => {
  test.each([
    [
      'datetimeoffset',
      '2026-03-02T09:00:00.1234567+01:00',
      new Instant(Date.UTC(2026, 2, 2, 8) / 1000 + 0.1234567, '2026-03-02T08:00:00.1234567Z'),
    ],
    ['datetime2', '2026-03-02T09:00:00.1234567', '2026-03-02T09:00:00.1234567'],
    ['datetime', '2026-03-02T09:00:00.997', '2026-03-02T09:00:00.997'],
    ['date', '2026-03-02', '2026-03-02'],
    ['time(7)', '09:00:00.1234567', '09:00:00.1234567'],
    ['time(0)', '09:00:00', '09:00:00'],
    ['decimal(10,2)', '-12.30', '-12.30'],
    ['decimal(15,0)', '999999999999999', '999999999999999'],
    ['bigint', 9_007_199_254_740_993n, '9007199254740993'],
    ['money', '12.5', '12.5000'],
  ] satisfies [Column['type'], Value, Cell][])('%s', async (type, cell, expected) => {
    const { connection } = await open({ 'SELECT 1 AS value': [type, cell] });

    const { rows } = await connection.query({ sql: 'SELECT 1 AS value' }, limits());

    expect(rows).toEqual([[expected]]);
  });

  test('a decimal that the library has made a double of, as far as that goes: it is a number, not a text', async () => {
    const { connection } = await open({ 'SELECT 1 AS value': ['decimal(20,0)', '12345678901234567890'] });

    const { rows } = await connection.query({ sql: 'SELECT 1 AS value' }, limits());

    expect(rows).toEqual([[12_345_678_901_234_567_000]]);
  });
});
