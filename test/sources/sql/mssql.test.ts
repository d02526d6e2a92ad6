// Driver mssql on a double that speaks TDS on a socket: what it reads, what it refuses, how it recovers.

import { createServer } from 'node:net';
import { once } from 'node:events';
import { inspect } from 'node:util';
import { PRODUCT_SQL } from '../../../src/sources/sql/drivers/mssql-state.js';
import { portOf } from '../../port.js';
import { until } from '../../wait.js';
import type { Column } from '../../servers/tds/server.js';
import { lines, valueOf } from './harness.js';
import { createWorld, PASSWORD, single, USER, values, type World } from './mssql-double.js';

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

/** All that an error says, also where no person looks. */
function everything(error: Error): string {
  return inspect(error, { showHidden: true, depth: 10 });
}

const pending: Column[] = [
  { name: 'FLOW', type: 'nvarchar' },
  { name: 'partner', type: 'varchar' },
  { name: 'stage', type: 'char' },
  { name: 'messages', type: 'int' },
  { name: 'Oldest', type: 'datetimeoffset' },
];

describe('driver mssql reads', () => {
  test('GM6: rows into signals, times with their zone into Unix seconds', async () => {
    const { harness, server } = await world.open({
      queries: {
        waiting: {
          sql: 'SELECT waiting',
          flows: ['factures-tge'],
          stages: ['received'],
          observe: { backlog: 'MESSAGES', backlog_oldest: 'oldest' },
        },
      },
      answers: {
        'SELECT waiting': {
          columns: pending,
          rows: [
            ['factures-tge', 'chuv', 'received', 2, '2026-03-29T03:30:00+02:00'],
            ['inconnu', 'chuv', 'received', 1, '2026-03-29T03:00:00+02:00'],
          ],
        },
      },
    });

    const observations = await harness.collect('waiting');

    expect(lines(observations)).toEqual([
      'flow_backlog_messages{flow=factures-tge,partner=chuv,stage=received} 2',
      'flow_backlog_messages{flow=factures-tge,partner=hug,stage=received} 0',
      `flow_backlog_oldest_timestamp_seconds{flow=factures-tge,partner=chuv,stage=received} ${Date.UTC(2026, 2, 29, 1, 30) / 1000}`,
      'flow_backlog_oldest_timestamp_seconds{flow=factures-tge,partner=hug,stage=received} 0',
    ]);
    expect(harness.undeclared).toEqual(['flow=inconnu']);
    expect(server.failures).toEqual([]);
  });

  test.each([
    ['int', -7, -7],
    ['bigint', 9_223_372_036_854_775_807n, 2 ** 63],
    ['bit', true, 1],
    ['float', 0.1, 0.1],
    ['decimal(10,2)', '-12.34', -12.34],
    ['varchar', '42', 42],
    ['datetimeoffset', '2026-03-02T09:00:00.250+01:00', Date.UTC(2026, 2, 2, 8) / 1000 + 0.25],
  ] as const)('%s %s', async (type, cell, number) => {
    const { harness } = await world.open({ answers: { 'SELECT 1': values(type, cell) } });

    const observations = await harness.collect('one');

    expect(valueOf(observations, 'exchange_value')).toBe(number);
  });

  test('a decimal of more digits than a double holds, to the last place but one', async () => {
    const { harness } = await world.open({ answers: { 'SELECT 1': values('decimal(38,1)', '12345678901234567890.5') } });

    const value = valueOf(await harness.collect('one'), 'exchange_value');

    expect(Math.abs(value / Number('12345678901234567890.5') - 1)).toBeLessThan(2 * Number.EPSILON);
  });

  test.each([
    [
      'datetime2',
      '2026-03-02T09:00:00',
      /column "value" holds a time without zone, no number; say timezone: <zone> in the YAML, or give it one: DATEDIFF_BIG/,
    ],
    ['datetime', '2026-03-02T09:00:00', /a time without zone/],
    ['date', '2026-03-02', /a time without zone/],
    ['nvarchar', 'Jeanne Martin', /column "value" holds text, no number$/],
    ['varbinary', 'Jeanne Martin', /holds binary data/],
  ] as const)('refuses %s without showing it', async (type, cell, message) => {
    const { harness } = await world.open({ answers: { 'SELECT 1': values(type, cell) } });

    const error = await harness.fail('one');

    expect(error).toMatchObject({ phase: 'query', errorClass: 'schema' });
    expect(error.message).toMatch(message);
    expect(error.message).not.toMatch(/Martin|2026/);
  });

  test('NULL of every type as no value', async () => {
    const types = [
      'int',
      'bigint',
      'bit',
      'float',
      'decimal(10,2)',
      'nvarchar',
      'datetime2',
      'datetimeoffset',
      'datetime',
      'date',
    ] as const;
    const columns = types.map((type, place) => ({ name: `c${place}`, type }));
    const { harness } = await world.open({
      queries: {
        one: { sql: 'SELECT 1', metrics: columns.map(({ name }) => ({ name: `exchange_${name}`, help: 'A value.', value: name })) },
      },
      answers: { 'SELECT 1': { columns, rows: [types.map(() => null)] } },
    });

    const observations = await harness.collect('one');

    expect(observations).toEqual([]);
  });

  test('columns of the same name in their order, so that the one that is meant must be told apart', async () => {
    const { harness } = await world.open({
      queries: {
        other: { sql: 'SELECT 1', metrics: [{ name: 'exchange_other', help: 'A value.', value: 'other' }] },
        same: single('SELECT 1'),
      },
      answers: {
        'SELECT 1': {
          columns: [
            { name: 'value', type: 'int' },
            { name: 'VALUE', type: 'int' },
            { name: 'other', type: 'int' },
          ],
          rows: [[1, 2, 3]],
        },
      },
    });

    const observations = await harness.collect('other');
    const error = await harness.fail('same');

    expect(valueOf(observations, 'exchange_other')).toBe(3);
    expect(error.message).toMatch(/several columns "value"/);
  });

  test('GM6: rows that never end are counted until the time is nearly over; then the server is told to stop', async () => {
    const { harness, server } = await world.open({
      queries: { many: { ...single('SELECT many'), max_rows: 100, duplicates: 'max', timeout: '1s' }, one: single('SELECT 1') },
      options: { onQuery: (sql) => (sql === 'SELECT many' ? { columns: values('int').columns, rows: endless() } : values('int', 1)) },
    });

    await harness.collect('many');
    const observations = await harness.collect('one');

    expect(valueOf(harness.counted('many'), 'vigie_sql_rows_total')).toBe(100);
    expect(valueOf(harness.counted('many'), 'vigie_sql_rows_dropped_total')).toBeGreaterThan(1000);
    expect(server.attentions).toHaveLength(1);
    expect(valueOf(observations, 'exchange_value')).toBe(1);
    expect(server.logins).toHaveLength(2);
  });
});

