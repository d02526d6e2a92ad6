// Driver mysql on a double of MySQL: what differs from MariaDB, and what a real server seldom says.

import { startMysqlDouble, type Answer, type MysqlDouble } from '../../servers/mysql-double.js';
import { start, valueOf, type Harness } from './harness.js';

const QUERY = 'SELECT 1 AS value';

function wellBehaved(sql: string): Answer {
  return sql === QUERY ? { kind: 'row', row: { value: '1' } } : { kind: 'ok' };
}

describe('driver mysql', () => {
  let harness: Harness | undefined;
  let server: MysqlDouble | undefined;

  afterEach(async () => {
    await harness?.close();
    await server?.stop();
  });

  async function open(
    version: string,
    answer: (sql: string) => Answer,
    sql = QUERY,
    timeout = 4000,
  ): Promise<{ harness: Harness; sent: readonly string[] }> {
    server = await startMysqlDouble(version, answer);
    const connection = { server: '127.0.0.1', port: server.port, database: 'exchange', user: 'vigie', password: { env: 'X' } };
    const queries = { one: { sql, metrics: [{ name: 'exchange_value', help: 'A value.', value: 'value' }] } };
    harness = await start({ kind: 'sql', driver: 'mysql', connection, queries }, 'secret', { timeout });
    return { harness, sent: server.sent };
  }

  test.each([
    ['8.4.2', 'max_execution_time', String.raw`\d{4}`],
    ['11.4.2-MariaDB-log', 'max_statement_time', String.raw`\d\.\d+`],
  ])('%s: bounds each query by %s, in a read-only transaction', async (version, setting, limit) => {
    const opened = await open(version, wellBehaved);

    const observations = await opened.harness.collect('one');

    expect(valueOf(observations, 'exchange_value')).toBe(1);
    expect(opened.sent).toEqual([
      'SET NAMES utf8mb4',
      'SET SESSION TRANSACTION READ ONLY',
      'SELECT CONNECTION_ID(), VERSION()',
      expect.stringContaining(`SET SESSION ${setting} = `),
      expect.stringMatching(
        new RegExp(`^SET SESSION ${setting} = ${limit}, SESSION lock_wait_timeout = 3, SESSION sql_select_limit = DEFAULT$`),
      ),
      'START TRANSACTION READ ONLY',
      QUERY,
      'ROLLBACK',
    ]);
  });

  test('a server that is too old is told at the connect', async () => {
    const opened = await open('5.5.62', (sql) =>
      sql.includes('max_execution_time') ? { kind: 'error', code: 1193, message: 'Unknown system variable' } : wellBehaved(sql),
    );

    const error = await opened.harness.fail('one');

    expect(error).toMatchObject({ phase: 'connect', errorClass: 'protocol' });
    expect(error.message).toMatch(/MySQL 5\.7\.8 or MariaDB 10\.1 is needed, or newer/);
  });

  test.each(['START TRANSACTION READ ONLY', QUERY, 'ROLLBACK'])(
    'a server that falls silent at %s is left at the bound, and asked again over a new connection',
    async (statement) => {
      let silent = true;
      const opened = await open('8.4.2', (sql) => (sql === statement && silent ? { kind: 'silence' } : wellBehaved(sql)), QUERY, 300);

      const error = await opened.harness.fail('one');
      silent = false;
      const observations = await opened.harness.collect('one');

      expect(error).toMatchObject({ phase: 'query', errorClass: 'timeout' });
      expect(opened.sent).toContain('KILL QUERY 7');
      expect(valueOf(observations, 'exchange_value')).toBe(1);
    },
  );

  test.each([
    [1213, 'deadlock'],
    [1205, 'timeout'],
    [3024, 'timeout'],
    [1317, 'timeout'],
    [1053, 'lost'],
    [1047, 'lost'],
    [1227, 'permission'],
    [9999, 'internal'],
  ])('error %i in a query is of class %s, and the next run goes on', async (code, errorClass) => {
    let fails = true;
    const opened = await open('8.4.2', (sql) =>
      sql === QUERY && fails ? { kind: 'error', code, message: "Denied to user 'vigie'@'10.0.0.5'" } : wellBehaved(sql),
    );

    const error = await opened.harness.fail('one');
    fails = false;
    const observations = await opened.harness.collect('one');

    expect(error).toMatchObject({ phase: 'query', errorClass });
    expect(error.message).toMatch(new RegExp(`\\(error ${code}\\)$`));
    expect(error.message).not.toMatch(/10\.0\.0\.5/);
    expect(valueOf(observations, 'exchange_value')).toBe(1);
  });

  test.each([
    ['EXECUTE IMMEDIATE x', /is no SELECT/],
    ['/*!50000 DELETE FROM pending */ SELECT 1', /holds a comment that the server runs/],
    ['/*M!100000 SET x = 1 */', /holds a comment that the server runs/],
    ["SELECT 'it\\'s' INTO OUTFILE '/x'", /writes a file/],
    ["SELECT '\\' INTO OUTFILE '/x' -- '", /writes a file/],
    ['SELECT flow FROM pending FOR UPDATE', /locks rows/],
    ['select flow from pending lock in share mode', /locks rows/],
  ])('never sends %s', async (sql, message) => {
    const opened = await open('8.4.2', wellBehaved, sql);

    const error = await opened.harness.fail('one');

    expect(error).toMatchObject({ phase: 'query', errorClass: 'permission' });
    expect(error.message).toMatch(message);
    expect(opened.sent).not.toContain(sql);
  });

  test.each([
    "/* for update */ SELECT 'INTO OUTFILE', \"it's for share\", `for update` -- /*! */\n FROM pending # FOR UPDATE",
    '(SELECT 1 AS value) UNION ALL (SELECT 2)',
    'WITH a AS (SELECT 1 AS value) SELECT value FROM a;',
    'SELECT /*+ MAX_EXECUTION_TIME(1000) */ 5--3 AS value',
  ])('has nothing against %s', async (sql) => {
    const opened = await open('8.4.2', (sent) => wellBehaved(sent === sql ? QUERY : sent), sql);

    expect(valueOf(await opened.harness.collect('one'), 'exchange_value')).toBe(1);
  });
});
