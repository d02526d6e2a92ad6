// Driver postgres on a real server.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { generate } from 'selfsigned';
import type { Connection } from '../../../src/sources/sql/driver.js';
import type { ConnectionSettings, SqlQuery } from '../../../src/sources/sql/schema.js';
import { portOf } from '../../port.js';
import { describeWith } from '../../servers/describe.js';
import { startPostgres, type Postgres } from '../../servers/postgres.js';
import { startTcpProxy } from '../../tcp-proxy.js';
import { until } from '../../wait.js';
import { lines, start, valueOf, type Harness } from './harness.js';
import { connect, failure, LIMITS, read } from './postgres-direct.js';

const PASSWORD = 'p@ss/w:o r"d%';
const LOGIN = { user: 'vigie', password: PASSWORD };

function single(sql: string): SqlQuery {
  return { sql, metrics: [{ name: 'exchange_value', help: 'A value.', value: 'value' }] };
}

describeWith(['postgres'], 'driver postgres', () => {
  let server: Postgres;
  let folder: string;
  let ca: string;
  let harness: Harness | undefined;
  const connections: Connection[] = [];

  beforeAll(async () => {
    const pair = await generate([{ name: 'commonName', value: 'db.example.org' }], {
      extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'db.example.org' }] }],
    });
    folder = await mkdtemp(join(tmpdir(), 'vigie-pg-client-'));
    ca = join(folder, 'ca.pem');
    await writeFile(ca, pair.cert);
    server = await startPostgres({ tls: { certificate: pair.cert, key: pair.private } });
    await server.admin(`CREATE ROLE vigie LOGIN PASSWORD '${PASSWORD}'`);
    await server.admin(`
      CREATE TABLE pending (flow text, partner text, stage text, arrived_at timestamptz);
      INSERT INTO pending VALUES
        ('factures-tge', 'chuv', 'received', '2026-03-29 01:30:00+00'),
        ('factures-tge', 'chuv', 'received', '2026-03-29 01:59:59.5+00'),
        ('inconnu', 'chuv', 'received', '2026-03-29 01:00:00+00');
      GRANT SELECT, INSERT ON pending TO vigie;
      CREATE TABLE payroll (name text);
      CREATE FUNCTION write_pending() RETURNS int LANGUAGE sql VOLATILE AS $$ INSERT INTO pending VALUES ('x') RETURNING 1 $$`);
  }, 60_000);

  afterAll(async () => {
    await server?.remove();
    await rm(folder, { recursive: true, force: true });
  });

  afterEach(async () => {
    await harness?.close();
    harness = undefined;
    await Promise.all(connections.splice(0).map((connection) => connection.close()));
  });

  /** Without a source around it. */
  async function connected(changes: Partial<ConnectionSettings> = {}): Promise<Connection> {
    const connection = await connect(server, LOGIN, changes);
    connections.push(connection);
    return connection;
  }

  async function source(queries: Record<string, SqlQuery>, changes: Partial<ConnectionSettings> = {}, timeout = 4000): Promise<Harness> {
    const { host, port, database } = server;
    const connection = { server: host, port, database, user: 'vigie', password: { env: 'EXCHANGE_DB_PASSWORD' }, ...changes };
    harness = await start({ kind: 'sql', driver: 'postgres', connection, queries }, PASSWORD, { timeout });
    return harness;
  }

  async function sessions(application = 'vigie/exchange-db'): Promise<number> {
    const [row] = await server.admin('SELECT COUNT(*)::int AS n FROM pg_stat_activity WHERE application_name = $1', [application]);
    return Number(row?.['n']);
  }

  test('GM6: turns rows into signals, times with their zone into Unix seconds', async () => {
    const { collect, undeclared } = await source({
      waiting: {
        sql: 'SELECT flow AS "FLOW", partner, stage, COUNT(*) AS messages, MIN(arrived_at) AS "Oldest" FROM pending GROUP BY 1, 2, 3',
        flows: ['factures-tge'],
        stages: ['received'],
        observe: { backlog: 'MESSAGES', backlog_oldest: 'oldest' },
      },
    });

    const observations = await collect('waiting');

    expect(lines(observations)).toEqual([
      'flow_backlog_messages{flow=factures-tge,partner=chuv,stage=received} 2',
      'flow_backlog_messages{flow=factures-tge,partner=hug,stage=received} 0',
      `flow_backlog_oldest_timestamp_seconds{flow=factures-tge,partner=chuv,stage=received} ${Date.UTC(2026, 2, 29, 1, 30) / 1000}`,
      'flow_backlog_oldest_timestamp_seconds{flow=factures-tge,partner=hug,stage=received} 0',
    ]);
    expect(undeclared).toEqual(['flow=inconnu']);
  });

  test.each([
    ['9223372036854775807::bigint', 2 ** 63],
    ['12345678901234567890.5::numeric', Number('12345678901234567890.5')],
    ["'NaN'::numeric", NaN],
    ["'-infinity'::float8", -Infinity],
    ['true', 1],
    ["TIMESTAMPTZ '2026-03-02 09:00:00.25+01'", Date.UTC(2026, 2, 2, 8) / 1000 + 0.25],
    ["TIMESTAMPTZ '0044-03-15 00:00:00+00' AT TIME ZONE 'UTC' AT TIME ZONE 'UTC'", Date.parse('0044-03-15T00:00:00Z') / 1000],
  ])('reads %s', async (expression, value) => {
    const { collect } = await source({ one: single(`SELECT ${expression} AS value`) });

    const observations = await collect('one');

    expect(valueOf(observations, 'exchange_value')).toBe(value);
  });

  test.each([
    [
      "TIMESTAMP '2026-03-02 09:00:00'",
      /column "value" holds a time without zone, no number; say timezone: <zone> in the YAML, or give it one: .*AT TIME ZONE/,
    ],
    ["DATE '2026-03-02'", /holds a time without zone/],
    ["'Jeanne Martin'", /column "value" holds text, no number$/],
    ["INTERVAL '1 hour'", /holds text/],
  ])('refuses %s without showing it', async (expression, message) => {
    const { fail } = await source({ one: single(`SELECT ${expression} AS value`) });

    const error = await fail('one');

    expect(error).toMatchObject({ phase: 'query', errorClass: 'schema' });
    expect(error.message).toMatch(message);
    expect(error.message).not.toMatch(/Martin|2026/);
  });

  test.each([
    ['SELECT value FROM nowhere', 'schema', /^query wrong: relation "nowhere" does not exist/],
    ['SELECT absent AS value FROM pending', 'schema', /column "absent" does not exist/],
    ['SELECT name AS value FROM payroll', 'permission', /permission denied for table payroll/],
    ['SELECT FROM WHERE', 'syntax', /syntax error/],
    ['SELECT 1 AS value; SELECT 2 AS value', 'syntax', /multiple commands/],
    ['INSERT INTO pending VALUES (1)', 'syntax', /syntax error/],
    ["SELECT CAST(name AS int) AS value FROM (VALUES ('Jeanne Martin')) AS t (name)", 'schema', /could not compute with a value/],
    ["SELECT set_config('default_transaction_read_only', 'off', false) AS value", 'schema', /holds text/],
  ])('tells what is wrong with %s', async (sql, errorClass, message) => {
    const { collect, fail } = await source({ wrong: single(sql), right: single('SELECT 1 AS value') });

    const error = await fail('wrong');
    const after = await collect('right');

    expect(error).toMatchObject({ phase: 'query', errorClass });
    expect(error.message).toMatch(message);
    expect(error.message).not.toMatch(/Martin/);
    expect(valueOf(after, 'exchange_value')).toBe(1);
  });

  test('cannot write, even where the login could', async () => {
    const { collect, fail } = await source({
      sly: single("SELECT write_pending() AS value, set_config('transaction_read_only', 'off', false)"),
      write: single('SELECT write_pending() AS value'),
      setting: single("SELECT (current_setting('default_transaction_read_only') = 'on') AS value"),
    });

    const errors = [await fail('write'), await fail('sly')];
    const setting = await collect('setting');

    expect(errors.map(({ errorClass }) => errorClass)).toEqual(['permission', 'permission']);
    expect(errors[0]?.message).toMatch(/tries to write/);
    expect(valueOf(setting, 'exchange_value')).toBe(1);
    expect(await server.admin("SELECT 1 FROM pending WHERE flow = 'x'")).toEqual([]);
  });

  test('uses one connection for all queries and runs', async () => {
    const { collect } = await source({
      one: single('SELECT pg_backend_pid() AS value'),
      two: single('SELECT pg_backend_pid() AS value'),
      three: single('SELECT pg_backend_pid() AS value'),
    });

    const runs = await Promise.all(['one', 'two', 'three', 'one', 'two', 'three'].map((query) => collect(query)));

    expect(new Set(runs.map((observations) => valueOf(observations, 'exchange_value'))).size).toBe(1);
    // Those of the test before may still be going.
    await until(async () => (await sessions()) === 1);
  });

  test('wrong password: says so without showing it, and takes a corrected one without a restart', async () => {
    const { collect, fail, setSecret } = await source({ one: single('SELECT 1 AS value') });
    setSecret('quite-wrong-secret');

    const error = await fail('one');
    setSecret(PASSWORD);
    const observations = await collect('one');

    expect(error).toMatchObject({ phase: 'login', errorClass: 'auth' });
    expect(JSON.stringify([error.message, error.stack, error.cause])).not.toMatch(/quite-wrong-secret/);
    expect(valueOf(observations, 'exchange_value')).toBe(1);
  });

  test('no such database, no such user', async () => {
    const database = await (await source({ one: single('SELECT 1 AS value') }, { database: 'absent' })).fail('one');
    await harness?.close();
    const user = await (await source({ one: single('SELECT 1 AS value') }, { user: 'absent' })).fail('one');

    expect(database).toMatchObject({ phase: 'login', errorClass: 'not_found' });
    expect(user).toMatchObject({ phase: 'login', errorClass: 'auth' });
  });

  test('a name that does not resolve', async () => {
    const { fail } = await source({ one: single('SELECT 1 AS value') }, { server: 'db.invalid', tls: false });

    expect(await fail('one')).toMatchObject({ phase: 'connect', errorClass: 'dns' });
  });

  test('a hung query ends at its time-out, on the server too, while the others go on over the same connection', async () => {
    const { collect, fail } = await source({
      hung: { ...single('SELECT 1 AS value FROM pg_sleep(60)'), timeout: '500ms' },
      pid: single('SELECT pg_backend_pid() AS value'),
    });
    const before = valueOf(await collect('pid'), 'exchange_value');
    const startedAt = performance.now();

    const [error, observations] = await Promise.all([fail('hung'), collect('pid')]);
    const tookMs = performance.now() - startedAt;

    expect(error).toMatchObject({ phase: 'query', errorClass: 'timeout' });
    expect(valueOf(observations, 'exchange_value')).toBe(before);
    expect(tookMs).toBeLessThan(2000);
    expect(
      await server.admin(
        "SELECT pid FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)%' AND state <> 'idle' AND pid <> pg_backend_pid()",
      ),
    ).toEqual([]);
  });

  test('an abort cancels the query on the server and keeps the connection', async () => {
    const { collect, fail } = await source({
      hung: single('SELECT 1 AS value FROM pg_sleep(61)'),
      pid: single('SELECT pg_backend_pid() AS value'),
    });
    const before = valueOf(await collect('pid'), 'exchange_value');
    const stop = new AbortController();
    const failing = fail('hung', stop.signal);
    await until(
      async () => (await server.admin("SELECT 1 FROM pg_stat_activity WHERE query LIKE 'FETCH%' AND state = 'active'")).length > 0,
    );

    stop.abort();
    await failing;
    const observations = await collect('pid');

    expect(valueOf(observations, 'exchange_value')).toBe(before);
    expect(await server.admin("SELECT 1 FROM pg_stat_activity WHERE query LIKE 'FETCH%' AND state = 'active'")).toEqual([]);
    // Those of the test before may still be going.
    await until(async () => (await sessions()) === 1);
  });

  test('a connection that an administrator ends is lost once, and replaced in the next run', async () => {
    const { collect, fail } = await source({ hung: single('SELECT 1 AS value FROM pg_sleep(62)'), one: single('SELECT 1 AS value') });
    const failing = fail('hung');
    await until(async () => {
      const rows = await server.admin(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'FETCH%' AND state = 'active'",
      );
      return rows.length > 0;
    });

    const error = await failing;
    const observations = await collect('one');

    expect(error).toMatchObject({ phase: 'query', errorClass: 'lost' });
    expect(valueOf(observations, 'exchange_value')).toBe(1);
  });

  test('a server that stops is refused, and found again by itself when it is back', async () => {
    const { collect, fail } = await source({ one: single('SELECT 1 AS value') });
    await collect('one');

    await server.stop();
    const error = await fail('one');
    await server.start();
    const observations = await collect('one');

    expect(error).toMatchObject({ phase: 'connect', errorClass: 'refused' });
    expect(error.message).toBe(`127.0.0.1:${server.port}: nothing listens there, or a firewall refuses`);
    expect(valueOf(observations, 'exchange_value')).toBe(1);
  }, 30_000);

  test('a table that somebody has locked is told from a slow query, and keeps no other query waiting for long', async () => {
    const { collect, fail } = await source(
      { locked: single('SELECT COUNT(*) AS value FROM pending'), one: single('SELECT 1 AS value') },
      {},
      600,
    );
    await collect('locked');
    const locking = server.admin('BEGIN; LOCK TABLE pending IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(3); COMMIT');
    await until(async () => {
      const [row] = await server.admin(`SELECT COUNT(*)::int AS n FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND granted`);
      return Number(row?.['n']) > 0;
    });

    const error = await fail('locked');
    const neighbour = await collect('one');
    await locking;

    expect(error).toMatchObject({ phase: 'query', errorClass: 'timeout' });
    expect(error.message).toBe('query locked: a table stayed locked by somebody else (SQLSTATE 55P03)');
    expect(valueOf(neighbour, 'exchange_value')).toBe(1);
  });

  test('a server that stops in mid-query is lost', async () => {
    const { collect, fail } = await source({ hung: single('SELECT 1 AS value FROM pg_sleep(63)'), one: single('SELECT 1 AS value') });
    const failing = fail('hung');
    await until(
      async () => (await server.admin("SELECT 1 FROM pg_stat_activity WHERE query LIKE 'FETCH%' AND state = 'active'")).length > 0,
    );

    await server.stop();
    const error = await failing;
    await server.start();
    const observations = await collect('one');

    expect(error).toMatchObject({ phase: 'query', errorClass: 'lost' });
    expect(valueOf(observations, 'exchange_value')).toBe(1);
  }, 30_000);

  test('is reached over a Unix socket too', async () => {
    const { collect } = await source({ one: single('SELECT (inet_client_addr() IS NULL) AS value') }, { server: server.socketFolder });

    expect(valueOf(await collect('one'), 'exchange_value')).toBe(1);
  });

  test('a server that accepts and never answers is bounded by the time-out', async () => {
    const silent = createServer(() => {}).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { fail } = await source({ one: single('SELECT 1 AS value') }, { port: portOf(silent) }, 300);
    const startedAt = performance.now();

    const error = await fail('one');
    silent.close();

    expect(error).toMatchObject({ phase: 'connect', errorClass: 'timeout', message: 'no connection within 300ms' });
    expect(performance.now() - startedAt).toBeLessThan(1500);
  });

  test('encrypts, and checks certificate and name', async () => {
    const encrypted = single('SELECT ssl AS value FROM pg_stat_ssl WHERE pid = pg_backend_pid()');
    const trusted = await (await source({ encrypted }, { tls: { ca, server_name: 'db.example.org' } })).collect('encrypted');
    await harness?.close();
    const wrongName = await (await source({ encrypted }, { tls: { ca } })).fail('encrypted');
    await harness?.close();
    const untrusted = await (await source({ encrypted }, { tls: true })).fail('encrypted');
    await harness?.close();
    const plain = await (await source({ encrypted })).collect('encrypted');

    expect(valueOf(trusted, 'exchange_value')).toBe(1);
    expect(wrongName).toMatchObject({ phase: 'connect', errorClass: 'tls' });
    expect(untrusted).toMatchObject({ phase: 'connect', errorClass: 'tls' });
    expect(valueOf(plain, 'exchange_value')).toBe(0);
  });

  test('GM7: a connection that leads nowhere any more is given up at the time-out and replaced', async () => {
    const proxy = await startTcpProxy(server.port);
    const { collect, fail } = await source({ pid: single('SELECT pg_backend_pid() AS value') }, { port: proxy.port }, 400);
    const before = valueOf(await collect('pid'), 'exchange_value');
    proxy.freeze();
    const startedAt = performance.now();

    const error = await fail('pid');
    const tookMs = performance.now() - startedAt;
    proxy.thaw();
    const after = valueOf(await collect('pid'), 'exchange_value');
    await proxy.close();

    expect(error).toMatchObject({ phase: 'query', errorClass: 'timeout' });
    expect(tookMs).toBeLessThan(1000);
    expect(after).not.toBe(before);
  });

  test('GM7: an answer that stops on its way is given up too', async () => {
    const proxy = await startTcpProxy(server.port);
    const connection = await connected({ port: proxy.port });
    const aborting = new AbortController();
    const reading = failure(read(connection, 'SELECT pg_sleep(0.3)', { signal: aborting.signal }));
    await until(
      async () => (await server.admin("SELECT 1 FROM pg_stat_activity WHERE query LIKE 'FETCH%' AND state = 'active'")).length > 0,
    );
    proxy.freeze();

    aborting.abort();
    const error = await reading;
    await proxy.close();

    expect(error).toMatchObject({ phase: 'query', errorClass: 'lost' });
    expect(connection.usable).toBe(false);
  });

  test('GM6: a column that was renamed and a right that was revoked fail while the others go on, over the same connection', async () => {
    await server.admin('CREATE TABLE changing (arrived int); GRANT SELECT ON changing TO vigie');
    const connection = await connected();
    const before = await read(connection, 'SELECT arrived FROM changing');

    await server.admin('ALTER TABLE changing RENAME arrived TO received_at');
    const renamed = await failure(read(connection, 'SELECT arrived FROM changing'));
    await server.admin('REVOKE SELECT ON changing FROM vigie');
    const revoked = await failure(read(connection, 'SELECT received_at FROM changing'));
    const after = await read(connection, 'SELECT 1');

    expect(before.columns).toEqual(['arrived']);
    expect(renamed).toMatchObject({ phase: 'query', errorClass: 'schema', message: 'column "arrived" does not exist (SQLSTATE 42703)' });
    expect(revoked).toMatchObject({ errorClass: 'permission', message: 'permission denied for table changing (SQLSTATE 42501)' });
    expect(after.rows).toEqual([[1]]);
  });

  test.each([
    ['WITH gone AS (DELETE FROM pending RETURNING flow) SELECT * FROM gone', 'syntax', /one SELECT that only reads/],
    ['SELECT * INTO copy FROM pending', 'syntax', /INTO is not allowed here/],
    ['SELECT flow FROM pending FOR UPDATE', 'permission', /permission denied|read-only/],
    ['SELECT (SELECT flow FROM pending)', 'schema', /more rows or columns/],
    ["SELECT lo_import('/etc/passwd')", 'permission', /permission denied/],
  ] as const)('GM7: refuses %s and says why', async (sql, errorClass, message) => {
    const connection = await connected();

    const error = await failure(read(connection, sql));
    const after = await read(connection, 'SELECT 1');

    expect(error).toMatchObject({ phase: 'query', errorClass });
    expect(error.message).toMatch(message);
    expect(after.rows).toEqual([[1]]);
  });

  test('GM7: takes back what a server lets through in a read-only transaction', async () => {
    const connection = await connected();

    // Refused since PostgreSQL 16.
    await read(connection, 'SELECT lo_create(4711)').catch(() => {});
    await read(connection, 'SELECT 1');

    expect(await server.admin('SELECT oid FROM pg_largeobject_metadata')).toEqual([]);
  });

  test('tells what answers, where, and how long each step of connecting took', async () => {
    const byAddress = await connected({ tls: { ca, server_name: 'db.example.org' } });
    const byName = await connected({ server: 'localhost' });
    const bySocket = await connected({ server: server.socketFolder });

    expect(byAddress.product).toMatch(/^PostgreSQL \d+\.\d+$/);
    expect([byAddress, byName, bySocket].map(({ address }) => address)).toEqual([
      `127.0.0.1:${server.port}`,
      `localhost:${server.port}`,
      server.socketFolder,
    ]);
    expect([byAddress, byName, bySocket].map(({ phases }) => Object.keys(phases))).toEqual([
      ['connect', 'tls', 'login'],
      ['dns', 'connect', 'login'],
      ['connect', 'login'],
    ]);
    for (const ms of Object.values({ ...byName.phases, ...byAddress.phases })) expect(ms).toBeGreaterThan(0);
  });

  test('knows of a lost encrypted connection before it is used again', async () => {
    const connection = await connected({ tls: { ca, server_name: 'db.example.org' } });
    const { rows } = await read(connection, 'SELECT pg_backend_pid()');

    await server.admin('SELECT pg_terminate_backend($1)', [rows[0]?.[0]]);

    await until(() => !connection.usable);
    expect(await failure(read(connection, 'SELECT 1'))).toMatchObject({ phase: 'query', errorClass: 'lost' });
  });

  test('an answer that nobody waits for keeps no transaction open', async () => {
    const connection = await connected();
    await read(connection, 'SELECT 1');

    const [pid] = (await read(connection, 'SELECT pg_backend_pid()')).rows[0] ?? [];

    await until(async () => {
      const [row] = await server.admin('SELECT state FROM pg_stat_activity WHERE pid = $1', [pid]);
      return row?.['state'] === 'idle';
    });
  });

  test('GM7: role and rights are asked for under the same limits as a query', async () => {
    const connection = await connected();
    const stopped = AbortSignal.abort();

    const errors = await Promise.allSettled([
      connection.state({ ...LIMITS, signal: stopped }),
      connection.excessRights({ ...LIMITS, signal: stopped }),
    ]);
    const rights = await failure(connection.excessRights({ ...LIMITS, timeoutMs: 1 }));
    const after = await connection.state(LIMITS);

    expect(errors.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(rights).toMatchObject({ errorClass: 'timeout' });
    expect(after).toEqual({ role: 'primary' });
  });

  test('closing leaves no session behind', async () => {
    const { collect, close } = await source({ one: single('SELECT 1 AS value') });
    await collect('one');

    await close();

    await until(async () => (await sessions()) === 0);
  });
});