function* endless(): Generator<readonly number[]> {
  for (let number = 0; ; number++) yield [number];
}

describe('driver mssql treats the server gently', () => {
  test('a login says who it is and that it only reads; all runs in a transaction that is rolled back', async () => {
    const { harness, server } = await world.open({});

    await harness.collect('one');

    expect(server.logins.at(-1)).toMatchObject({
      user: USER,
      password: PASSWORD,
      application: 'vigie/exchange-db',
      database: 'exchange',
      readOnlyIntent: true,
      encryption: 'tls',
    });
    const requests = server.requests.filter(({ sql }) => !sql.startsWith('set ')).map(({ kind, sql }) => `${kind} ${sql}`.trim());
    expect(requests.slice(0, 6)).toEqual([
      'batch SET DEADLOCK_PRIORITY LOW',
      `batch ${PRODUCT_SQL}`,
      'begin',
      expect.stringMatching(/^batch SET LOCK_TIMEOUT 3\d\d\d$/),
      'rpc SELECT 1',
      'rollback',
    ]);
    // Then what the login could change is asked, within a transaction too.
    expect(requests.slice(6, 8)).toEqual(['begin', 'batch SET LOCK_TIMEOUT 950']);
    expect(requests.at(-1)).toBe('rollback');
  });

  test.each([
    [{ database: undefined }, false],
    [{ application_intent: 'readwrite' }, false],
    [{ database: undefined, application_intent: 'readonly' }, true],
  ] as const)('read-only intent with %j: %s', async (connection, readOnlyIntent) => {
    const { harness, server } = await world.open({ connection });

    await harness.collect('one');

    expect(server.logins.at(-1)?.readOnlyIntent).toBe(readOnlyIntent);
  });

  test('one connection for all queries and runs; the library logs in once more, before, to try', async () => {
    const { harness, server } = await world.open({
      queries: { one: single('SELECT 1'), two: single('SELECT 2'), three: single('SELECT 3') },
    });

    await Promise.all(['one', 'two', 'three', 'one', 'two', 'three'].map((query) => harness.collect(query)));

    expect(server.logins).toHaveLength(2);
    expect(server.open).toBe(1);
    expect(new Set(server.requests.filter(({ kind }) => kind === 'rpc').map(({ session }) => session)).size).toBe(1);
  });

  test('follows a listener that sends read-only sessions to a replica', async () => {
    const replica = await world.server({ onQuery: () => values('int', 2) });
    const { harness } = await world.open({
      options: { onLogin: ({ readOnlyIntent }) => (readOnlyIntent ? { host: replica.host, port: replica.port } : undefined) },
    });

    const observations = await harness.collect('one');

    expect(valueOf(observations, 'exchange_value')).toBe(2);
  });

  test.each([
    ['SELECT 1 AS value DELETE FROM pending', /the statement holds DELETE: SQL Server has no read-only sessions/],
    ['SELECT 1 AS value COMMIT', /holds COMMIT/],
    ['SELECT value INTO copy FROM pending', /holds INTO/],
    ['SELECT $a$ AS value; EXEC sp_who --$a$', /holds EXEC/],
    ['SELECT 1 AS value FROM pending WITH (UPDLOCK)', /holds UPDLOCK/],
    ['sp_who', /is no SELECT/],
    ['SELECT 1 AS value; SELECT 2 AS value', /holds several statements/],
    ["SELECT * FROM OPENQUERY(other, 'x')", /holds OPENQUERY/],
    ['SELECT NEXT VALUE FOR numbers AS value', /holds NEXT VALUE FOR/],
    ['SELECT NEXT /* x */ VALUE FOR numbers AS value', /holds NEXT\s+VALUE FOR/],
    ['/* /* */ UPDATE pending */ SELECT 1 AS value', /holds UPDATE/],
  ])('never sends %s', async (sql, message) => {
    const { harness, server } = await world.open({ queries: { sly: single(sql) } });

    const error = await harness.fail('sly');

    expect(error).toMatchObject({ phase: 'query', errorClass: 'permission' });
    expect(error.message).toMatch(message);
    expect(server.requests.filter(({ kind }) => kind === 'rpc')).toEqual([]);
  });

  test.each([
    ";WITH t AS (SELECT 'DROP; it''s' AS [update]) SELECT 1 AS value FROM t -- DELETE\n;",
    'SELECT t.id AS value, insert_time, [set], "delete" FROM #update t INNER MERGE JOIN u ON u.id = t.id OPTION (USE HINT (\'X\'))',
    'SELECT id AS value FROM t ORDER BY id OFFSET 0 ROWS FETCH NEXT 1 ROWS ONLY /* ; EXEC */',
  ])('sends %s', async (sql) => {
    const { harness, server } = await world.open({ queries: { good: single(sql) } });

    const observations = await harness.collect('good');

    expect(valueOf(observations, 'exchange_value')).toBe(1);
    expect(server.requests.filter(({ kind }) => kind === 'rpc')).toEqual([expect.objectContaining({ sql })]);
  });
});

