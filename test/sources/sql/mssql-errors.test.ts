// Driver mssql, how it fails: what the errors are called, what they never show, and whether the connection is of use afterwards.

import { inspect } from 'node:util';
import { mssqlError } from '../../../src/sources/sql/drivers/mssql-errors.js';
import { SourceError } from '../../../src/sources/kind.js';
import type { Connection, QueryLimits, Statement } from '../../../src/sources/sql/driver.js';
import type { Answer } from '../../servers/tds/server.js';
import { until } from '../../wait.js';
import { createWorld, limits, PASSWORD, values, type World } from './mssql-double.js';

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

async function failureOf(promise: Promise<unknown>): Promise<SourceError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof SourceError) return error;
  throw new Error(`not a SourceError: ${inspect(error)}`);
}

async function fail(connection: Connection, statement: Statement, changes: Partial<QueryLimits> = {}): Promise<SourceError> {
  return await failureOf(connection.query(statement, limits(changes)));
}

function everything(error: Error): string {
  return inspect(error, { showHidden: true, depth: 10 });
}

/** As it comes from tedious when no token could be had. */
function noToken(message: string): unknown {
  return { originalError: { errors: [{ code: 'EFEDAUTH', message: 'no token' }, { cause: { message } }] } };
}

const SECRET = 'Jeanne Martin';

describe('an error of SQL Server', () => {
  test.each([
    [207, "Invalid column name 'absent'.", 16, 'schema'],
    [229, "The SELECT permission was denied on the object 'payroll'.", 14, 'permission'],
    [1205, 'Transaction (Process ID 51) was deadlocked', 13, 'deadlock'],
    [1222, 'Lock request time out period exceeded.', 16, 'timeout'],
  ])('GM6: %i leaves the connection usable, and goes away with its cause', async (number, message, severity, errorClass) => {
    let answer: Answer = { number, message, severity, rollsBack: number === 1205 };
    const server = await world.server({ onQuery: () => answer });
    const connection = await world.connect(server);

    const error = await fail(connection, { sql: 'SELECT 1' });
    answer = values('int', 1);
    const { rows } = await connection.query({ sql: 'SELECT 1' }, limits());

    expect(error).toMatchObject({ phase: 'query', errorClass });
    expect(error.message).toContain(`(error ${number})`);
    expect(connection.usable).toBe(true);
    expect(rows).toEqual([[1]]);
  });

  test.each([
    [241, `Conversion failed when converting date from '${SECRET}'.`],
    [245, `Conversion failed when converting the nvarchar value '${SECRET}' to data type int.`],
    [8114, `Error converting data type nvarchar to decimal: ${SECRET}.`],
    [2628, `String or binary data would be truncated. Truncated value: '${SECRET}'.`],
    [50_000, SECRET],
  ])('GM6: %i quotes a value, which is shown nowhere', async (number, message) => {
    const server = await world.server({ onQuery: () => ({ number, message }) });
    const connection = await world.connect(server);

    const error = await fail(connection, { sql: 'SELECT 1 WHERE 0 < :watermark', watermark: { type: 'integer', text: '47110815' } });

    expect(error.errorClass).toBe('schema');
    expect(everything(error)).not.toMatch(/Martin|47110815/);
    expect(everything(error)).not.toContain(PASSWORD);
  });

  test('GM6: 596: an administrator ends the session in the middle of a result', async () => {
    const server = await world.server({
      onQuery: () => [values('int', 1), { number: 596, message: 'Cannot continue the execution', severity: 21 }, 'drop'],
    });
    const connection = await world.connect(server);

    const error = await fail(connection, { sql: 'SELECT 1' });

    expect(error).toMatchObject({ phase: 'query', errorClass: 'lost', message: 'an administrator ended the session (error 596)' });
    expect(connection.usable).toBe(false);
  });
});

describe('a SQL Server that is stopped or silent', () => {
  test('GM6: stopped in the middle of a query: lost, and nothing to connect to', async () => {
    const server = await world.server({ onQuery: () => [values('int', 1), 'hang'] });
    const connection = await world.connect(server);
    const failing = fail(connection, { sql: 'SELECT 1' });
    await until(() => server.rowsSent > 1);

    await server.close();
    const error = await failing;
    const again = await failureOf(world.connect(server));

    expect(error).toMatchObject({ phase: 'query', errorClass: 'lost' });
    expect(connection.usable).toBe(false);
    expect(again).toMatchObject({ phase: 'connect', errorClass: 'refused' });
    expect(everything(again)).not.toContain(PASSWORD);
  });

  test('GM6: a hung query is cancelled, and the connection stays', async () => {
    const server = await world.server({ onQuery: (sql) => (sql === 'SELECT hung' ? 'hang' : values('int', 1)) });
    const connection = await world.connect(server);

    const error = await fail(connection, { sql: 'SELECT hung' }, { signal: AbortSignal.timeout(300) });

    expect(error).toMatchObject({ phase: 'query', errorClass: 'timeout' });
    expect(server.attentions).toHaveLength(1);
    expect((await connection.query({ sql: 'SELECT 1' }, limits())).rows).toEqual([[1]]);
  });

  test('GM6: a black hole after the login: the query ends all the same, and the connection is given up', async () => {
    const server = await world.server();
    const connection = await world.connect(server);
    server.freeze();
    const startedAt = performance.now();

    const error = await fail(connection, { sql: 'SELECT 1' }, { signal: AbortSignal.timeout(200) });

    expect(error.phase).toBe('query');
    expect(['timeout', 'lost']).toContain(error.errorClass);
    expect(performance.now() - startedAt).toBeLessThan(2500);
    expect(connection.usable).toBe(false);
    await until(() => server.open === 0);
  });

  test('closing in the middle of a query ends it at once', async () => {
    const server = await world.server({ onQuery: () => 'hang' });
    const connection = await world.connect(server);
    const failing = fail(connection, { sql: 'SELECT 1' });
    await until(() => server.requests.some(({ kind }) => kind === 'rpc'));

    await connection.close();

    expect((await failing).errorClass).toBe('lost');
    expect(connection.usable).toBe(false);
    await until(() => server.open === 0);
  });

  test('a connect that is given up leaves nothing behind', async () => {
    const server = await world.server({ silent: true });

    const error = await failureOf(world.connect(server, {}, AbortSignal.timeout(200)));

    expect(error.phase).toBe('connect');
    await until(() => server.open === 0);
  });
});

test('NULL of every type is null', async () => {
  const types = [
    'int',
    'bit',
    'float',
    'money',
    'decimal(38,4)',
    'nvarchar',
    'varbinary',
    'date',
    'datetime',
    'datetime2(3)',
    'time(0)',
  ] as const;
  const columns = types.map((type) => ({ name: type, type }));
  const server = await world.server({ onQuery: () => ({ columns, rows: [types.map(() => null)] }) });
  const connection = await world.connect(server);

  const { rows } = await connection.query({ sql: 'SELECT 1' }, limits());

  expect(rows).toEqual([types.map(() => null)]);
});

test('Entra ID that cannot be reached is told apart from one that refuses', () => {
  const cut = mssqlError(noToken('network_error: see aka.ms'), 'connect');
  const refused = mssqlError(noToken('AADSTS700016: application not found'), 'connect');

  expect(cut).toMatchObject({ phase: 'login', errorClass: 'unreachable' });
  expect(refused).toMatchObject({ phase: 'login', errorClass: 'auth', message: expect.stringMatching(/\(AADSTS700016\)$/) });
});
