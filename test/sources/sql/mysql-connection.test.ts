// A connection of driver mysql on a real MariaDB, without a source around it: watermarks, dropped rows, phases, and what goes wrong.

import { generate } from 'selfsigned';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Connection, Watermark } from '../../../src/sources/sql/driver.js';
import { SourceError } from '../../../src/sources/kind.js';
import type { ConnectionSettings } from '../../../src/sources/sql/schema.js';
import { describeWith } from '../../servers/describe.js';
import { startMariadb, type Mariadb } from '../../servers/mariadb.js';
import { until } from '../../wait.js';
import { connect, limits, PASSWORD, rowLimits } from './mysql-connect.js';
import { startTcpProxy } from '../../tcp-proxy.js';

const BIG = '9007199254740993';
const ENDLESS = "SELECT seq, REPEAT('x', 200) AS filler FROM numbers.seq_1_to_4000000000";
const NAME_OF_SERVER = 'db.example.org';

function integer(text: string): Watermark {
  return { type: 'integer', text };
}

function time(text: string): Watermark {
  return { type: 'time', text };
}

async function rowsOf(connection: Connection, sql: string, watermark?: Watermark): Promise<unknown[]> {
  const { rows } = await connection.query({ sql, ...(watermark && { watermark }) }, rowLimits(100));
  return rows.flat();
}

async function errorOf(work: Promise<unknown>): Promise<SourceError> {
  return await work.then(
    () => {
      throw new Error('it did not fail');
    },
    (error: unknown) => {
      if (error instanceof SourceError) return error;
      throw error;
    },
  );
}

async function sessionId(connection: Connection): Promise<string> {
  return String((await rowsOf(connection, 'SELECT CONNECTION_ID()'))[0]);
}