describe('driver mssql tells what is wrong', () => {
  test.each([
    [208, "Invalid object name 'nowhere'.", 'schema', "query wrong: Invalid object name 'nowhere'. (error 208)"],
    [207, "Invalid column name 'absent'.", 'schema', /Invalid column name 'absent'/],
    [2812, "Could not find stored procedure 'x'.", 'schema', /Could not find/],
    [229, "The SELECT permission was denied on the object 'payroll'.", 'permission', /permission was denied/],
    [230, "The SELECT permission was denied on the column 'name'.", 'permission', /permission was denied/],
    [262, 'SHOWPLAN permission denied.', 'permission', /permission denied/],
    [102, "Incorrect syntax near 'FROM'.", 'syntax', /Incorrect syntax/],
    [156, "Incorrect syntax near the keyword 'WHERE'.", 'syntax', /keyword 'WHERE'/],
    [105, "Unclosed quotation mark after 'Jeanne Martin'.", 'syntax', /a quotation mark is not closed/],
    [1222, 'Lock request time out period exceeded.', 'timeout', /a table stayed locked by somebody else/],
    [3980, 'The request failed to run because the batch is aborted.', 'timeout', /was cancelled/],
    [245, "Conversion failed when converting 'Jeanne Martin' to int.", 'schema', /could not compute with a value/],
    [50_000, 'Jeanne Martin is missing', 'schema', /the server could not run the query \(error 50000\)$/],
  ])('error %i', async (number, message, errorClass, shown) => {
    const { harness } = await world.open({
      queries: { wrong: single('SELECT wrong'), right: single('SELECT 1') },
      answers: { 'SELECT wrong': { number, message } },
    });

    const error = await harness.fail('wrong');
    const after = await harness.collect('right');

    expect(error).toMatchObject({ phase: 'query', errorClass });
    if (typeof shown === 'string') expect(error.message).toBe(shown);
    else expect(error.message).toMatch(shown);
    expect(error.message).not.toMatch(/Martin/);
    expect(valueOf(after, 'exchange_value')).toBe(1);
  });

  test.each([
    [14, 'permission'],
    [15, 'syntax'],
    [17, 'internal'],
    [20, 'lost'],
  ])('an unknown error of severity %i is of class %s', async (severity, errorClass) => {
    const { harness } = await world.open({ answers: { 'SELECT 1': { number: 99_999, message: 'x', severity } } });

    expect(await harness.fail('one')).toMatchObject({ errorClass });
  });

  test('a deadlock takes the transaction with it, and nothing else', async () => {
    const { harness, server } = await world.open({
      queries: { victim: single('SELECT victim'), one: single('SELECT 1') },
      answers: { 'SELECT victim': { number: 1205, message: 'deadlock victim', severity: 13, rollsBack: true } },
    });

    const error = await harness.fail('victim');
    const observations = await harness.collect('one');

    expect(error).toMatchObject({ phase: 'query', errorClass: 'deadlock' });
    expect(valueOf(observations, 'exchange_value')).toBe(1);
    expect(server.logins).toHaveLength(2);
  });

  test('wrong password: says so without showing it, and takes a corrected one without a restart', async () => {
    const { harness, server } = await world.open({});
    harness.setSecret('quite-wrong-secret');

    const error = await harness.fail('one');
    harness.setSecret(PASSWORD);
    const observations = await harness.collect('one');

    expect(error).toMatchObject({ phase: 'login', errorClass: 'auth' });
    expect(error.message).toMatch(/user, password or domain is wrong \(error 18456\)$/);
    expect(server.logins[0]?.password).toBe('quite-wrong-secret');
    expect(everything(error)).not.toMatch(/quite-wrong-secret/);
    expect(valueOf(observations, 'exchange_value')).toBe(1);
  });

  test.each([
    [4060, 11, 'not_found', /the database does not exist, or the login may not open it/],
    [18_488, 14, 'auth', /must be changed/],
    [916, 14, 'permission', /may not open the database/],
    [979, 14, 'refused', /application_intent: readwrite/],
    [40_615, 14, 'refused', /firewall/],
  ])('a login that ends in error %i', async (number, severity, errorClass, message) => {
    const { harness, server } = await world.open({ options: { onLogin: () => ({ number, message: 'x', severity }) } });

    const error = await harness.fail('one');

    expect(error).toMatchObject({ phase: 'login', errorClass });
    expect(error.message).toMatch(message);
    expect(server.logins).toHaveLength(1);
  });

  test('a name that does not resolve, a port where nothing listens', async () => {
    const server = await world.server();
    const name = await (await world.source(server, { connection: { server: 'db.invalid' } })).fail('one');
    await server.close();
    const port = await (await world.source(server, {})).fail('one');

    expect(name).toMatchObject({ phase: 'connect', errorClass: 'dns' });
    expect(port).toMatchObject({ phase: 'connect', errorClass: 'refused' });
  });
});

