// What driver postgres reads: values, the watermark, the rows that are kept and those that are only counted.

import { Instant, type Connection, type Watermark } from '../../../src/sources/sql/driver.js';
import { toText } from '../../../src/sources/sql/values.js';
import { describeWith } from '../../servers/describe.js';
import { startPostgres, type Postgres } from '../../servers/postgres.js';
import { startTcpProxy } from '../../tcp-proxy.js';
import { connect, failure, read } from './postgres-direct.js';

const LOGIN = { user: 'vigie', password: 'p@ss/w:o r"d%' };

describeWith(['postgres'], 'driver postgres: what it reads', () => {
  let server: Postgres;
  let connection: Connection;

  beforeAll(async () => {
    server = await startPostgres();
    await server.admin(`CREATE ROLE ${LOGIN.user} LOGIN PASSWORD '${LOGIN.password}'`);
    await server.admin(`
      CREATE TABLE received (id bigint, number int, small smallint, amount numeric(30, 9), share float8,
        at timestamptz, local_at timestamp, day date);
      INSERT INTO received VALUES
        (9223372036854775805, 7, 1, 9007199254740993.000000001, 0.1, '2026-03-29 01:30:00.123456+00', '2026-03-29 02:30:00.123456', '2026-03-28'),
        (9223372036854775806, 8, 2, 9007199254740993.000000002, 0.2, '2026-03-29 01:30:00.123457+00', '2026-03-29 02:30:00.123457', '2026-03-29'),
        (9223372036854775807, 9, 3, 9007199254740993.000000003, 0.3, '2026-03-29 01:30:00.123458+00', '2026-03-29 02:30:00.123458', '2026-03-30');
      GRANT SELECT ON received TO ${LOGIN.user}`);
    connection = await connect(server, LOGIN);
  }, 60_000);

  afterAll(async () => {
    await connection?.close();
    await server?.remove();
  });

  test.each([
    ['id', 'integer', '9223372036854775806'],
    ['number', 'integer', '8'],
    ['small', 'integer', '2'],
    ['amount', 'decimal', '9007199254740993.000000002'],
    ['amount', 'integer', '9007199254740993'],
    ['share', 'decimal', '0.2'],
    ['at', 'time', '2026-03-29 01:30:00.123457+00'],
    ['at', 'time', '2026-03-29 02:30:00.123457+01'],
    ['local_at', 'time', '2026-03-29 02:30:00.123457'],
    ['local_at', 'time', '2026-03-29T02:30:00.123457'],
    ['day', 'time', '2026-03-29'],
  ] as const)('GM6: column %s is compared with a watermark of type %s, %s, to its last digit', async (column, type, text) => {
    const watermark: Watermark = { type, text };

    const { rows } = await read(connection, `SELECT small FROM received WHERE ${column} > :watermark ORDER BY 1`, { watermark });

    expect(rows.flat()).toEqual(text === '9007199254740993' ? [1, 2, 3] : [3]);
  });

  test.each(['id', 'number', 'amount', 'share', 'at', 'local_at', 'day'])(
    'GM6: what column %s shows is its next watermark',
    async (column) => {
      const { rows } = await read(connection, `SELECT ${column} FROM received WHERE small = 2`);
      const text = toText(rows[0]?.[0] ?? null) ?? '';
      const type = ['at', 'local_at', 'day'].includes(column) ? 'time' : text.includes('.') ? 'decimal' : 'integer';

      const next = await read(connection, `SELECT small FROM received WHERE ${column} > :watermark`, { watermark: { type, text } });

      expect(next.rows).toEqual([[3]]);
    },
  );

  test('GM6: the watermark may be computed with, cast and named twice; texts and comments that name it stay', async () => {
    const time: Watermark = { type: 'time', text: '2026-03-29 01:30:00.123458+00' };
    const number: Watermark = { type: 'integer', text: '9223372036854775807' };

    const times = await read(connection, "SELECT COUNT(*) FROM received WHERE at > :watermark - INTERVAL '2 microseconds'", {
      watermark: time,
    });
    const numbers = await read(connection, 'SELECT COUNT(*) FROM received WHERE id BETWEEN :watermark - 1 AND :watermark', {
      watermark: number,
    });
    const casts = await read(connection, "SELECT :watermark::text, E'it\\'s :watermark', $$:watermark$$ -- :watermark", {
      watermark: number,
    });
    const unnamed = await read(connection, "SELECT ':watermark'", { watermark: number });

    expect([times.rows, numbers.rows]).toEqual([[[2]], [[2]]]);
    expect(casts.rows).toEqual([['9223372036854775807', "it's :watermark", ':watermark']]);
    expect(unnamed.rows).toEqual([[':watermark']]);
  });

  test.each([
    ['integer', 'Jeanne Martin', 'schema'],
    ['integer', '99999999999999999999999999999999756', 'schema'],
    ['decimal', "0; DROP TABLE received -- 756'", 'schema'],
    ['time', '756-13-45 Martin', 'schema'],
    ['decimal', '756.5', 'schema'],
  ] as const)('GM6: a watermark of type %s that does not fit, %s, is in no error', async (type, text, errorClass) => {
    const error = await failure(
      read(connection, 'SELECT 1 / (small - small) FROM received WHERE day > :watermark OR day < :watermark', {
        watermark: { type, text },
      }),
    );

    expect(error).toMatchObject({ phase: 'query', errorClass });
    expect(JSON.stringify([error.message, error.stack, error.cause])).not.toMatch(/Martin|756|DROP/);
  });

  test('hands over what the engine knows: whole numbers, decimals and times in full', async () => {
    const { columns, rows } = await read(
      connection,
      `SELECT 42::smallint AS a, 42 AS b, 900719925474099::bigint AS b, 9007199254740993::bigint AS d, 1.50 AS e, 1.5::real AS f,
        true AS g, 'ab '::char(3) AS h, '\\x00ff'::bytea AS i, NULL AS j,
        '2026-03-02 09:00:00.123456+01'::timestamptz AS k, '2026-03-02 09:00:00.123456'::timestamp AS l, 'infinity'::timestamptz AS m`,
    );

    expect(columns).toEqual(['a', 'b', 'b', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm']);
    expect(rows).toEqual([
      [
        42,
        42,
        900719925474099,
        '9007199254740993',
        '1.50',
        1.5,
        true,
        'ab',
        Buffer.from([0, 255]),
        null,
        new Instant(Date.UTC(2026, 2, 2, 8) / 1000 + 0.123456, '2026-03-02 08:00:00.123456+00'),
        '2026-03-02 09:00:00.123456',
        'infinity',
      ],
    ]);
  });

  test.each([
    ['UTC', '2026-07-01 08:00:00.25+00', '2026-07-01T08:00:00.25Z'],
    ['Europe/Zurich', '2026-07-01 10:00:00.25+02', '2026-07-01T08:00:00.25Z'],
    ['America/St_Johns', '2026-07-01 05:30:00.25-02:30', '2026-07-01T08:00:00.25Z'],
    ['Africa/Monrovia', '1971-07-01 07:15:30.25-00:44:30', '1971-07-01T08:00:00.25Z'],
  ])('reads a time that the server shows in the zone %s', async (zone, text, iso) => {
    await server.admin(`ALTER ROLE ${LOGIN.user} SET TimeZone = '${zone}'`);
    const other = await connect(server, LOGIN);

    const { rows } = await read(other, `SELECT '${iso}'::timestamptz`);
    await other.close();
    await server.admin(`ALTER ROLE ${LOGIN.user} RESET TimeZone`);

    expect(rows).toEqual([[new Instant(Date.parse(iso) / 1000, text)]]);
  });

  test('reads times of many days, and leaves those that no clock knows as they are', async () => {
    const days = ['2026-03-01', '2026-03-02', '2026-03-01', '0044-03-15', '9999-12-31'];
    const odd = ['infinity', '-infinity', '12026-11-12 08:00:00+00', '0044-03-15 00:00:00+00 BC'];

    const { rows } = await read(connection, `SELECT t::timestamptz FROM unnest(ARRAY['${[...days, ...odd].join("', '")}']) AS t`);

    expect(rows.flat()).toEqual([...days.map((day) => new Instant(Date.parse(day) / 1000, `${day} 00:00:00+00`)), ...odd]);
  });

  test.each([
    [0, 10, true, 0],
    [10, 10, true, 0],
    [11, 10, true, 1],
    [11, 10, false, 1],
    [5000, 10, false, 1],
    [1000, 5000, true, 0],
    [2500, 5000, true, 0],
    [5000, 5000, true, 0],
    [5001, 5000, true, 1],
    [1_000_000, 3000, true, 997_000],
  ])('GM7: of %d rows it keeps the first %d, and (counting them: %s) %d are dropped', async (count, maxRows, countDropped, dropped) => {
    const result = await read(connection, `SELECT i FROM generate_series(1, ${count}) AS i`, { maxRows, countDropped });

    expect(result.rows.map(([i]) => i)).toEqual(Array.from({ length: Math.min(count, maxRows) }, (_, place) => place + 1));
    expect(result.dropped).toBe(dropped);
    expect(result.columns).toEqual(['i']);
  });

  test('GM7: rows that are only counted never leave the server', async () => {
    const proxy = await startTcpProxy(server.port);
    const through = await connect(server, LOGIN, { port: proxy.port });
    const before = proxy.answeredBytes();

    const { dropped } = await read(through, "SELECT repeat('x', 1000) FROM generate_series(1, 100000)", { maxRows: 10 });
    const bytes = proxy.answeredBytes() - before;
    await through.close();
    await proxy.close();

    expect(dropped).toBe(99_990);
    expect(bytes).toBeLessThan(20_000);
  });

  test('GM7: where counting takes too long, the rows that were read are the result, and the connection stays', async () => {
    const sql = 'SELECT i FROM generate_series(1, 8) AS i UNION ALL SELECT 9 FROM pg_sleep(60)';
    const startedAt = performance.now();

    const result = await read(connection, sql, { maxRows: 5, timeoutMs: 500 });
    const tookMs = performance.now() - startedAt;
    const after = await read(connection, 'SELECT 1');

    expect(result.rows.flat()).toEqual([1, 2, 3, 4, 5]);
    expect(result.dropped).toBeGreaterThanOrEqual(1);
    expect(tookMs).toBeLessThan(900);
    expect(after.rows).toEqual([[1]]);
    expect(connection.usable).toBe(true);
  });

  test('an error in a row that is only counted fails the query: the result is not known to be right', async () => {
    const error = await failure(read(connection, 'SELECT 1 / (9 - i) FROM generate_series(1, 20) AS i', { maxRows: 5 }));

    expect(error).toMatchObject({ phase: 'query', errorClass: 'schema' });
  });

  test('the time limit holds for the whole query, not for each batch of rows', async () => {
    const startedAt = performance.now();

    const error = await failure(
      read(connection, 'SELECT i, pg_sleep(CASE i WHEN 2000 THEN 0.6 WHEN 4000 THEN 60 END) FROM generate_series(1, 9000) AS i', {
        maxRows: 9000,
        timeoutMs: 800,
      }),
    );

    expect(error).toMatchObject({ phase: 'query', errorClass: 'timeout' });
    expect(performance.now() - startedAt).toBeLessThan(1200);
    expect(connection.usable).toBe(true);
  });

  test('tells the time to the first rows from that of the others', async () => {
    const slowStart = await read(connection, 'SELECT 1 FROM pg_sleep(0.1)');
    const slowRest = await read(connection, 'SELECT i FROM generate_series(1, 8) AS i UNION ALL SELECT 9 FROM pg_sleep(0.1)', {
      maxRows: 5,
    });

    expect(slowStart.phases.execute).toBeGreaterThanOrEqual(99);
    expect(slowStart.phases.fetch).toBeLessThan(slowStart.phases.execute);
    expect(slowRest.phases.execute).toBeLessThan(slowRest.phases.fetch);
    expect(slowRest.phases.fetch).toBeGreaterThanOrEqual(99);
  });

  test('text that is not valid in its encoding is an error that shows none of it', async () => {
    await server.admin("CREATE DATABASE bytes ENCODING 'SQL_ASCII' TEMPLATE template0");
    const bytes = await connect(server, LOGIN, { database: 'bytes' });

    const converted = await failure(read(connection, String.raw`SELECT convert_from('\x4a65ff'::bytea, 'UTF8')`));
    const unknown = await failure(read(bytes, "SELECT 'Jeann' || chr(233)"));
    const { rows } = await read(bytes, "SELECT 'plain'");
    await bytes.close();

    const message = 'a text is not valid in UTF-8, or in the encoding of the database (SQLSTATE 22021)';
    expect(converted).toMatchObject({ phase: 'query', errorClass: 'schema', message });
    expect(unknown).toMatchObject({ phase: 'query', errorClass: 'schema', message });
    expect(rows).toEqual([['plain']]);
  });
});