describeWith(['mariadbd'], 'a connection of driver mysql', () => {
  let server: Mariadb;
  let folder: string;
  let ca: string;
  const open: Connection[] = [];

  beforeAll(async () => {
    const pair = await generate([{ name: 'commonName', value: NAME_OF_SERVER }], {
      extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: NAME_OF_SERVER }] }],
    });
    folder = await mkdtemp(join(tmpdir(), 'vigie-mysql-connection-'));
    ca = join(folder, 'ca.pem');
    await writeFile(ca, pair.cert);
    server = await startMariadb({ tls: { certificate: pair.cert, key: pair.private } });
    await server.admin(
      `CREATE DATABASE exchange CHARACTER SET utf8mb4;
       CREATE USER vigie@'%' IDENTIFIED BY ?;
       USE exchange;
       CREATE TABLE history (id bigint, amount decimal(30, 6), finished_at datetime(6));
       INSERT INTO history VALUES
         (-3, -1.5, '2026-03-02 08:00:00.000001'),
         (7, 12345678901234567890.000001, '2026-03-02 08:00:00.123456'),
         (${BIG}, 12345678901234567890.000002, '2026-03-02 08:00:00.123457');
       CREATE TABLE odd (latin varchar(20) CHARACTER SET latin1, bytes varbinary(20));
       INSERT INTO odd VALUES (x'C9E9', x'FF41FE');
       CREATE TABLE partners (code varchar(10));
       INSERT INTO partners VALUES ('chuv');
       CREATE DATABASE numbers;
       GRANT SELECT ON numbers.* TO vigie@'%';
       GRANT SELECT ON exchange.history TO vigie@'%';
       GRANT SELECT ON exchange.odd TO vigie@'%';
       GRANT SELECT ON exchange.partners TO vigie@'%'`,
      [PASSWORD],
    );
  }, 60_000);

  afterAll(async () => {
    await server?.remove();
    await rm(folder, { recursive: true, force: true });
  });

  afterEach(async () => {
    for (const connection of open.splice(0)) await connection.close();
  });

  async function connected(changes: Partial<ConnectionSettings> = {}): Promise<Connection> {
    const connection = await connect({ server: server.host, port: server.port, ...changes });
    open.push(connection);
    return connection;
  }

  describe('tells what it is connected to', () => {
    test('by its product, address and the time of each step', async () => {
      const startedAt = performance.now();
      const connection = await connected();
      const tookMs = performance.now() - startedAt;

      expect(connection.product).toMatch(/^MariaDB 1\d+\.\d+\.\d+$/);
      expect(connection.address).toBe(`127.0.0.1:${server.port}`);
      expect(Object.keys(connection.phases).toSorted()).toEqual(['connect', 'login']);
      const { connect: connectMs = 0, login = 0 } = connection.phases;
      expect(connectMs).toBeGreaterThan(0);
      expect(login).toBeGreaterThan(0);
      expect(connectMs + login).toBeLessThanOrEqual(tookMs);
    });

    test('with the time to look up a name, and to encrypt', async () => {
      const startedAt = performance.now();
      const connection = await connected({ server: 'localhost', tls: { ca, server_name: NAME_OF_SERVER } });
      const tookMs = performance.now() - startedAt;

      const { dns = 0, connect: connectMs = 0, tls = 0, login = 0 } = connection.phases;
      for (const phase of [dns, connectMs, tls, login]) expect(phase).toBeGreaterThan(0);
      expect(dns + connectMs + tls + login).toBeLessThanOrEqual(tookMs);
      expect(connection.address).toBe(`localhost:${server.port}`);
    });

    test('by its socket, where it is one', async () => {
      const connection = await connected({ server: server.socket });

      expect(connection.address).toBe(server.socket);
      expect(Object.keys(connection.phases).toSorted()).toEqual(['connect', 'login']);
    });

    test('and how long a query ran before its first row, and from there', async () => {
      const connection = await connected();

      const slow = await connection.query({ sql: 'SELECT SLEEP(0.2)' }, rowLimits(10));
      const long = await connection.query({ sql: 'SELECT seq FROM numbers.seq_1_to_300000' }, rowLimits(10));

      expect(slow.phases.execute).toBeGreaterThan(190);
      expect(slow.phases.fetch).toBeLessThan(100);
      expect(long.phases.fetch).toBeGreaterThan(long.phases.execute);
    });
  });

  describe('puts in the value of :watermark', () => {
    test.each([
      ['id', integer('-4'), ['-3', '7', BIG]],
      ['id', integer('7'), [BIG]],
      ['id', integer('9007199254740992'), [BIG]],
      ['id', integer(BIG), []],
      ['amount', { type: 'decimal', text: '12345678901234567890.000001' } as const, ['12345678901234567890.000002']],
      [
        'amount',
        { type: 'decimal', text: '-1.500001' } as const,
        ['-1.500000', '12345678901234567890.000001', '12345678901234567890.000002'],
      ],
      ['finished_at', time('2026-03-02 08:00:00.123456'), ['2026-03-02 08:00:00.123457']],
      ['finished_at', time('2026-03-02T08:00:00.000001'), ['2026-03-02 08:00:00.123456', '2026-03-02 08:00:00.123457']],
      ['finished_at', time('2026-03-03'), []],
    ])('of %s after %j', async (column, watermark, expected) => {
      const connection = await connected();

      expect(await rowsOf(connection, `SELECT ${column} FROM history WHERE ${column} > :watermark ORDER BY ${column}`, watermark)).toEqual(
        expected,
      );
    });

    test('wherever it is named, save in texts, names and comments', async () => {
      const connection = await connected();
      const sql = `
        SELECT 'it''s :watermark' AS a, ":watermark" AS b, 1 AS \`:watermark\`, -- :watermark 'not
          5-:WaterMark AS c, # :watermark isn't
          :watermark_of_mine.id AS d /* ':watermark */
        FROM history AS watermark_of_mine WHERE id >:watermark`.replace(':watermark_of_mine', 'watermark_of_mine');

      const { columns, rows } = await connection.query({ sql, watermark: integer('-3') }, rowLimits(1));

      expect(columns).toEqual(['a', 'b', ':watermark', 'c', 'd']);
      expect(rows).toEqual([["it's :watermark", ':watermark', '1', '8', '7']]);
    });

    test.each([
      integer("1' OR '1'='1"),
      integer('1; DROP TABLE history'),
      integer('1 OR 1'),
      integer(''),
      integer('1.5'),
      { type: 'decimal', text: 'id' } as const,
      { type: 'decimal', text: '1.5.5' } as const,
      time("2026-03-02' OR ''='"),
      time('2026-03-02 08:00:00\\'),
      time('2026-03-02 08:00:00 -- '),
      time('now'),
    ])('but never %j', async (watermark) => {
      const connection = await connected();

      const error = await errorOf(connection.query({ sql: 'SELECT id FROM history WHERE id > :watermark', watermark }, rowLimits(10)));

      expect(error).toMatchObject({ phase: 'query', errorClass: 'state' });
      expect(error.message).toBe(`the value of :watermark is no ${watermark.type} as MySQL and MariaDB write it`);
      expect(await rowsOf(connection, 'SELECT COUNT(*) FROM history')).toEqual(['3']);
    });

    test.each(['', 'NO_BACKSLASH_ESCAPES', 'ANSI_QUOTES'])('the same in sql_mode "%s", and not where that decides', async (mode) => {
      await server.admin('SET GLOBAL sql_mode = ?', [mode]);
      const connection = await connected();
      await server.admin('SET GLOBAL sql_mode = DEFAULT');
      const watermark = time('2026-03-02 08:00:00.123456');
      const ambiguous = String.raw`SELECT id FROM history WHERE 'a\' < :watermark OR 'b' = ' '`;

      const ids = await rowsOf(connection, String.raw`SELECT id FROM history WHERE finished_at > :watermark AND 'a\\b' <> ''`, watermark);
      const error = await errorOf(connection.query({ sql: ambiguous, watermark }, rowLimits(10)));

      expect(ids).toEqual([BIG]);
      expect(error).toMatchObject({ phase: 'query', errorClass: 'permission' });
      expect(error.message).toMatch(/names :watermark where it may stand in a text/);
    });

    test.each([
      'SELECT * FROM (SELECT :watermark, :watermark) AS twice',
      'SELECT * FROM (SELECT :watermark AS a, :watermark AS a) AS twice WHERE b = :watermark',
      'SELECT id FRM history WHERE id > :watermark',
      'SELECT id FROM history WHERE id > :watermark) :watermark',
      "SELECT id FROM history WHERE id > :watermark) 'x'",
      'SELECT TIMESTAMP(:watermark) + EXP(1000) FROM history',
      'SELECT id FROM history WHERE nowhere > :watermark',
      'SELECT CONVERT(:watermark USING nothing)',
      'SELECT nothing(:watermark)',
      'SELECT id FROM history GROUP BY :watermark HAVING absent > :watermark',
      "SELECT JSON_EXTRACT(:watermark, :watermark), EXTRACTVALUE('<a', :watermark), (SELECT id FROM history)",
    ])('and shows it in no error: %s', async (sql) => {
      const connection = await connected();

      for (const watermark of [integer('424242'), time('2042-04-02 04:02:42.424242')]) {
        const error = await errorOf(connection.query({ sql, watermark }, rowLimits(10)));

        expect(JSON.stringify([error.message, error.stack, error.cause])).not.toMatch(/424242|2042|s3cret/);
      }
    });

    test('nor in the names of columns, which may be shown', async () => {
      const connection = await connected();
      const sql = 'SELECT :watermark, id > :watermark, COUNT(1), id + 1 AS `1 more` FROM history';

      for (const watermark of [integer('424242'), integer('-424242'), time('2042-04-02 04:02:42.424242')]) {
        const { columns } = await connection.query({ sql, watermark }, rowLimits(10));

        expect(columns).toEqual([':watermark', 'id > :watermark', 'COUNT(1)', '1 more']);
      }
    });

    test('while names that are written in the statement stay what they are', async () => {
      const connection = await connected();
      const sql = 'SELECT COUNT(1), id + 1 AS `1 more`, o.* FROM history, (SELECT 2 AS `q 1`) AS o WHERE id > :watermark';

      const { columns } = await connection.query({ sql, watermark: integer('1') }, rowLimits(10));

      expect(columns).toEqual(['COUNT(1)', '1 more', 'q 1']);
    });
  });

  describe('keeps no more rows than it may', () => {
    test('GM6: and counts the rest of a million, in memory that does not grow', async () => {
      const connection = await connected();
      const before = process.memoryUsage().rss;
      let peak = before;
      const watching = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 10);

      const sql = "SELECT seq, REPEAT('x', 400) AS filler FROM numbers.seq_1_to_1000000";
      const { rows, dropped } = await connection.query({ sql }, rowLimits(100, true, 30_000)).finally(() => clearInterval(watching));

      expect(rows.map(([seq]) => seq)).toEqual(Array.from({ length: 100 }, (_, place) => String(place + 1)));
      expect(dropped).toBe(999_900);
      expect(peak - before).toBeLessThan(200e6);
    }, 30_000);

    test('and has the rows that it kept when the time is up, over the same connection', async () => {
      const connection = await connected();
      const id = await sessionId(connection);

      const { rows, dropped } = await connection.query({ sql: ENDLESS }, rowLimits(3, true, 1000));

      expect(rows.map(([seq]) => seq)).toEqual(['1', '2', '3']);
      expect(dropped).toBeGreaterThan(0);
      expect(await sessionId(connection)).toBe(id);
    });

    test('also when nobody waits any more', async () => {
      const connection = await connected();
      const id = await sessionId(connection);
      const signal = AbortSignal.timeout(300);

      const counting = { signal, timeoutMs: 60_000, maxRows: 3, countDropped: true };
      const { rows, dropped } = await connection.query({ sql: ENDLESS }, counting);

      expect(rows).toHaveLength(3);
      expect(dropped).toBeGreaterThan(0);
      expect(await sessionId(connection)).toBe(id);
    });

    test.each(['', ' LIMIT 50000000'])('and fetches none of the rest where it need not count them%s', async (limit) => {
      const connection = await connected();
      const id = await sessionId(connection);

      const result = await connection.query({ sql: `SELECT seq FROM numbers.seq_1_to_50000000${limit}` }, rowLimits(100, false, 30_000));

      expect(result.rows).toHaveLength(100);
      expect(result.dropped).toBe(1);
      expect(result.phases.fetch).toBeLessThan(1000);
      expect(await sessionId(connection)).toBe(id);
    });

    test.each([true, false])('and drops none of as many as it may keep, counting: %s', async (countDropped) => {
      const connection = await connected();

      const result = await connection.query({ sql: 'SELECT seq FROM numbers.seq_1_to_5' }, rowLimits(5, countDropped));

      expect(result.rows).toHaveLength(5);
      expect(result.dropped).toBe(0);
    });

    test('and is as it was for the query after', async () => {
      const connection = await connected();
      await connection.query({ sql: 'SELECT seq FROM numbers.seq_1_to_5' }, rowLimits(2, false));

      const result = await connection.query({ sql: 'SELECT seq FROM numbers.seq_1_to_5' }, rowLimits(2));

      expect(result.dropped).toBe(3);
    });
  });

  test('reads characters of any character set, and bytes that are none as bytes', async () => {
    const connection = await connected();

    expect(await rowsOf(connection, 'SELECT latin, bytes FROM odd')).toEqual(['Éé', new Uint8Array([0xff, 0x41, 0xfe])]);
    expect(await rowsOf(connection, 'SELECT CONVERT(bytes USING utf8mb4) FROM odd')).toEqual(['?A?']);
  });

  test.each([
    ["SELECT _utf8mb4 x'FF'", /^the server could not compute with a value \(error 1300\)$/],
    [
      'SELECT latin COLLATE latin1_general_ci = latin COLLATE latin1_bin FROM odd',
      /^Illegal mix of collations .* for operation '=' \(error 1267\)$/,
    ],
  ])('tells what is wrong with the characters of %s', async (sql, message) => {
    const connection = await connected();

    const error = await errorOf(connection.query({ sql }, rowLimits(10)));

    expect(error).toMatchObject({ phase: 'query', errorClass: 'schema' });
    expect(error.message).toMatch(message);
    expect(connection.usable).toBe(true);
  });

  test('GM6: a right that is revoked is missed at once, and found again over the same connection', async () => {
    const connection = await connected();
    const id = await sessionId(connection);
    const read = () => connection.query({ sql: 'SELECT code FROM partners' }, rowLimits(10));
    await read();

    await server.admin("REVOKE SELECT ON exchange.partners FROM vigie@'%'");
    const error = await errorOf(read());
    await server.admin("GRANT SELECT ON exchange.partners TO vigie@'%'");

    expect(error).toMatchObject({ phase: 'query', errorClass: 'permission' });
    expect(error.message).toBe('SELECT command denied for table `exchange`.`partners` (error 1142)');
    expect((await read()).rows).toEqual([['chuv']]);
    expect(await sessionId(connection)).toBe(id);
  });

  test('GM6: a column that is renamed is named, and found again over the same connection', async () => {
    const connection = await connected();
    const id = await sessionId(connection);
    const read = () => connection.query({ sql: 'SELECT code FROM partners' }, rowLimits(10));

    await server.admin('ALTER TABLE exchange.partners CHANGE code partner_code varchar(10)');
    const error = await errorOf(read());
    await server.admin('ALTER TABLE exchange.partners CHANGE partner_code code varchar(10)');

    expect(error).toMatchObject({ phase: 'query', errorClass: 'schema' });
    expect(error.message).toMatch(/^Unknown column 'code' in '[a-zA-Z ]+' \(error 1054\)$/);
    expect((await read()).rows).toEqual([['chuv']]);
    expect(await sessionId(connection)).toBe(id);
  });

  test('a query that an administrator ends is told from a lost connection', async () => {
    const connection = await connected();
    const id = await sessionId(connection);
    const failing = errorOf(connection.query({ sql: 'SELECT id FROM history WHERE SLEEP(30) = 0' }, rowLimits(10, true, 30_000)));
    await until(async () => (await server.admin("SELECT ID FROM information_schema.PROCESSLIST WHERE INFO LIKE '%SLEEP(30)%'")).length > 1);

    await server.admin(`KILL QUERY ${id}`);
    const error = await failing;

    expect(error).toMatchObject({ phase: 'query', errorClass: 'timeout' });
    expect(error.message).toMatch(/^the query was interrupted: by an administrator/);
    expect(await sessionId(connection)).toBe(id);
  });

  test('a connection that falls silent is given up at the limit, and a new one works', async () => {
    const proxy = await startTcpProxy(server.port);
    const connection = await connected({ port: proxy.port });
    await connection.query({ sql: 'SELECT 1' }, rowLimits(10));
    proxy.freeze();
    const startedAt = performance.now();

    const error = await errorOf(connection.query({ sql: 'SELECT 1' }, rowLimits(10, true, 300)));
    const tookMs = performance.now() - startedAt;
    proxy.thaw();
    const other = await connected({ port: proxy.port });
    const rows = await rowsOf(other, 'SELECT 1');
    await proxy.close();

    expect(error).toMatchObject({ phase: 'query', errorClass: 'lost' });
    expect(tookMs).toBeLessThan(2000);
    expect(connection.usable).toBe(false);
    expect(rows).toEqual(['1']);
  });

  test('a limit that is over before the work begins leaves the connection alone', async () => {
    const connection = await connected();
    const over = { signal: AbortSignal.abort(), timeoutMs: 1000 };

    await expect(connection.state(over)).rejects.toThrow();
    await expect(connection.excessRights(over)).rejects.toThrow();
    await expect(connection.query({ sql: 'SELECT 1' }, { ...over, maxRows: 1, countDropped: true })).rejects.toThrow();

    expect(await connection.state(limits())).toEqual({ role: 'primary' });
  });
});