describe('driver mssql survives', () => {
  test('a hang after the first rows: our time-out ends it, the server is told, the connection stays', async () => {
    const { harness, server } = await world.open({
      queries: { hung: { ...single('SELECT hung'), timeout: '500ms' }, one: single('SELECT 1') },
      answers: { 'SELECT hung': [values('int', 1, 2), 'hang'] },
    });
    await harness.collect('one');
    const startedAt = performance.now();

    const [error, observations] = await Promise.all([harness.fail('hung'), harness.collect('one')]);
    const tookMs = performance.now() - startedAt;

    expect(error).toMatchObject({ phase: 'query', errorClass: 'timeout' });
    expect(valueOf(observations, 'exchange_value')).toBe(1);
    expect(tookMs).toBeLessThan(1500);
    expect(server.attentions).toHaveLength(1);
    expect(server.logins).toHaveLength(2);
  });

  test('a hang before the first packet', async () => {
    const { harness, server } = await world.open({
      queries: { hung: { ...single('SELECT hung'), timeout: '300ms' }, one: single('SELECT 1') },
      answers: { 'SELECT hung': 'hang' },
    });

    const error = await harness.fail('hung');
    const observations = await harness.collect('one');

    expect(error).toMatchObject({ phase: 'query', errorClass: 'timeout' });
    expect(valueOf(observations, 'exchange_value')).toBe(1);
    expect(server.attentions).toHaveLength(1);
    expect(server.logins).toHaveLength(2);
  });

  test('a server that does not let go: the connection is cut and replaced', async () => {
    const { harness, server } = await world.open({
      queries: { hung: { ...single('SELECT hung'), timeout: '300ms' }, one: single('SELECT 1') },
      answers: { 'SELECT hung': [values('int', 1), 'hang'] },
      options: { ignoreAttention: true },
    });

    const [error, observations] = await Promise.all([harness.fail('hung'), harness.collect('one')]);

    expect(error).toMatchObject({ phase: 'query', errorClass: 'timeout' });
    expect(valueOf(observations, 'exchange_value')).toBe(1);
    expect(server.attentions).toHaveLength(1);
    expect(server.open).toBe(1);
  });

  test('a connection lost in the middle of a row set is lost once, and the secret is read again for the next', async () => {
    let password = PASSWORD;
    const { harness, server } = await world.open({
      queries: { lost: single('SELECT lost'), one: single('SELECT 1') },
      answers: { 'SELECT lost': [values('int', 1, 2), 'drop'] },
      options: { password: () => password },
    });

    const error = await harness.fail('lost');
    password = 'rotated';
    harness.setSecret('rotated');
    const observations = await harness.collect('one');

    expect(error).toMatchObject({ phase: 'query', errorClass: 'lost' });
    expect(valueOf(observations, 'exchange_value')).toBe(1);
    expect(server.logins.map((login) => login.password)).toEqual([PASSWORD, PASSWORD, 'rotated', 'rotated']);
  });

  test('an idle connection that an administrator ends: the next run has a new one, with the secret of that moment', async () => {
    let password = PASSWORD;
    const { harness, server } = await world.open({ options: { password: () => password } });
    await harness.collect('one');

    server.kill();
    await until(() => server.open === 0);
    password = 'rotated';
    harness.setSecret('rotated');
    const observations = await harness.collect('one').catch(() => harness.collect('one'));

    expect(valueOf(observations, 'exchange_value')).toBe(1);
    expect(server.logins.slice(2).map((login) => login.password)).toEqual(['rotated', 'rotated']);
  });

  test('a server that accepts and never answers is bounded by the time-out', async () => {
    const { harness, server } = await world.open({ options: { silent: true }, timeout: 300 });
    const startedAt = performance.now();

    const error = await harness.fail('one');

    expect(error).toMatchObject({ phase: 'connect', errorClass: 'timeout', message: 'no connection within 300ms' });
    expect(performance.now() - startedAt).toBeLessThan(1500);
    await until(() => server.open === 0);
  });

  test('a stop while connecting leaves nothing behind', async () => {
    const { harness, server } = await world.open({ options: { silent: true } });
    const failing = harness.fail('one');
    await until(() => server.open === 1);

    await harness.close();
    await failing;

    await until(() => server.open === 0);
  });

  test('what answers is something else', async () => {
    const other = createServer((socket) => void socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))).listen(
      0,
      '127.0.0.1',
    );
    await once(other, 'listening');
    const { harness } = await world.open({ connection: { port: portOf(other) }, timeout: 1000 });

    const error = await harness.fail('one');
    other.close();

    expect(error.phase).toBe('connect');
    expect(['lost', 'protocol', 'timeout']).toContain(error.errorClass);
  });
});
