// Driver odbc on a real server: PostgreSQL by its ODBC driver, and the package odbc where test/servers/install.sh builds it.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Cell, Connection, QueryLimits, Watermark } from '../../../src/sources/sql/driver.js';
import { odbc, odbcDriver } from '../../../src/sources/sql/drivers/odbc.js';
import { SourceError } from '../../../src/sources/kind.js';
import { freePort, portOf } from '../../port.js';
import { describeWith, program } from '../../servers/describe.js';
import { postgresOdbcDriver } from '../../servers/locate.js';
import { startPostgres, type Postgres } from '../../servers/postgres.js';
import { until } from '../../wait.js';

const PASSWORD = 'p@ss;w}o r"d%{=';

function limits(changes: Partial<QueryLimits> = {}): QueryLimits {
  return { signal: new AbortController().signal, timeoutMs: 4000, maxRows: 1000, countDropped: true, ...changes };
}

async function failure(promise: Promise<unknown>): Promise<SourceError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof SourceError) return error;
  throw new Error('it did not fail as expected', { cause: error });
}

/** A block of odbc.ini. */
function source(name: string, port: number): string {
  return [`[${name}]`, `Driver=${postgresOdbcDriver()}`, 'Servername=127.0.0.1', `Port=${port}`, 'Database=postgres', ''].join('\n');
}

async function connect(library: string, dsn: string, password = PASSWORD, signal = new AbortController().signal): Promise<Connection> {
  const context = { application: 'vigie/x', readSecret: async () => password, resolvePath: (path: string) => path };
  return await odbcDriver(library).connect({ dsn, user: 'vigie', password: { env: 'X' } }, context, signal);
}

describe('driver odbc', () => {
  test('without its package says what to install', async () => {
    const error = await failure(connect('a-package-that-is-not-there', 'exchange'));

    expect(error).toMatchObject({ phase: 'connect', errorClass: 'config' });
    expect(error.message).toMatch(
      /^data source exchange: driver odbc needs the package odbc, which is not installed; run: npm install odbc/,
    );
  });

  test.each([
    'DELETE FROM pending',
    'WITH gone AS (DELETE FROM pending RETURNING id) SELECT id FROM gone',
    'SELECT id FROM FINAL TABLE (INSERT INTO pending VALUES (1))',
    'SELECT id FROM pending FOR UPDATE',
    'SELECT id FROM pending FOR /* x */ SHARE',
    'SELECT id FROM pending WITH RS USE AND KEEP EXCLUSIVE LOCKS',
    'SELECT NEXT VALUE FOR invoices FROM sysibm.sysdummy1',
    'SELECT 1; DROP TABLE pending',
    'CALL clean_up()',
    'BEGIN ATOMIC END',
  ])('never sends %s', (sql) => {
    expect(odbc.refusal?.(sql)).toEqual(expect.any(String));
  });

  test.each([
    'SELECT \'delete; insert into\', "update" /* lock */ FROM pending -- for update',
    'WITH a AS (SELECT 1 AS value FROM sysibm.sysdummy1) SELECT REPLACE(value, 1, 2) FROM a;',
    'SELECT updated_at, created FROM pending',
  ])('has nothing against %s', (sql) => {
    expect(odbc.refusal?.(sql)).toBeUndefined();
  });

  test.each([
    [{ dsn: 'DRIVER={x};SERVER=y' }, 'dsn'],
    [{ dsn: 'exchange', password: { env: 'X' } }, 'password'],
  ])('is not connected by %o', (settings, setting) => {
    expect(odbc.settingProblems?.(settings)).toEqual([expect.objectContaining({ setting })]);
  });
});

describeWith(['postgres', 'odbc'], 'driver odbc', () => {
  let server: Postgres;
  let folder: string;
  let connection: Connection;
  /** A server that takes connections and says nothing. */
  let blackHole: Server;
  let held = 0;
  const before = process.env['ODBCINI'];

  beforeAll(async () => {
    server = await startPostgres();
    folder = await mkdtemp(join(tmpdir(), 'vigie-odbc-'));
    blackHole = createServer((socket) => {
      held++;
      socket.on('error', () => {}).once('close', () => held--);
      socket.resume();
    }).listen(0, '127.0.0.1');
    await once(blackHole, 'listening');
    const ini = [source('exchange', server.port), source('away', await freePort()), source('hole', portOf(blackHole))];
    process.env['ODBCINI'] = join(folder, 'odbc.ini');
    await writeFile(process.env['ODBCINI'], ini.join('\n'));
    await server.admin(`CREATE ROLE vigie LOGIN PASSWORD '${PASSWORD}'`);
    await server.admin(`
      CREATE TABLE history (id bigint, amount numeric(21,7), at timestamp);
      INSERT INTO history VALUES
        (9007199254740993, 20260302080000.1234567, '2026-03-02 08:00:00.123456'),
        (9007199254740994, 20260302080000.1234568, '2026-03-02 08:00:00.123457');
      GRANT SELECT, INSERT ON history TO vigie;
      CREATE TABLE payroll (name text);
      CREATE FUNCTION write_history() RETURNS int LANGUAGE sql VOLATILE AS $$ INSERT INTO history VALUES (1) RETURNING 1 $$`);
  }, 60_000);

  afterAll(async () => {
    if (before === undefined) delete process.env['ODBCINI'];
    else process.env['ODBCINI'] = before;
    blackHole?.close();
    await server?.remove();
    await rm(folder, { recursive: true, force: true });
  });

  beforeEach(async () => {
    connection = await connect(program('odbc'), 'exchange');
  });

  afterEach(async () => {
    await connection.close();
  });

  async function valueOf(expression: string): Promise<Cell | undefined> {
    const { rows } = await connection.query({ sql: `SELECT ${expression} AS value` }, limits());
    return rows[0]?.[0];
  }

  /** What the login runs now. */
  async function running(): Promise<{ pid: number }[]> {
    const rows = await server.admin("SELECT pid FROM pg_stat_activity WHERE usename = 'vigie' AND state = 'active'");
    return rows.map(({ pid }) => ({ pid: Number(pid) }));
  }

  test('connects with any password, and says to what', () => {
    expect(connection).toMatchObject({ usable: true, product: 'ODBC', address: 'data source exchange' });
    expect(connection.phases.connect).toBeGreaterThan(0);
  });

  test.each([
    ['12::bigint * 1000000000000000', 12_000_000_000_000_000n],
    ['12::int', 12],
    ['1.5::float8', 1.5],
    ['1.25::numeric(10,2)', 1.25],
    ["'été '::text", 'été '],
    ["'ok'::char(5)", 'ok'],
    ["'2026-03-29 02:30:00.123456'::timestamp", '2026-03-29 02:30:00.123456'],
    ["'2026-03-29'::date", '2026-03-29'],
    ["'\\x01ff'::bytea", Uint8Array.of(1, 255)],
    ['NULL::int', null],
  ])('reads %s', async (expression, expected) => {
    expect(await valueOf(expression)).toEqual(expected);
  });

  test('gives columns as the engine spells them, twice the same name too, and none of an empty answer is lost', async () => {
    const twice = await connection.query({ sql: 'SELECT 1 AS "Flow", 2 AS "Flow"' }, limits());
    const empty = await connection.query({ sql: 'SELECT id, at FROM history WHERE false' }, limits());

    expect(twice).toMatchObject({ columns: ['Flow', 'Flow'], rows: [[1, 2]], dropped: 0 });
    expect(empty).toMatchObject({ columns: ['id', 'at'], rows: [], dropped: 0 });
  });

  test.each<[Watermark]>([
    [{ type: 'integer', text: '9007199254740993' }],
    [{ type: 'decimal', text: '20260302080000.1234567' }],
    [{ type: 'time', text: '2026-03-02 08:00:00.123456' }],
    [{ type: 'time', text: '2026-03-02T08:00:00.123456' }],
  ])('follows rows by %o, with all its digits', async (watermark) => {
    const column = { integer: 'id', decimal: 'amount', time: 'at' }[watermark.type];
    const sql = `SELECT id, ':watermark' FROM history WHERE ${column} > :watermark AND ${column} >= :watermark ORDER BY ${column}`;

    const { rows } = await connection.query({ sql, watermark }, limits());

    expect(rows).toEqual([[9_007_199_254_740_994n, ':watermark']]);
  });

  test('keeps as many rows as are wanted, and counts the others', async () => {
    const sql = 'SELECT generate_series(1, 1234) AS id';

    const few = await connection.query({ sql }, limits({ maxRows: 2 }));
    const uncounted = await connection.query({ sql }, limits({ maxRows: 2, countDropped: false }));
    const all = await connection.query({ sql }, limits({ maxRows: 1234 }));

    expect([few.rows, few.dropped]).toEqual([[[1], [2]], 1232]);
    expect([uncounted.rows.length, uncounted.dropped]).toEqual([2, 1]);
    expect([all.rows.length, all.dropped]).toEqual([1234, 0]);
  });

  test('reads only, in a transaction that the engine holds to it', async () => {
    const error = await failure(connection.query({ sql: 'SELECT write_history()' }, limits()));
    const [row] = await server.admin('SELECT COUNT(*)::int AS n FROM history');

    expect(error).toMatchObject({ phase: 'query', errorClass: 'permission' });
    expect(error.message).toMatch(/^the query tries to write; its transaction is read-only \(SQLSTATE 25006\)$/);
    expect(row).toEqual({ n: 2 });
    expect(await valueOf('1')).toBe(1);
  });

  test.each([
    ['SELECT nope FROM history', 'schema', 'column "nope" does not exist (SQLSTATE 42703)'],
    ['SELECT id FROM nowhere', 'schema', 'relation "nowhere" does not exist (SQLSTATE 42P01)'],
    ['SELECT name FROM payroll', 'permission', 'permission denied for table payroll (SQLSTATE 42501)'],
    ['SELECT id FRO history', 'syntax', expect.stringMatching(/^syntax error at or near "history" \(SQLSTATE 42601\)$/)],
    ["SELECT 'Dupont'::int", 'schema', 'the server could not compute with a value (SQLSTATE 22P02)'],
  ])('tells what is wrong with %s, and goes on', async (sql, errorClass, message) => {
    const error = await failure(connection.query({ sql }, limits()));

    expect(error).toMatchObject({ phase: 'query', errorClass, message });
    expect(await valueOf('1')).toBe(1);
  });

  test('cancels on the server what nobody waits for any more, and keeps the connection', async () => {
    const abort = new AbortController();
    const asked = failure(connection.query({ sql: 'SELECT pg_sleep(60)' }, limits({ signal: abort.signal, timeoutMs: 60_000 })));
    await until(async () => (await running()).length === 1);

    abort.abort();
    const error = await asked;

    expect(error).toMatchObject({ phase: 'query', errorClass: 'timeout' });
    expect(await running()).toEqual([]);
    expect(await valueOf('1')).toBe(1);
  });

  test('has the driver bound a query too', async () => {
    const error = await failure(connection.query({ sql: 'SELECT pg_sleep(60)' }, limits({ timeoutMs: 500 })));

    expect(error).toMatchObject({ phase: 'query', errorClass: 'timeout' });
    expect(await valueOf('1')).toBe(1);
  });

  test('ends its process where the server does not heed the cancel', async () => {
    const abort = new AbortController();
    const asked = failure(connection.query({ sql: 'SELECT pg_sleep(60)' }, limits({ signal: abort.signal, timeoutMs: 60_000 })));
    const [backend] = await until(async () => ((await running()).length === 1 ? await running() : undefined));
    if (!backend) throw new Error('nothing runs');
    process.kill(backend.pid, 'SIGSTOP');

    abort.abort();
    const error = await asked;
    process.kill(backend.pid, 'SIGCONT');

    expect(error).toMatchObject({ phase: 'query', errorClass: 'lost' });
    expect(connection.usable).toBe(false);
    await until(async () => (await running()).length === 0);
  });

  test('ends what runs when it is closed', async () => {
    const asked = failure(connection.query({ sql: 'SELECT pg_sleep(60)' }, limits({ timeoutMs: 60_000 })));
    await until(async () => (await running()).length === 1);

    await connection.close();

    expect(await asked).toBeInstanceOf(SourceError);
    expect(await running()).toEqual([]);
    expect(connection.usable).toBe(false);
  });

  test('tells a connection that an administrator ended', async () => {
    const asked = failure(connection.query({ sql: 'SELECT pg_sleep(60)' }, limits({ timeoutMs: 60_000 })));
    await until(async () => (await running()).length === 1);
    await server.admin("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'vigie'");

    const error = await asked;

    expect(error).toMatchObject({ phase: 'query', errorClass: 'lost' });
    await until(() => !connection.usable);
  });

  test('tells a wrong password, an unknown data source and a server that is not there', async () => {
    const wrong = await failure(connect(program('odbc'), 'exchange', 'wrong'));
    const unknown = await failure(connect(program('odbc'), 'nowhere'));
    const away = await failure(connect(program('odbc'), 'away'));

    expect(wrong).toMatchObject({ phase: 'login', errorClass: 'auth' });
    expect(wrong.message).toMatch(/^data source exchange: user or password is wrong/);
    expect(unknown).toMatchObject({ phase: 'connect', errorClass: 'not_found' });
    expect(away).toMatchObject({ phase: 'connect', errorClass: 'refused' });
  });

  test('leaves a server that says nothing at the time-out', async () => {
    const abort = new AbortController();

    const asked = failure(connect(program('odbc'), 'hole', PASSWORD, abort.signal));
    await until(() => held === 1);
    abort.abort();

    expect(await asked).toMatchObject({ phase: 'connect', errorClass: 'lost' });
    await until(() => held === 0);
  });
});
