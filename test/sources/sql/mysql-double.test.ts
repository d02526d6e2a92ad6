// Driver mysql on a double of MySQL: what differs from MariaDB, and what a real server seldom says.

import type { Connection } from '../../../src/sources/sql/driver.js';
import { startMysqlDouble, type Answer, type MysqlDouble } from '../../servers/mysql-double.js';
import { start, valueOf, type Harness } from './harness.js';
import { connect, limits, rowLimits } from './mysql-connect.js';

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
    expect(opened.sent.slice(0, 8)).toEqual([
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
    // Then what the login could change is asked, in the same way.
    expect(opened.sent.slice(9)).toEqual(['START TRANSACTION READ ONLY', 'SELECT CURRENT_USER()', 'ROLLBACK']);
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
    ['SELECT flow FROM pending FOR /* x */ UPDATE', /locks rows/],
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

function readOnly(...values: readonly string[]): Answer {
  return { kind: 'rows', columns: values.map((_, place) => `@@${place}`), rows: [values] };
}

function grants(...lines: readonly string[]): Answer {
  return { kind: 'rows', columns: ['Grants'], rows: lines.map((line) => [line]) };
}

describe('a connection of driver mysql to what only MySQL says', () => {
  let server: MysqlDouble | undefined;
  let connection: Connection | undefined;

  afterEach(async () => {
    await connection?.close();
    await server?.stop();
  });

  async function open(version: string, answers: Readonly<Record<string, Answer>>): Promise<Connection> {
    server = await startMysqlDouble(version, (sql) => answers[sql] ?? { kind: 'ok' });
    connection = await connect({ server: '127.0.0.1', port: server.port });
    return connection;
  }

  const MYSQL_ROLE = 'SELECT @@GLOBAL.read_only, @@GLOBAL.super_read_only, @@GLOBAL.innodb_read_only';
  const MARIADB_ROLE = 'SELECT @@GLOBAL.read_only, @@GLOBAL.innodb_read_only';
  const account: Answer = { kind: 'row', row: { 'CURRENT_USER()': 'vigie@10.0.0.%' } };

  test.each([
    ['8.4.2', 'MySQL 8.4.2'],
    ['8.0.36-28', 'MySQL 8.0.36'],
    ['5.7.44-log', 'MySQL 5.7.44'],
    ['8.0.mysql_aurora.3.04.0', 'MySQL 8.0'],
    ['10.11.6-MariaDB-0+deb12u1', 'MariaDB 10.11.6'],
    ['5.5.5-10.6.1-MariaDB-log', 'MariaDB 10.6.1'],
  ])('%s is %s', async (version, product) => {
    expect((await open(version, {})).product).toBe(product);
  });

  test.each([
    ['8.4.2', MYSQL_ROLE, ['0', '0', '0'], 'primary'],
    ['8.4.2', MYSQL_ROLE, ['1', '0', '0'], 'replica'],
    ['8.4.2', MYSQL_ROLE, ['1', '1', '0'], 'replica'],
    // A reader of Aurora.
    ['8.0.28', MYSQL_ROLE, ['0', '0', '1'], 'replica'],
    ['12.0.2-MariaDB', MARIADB_ROLE, ['OFF', '0'], 'primary'],
    ['12.0.2-MariaDB', MARIADB_ROLE, ['ON', '0'], 'replica'],
    ['12.0.2-MariaDB', MARIADB_ROLE, ['NO_LOCK', '0'], 'replica'],
    ['12.0.2-MariaDB', MARIADB_ROLE, ['NO_LOCK_NO_ADMIN', '0'], 'replica'],
  ])('GM7: %s to which %s gives %j is a %s', async (version, statement, values, role) => {
    const opened = await open(version, { [statement]: readOnly(...values) });

    expect((await opened.state(limits())).role).toBe(role);
  });

  test.each([
    ['9.1.0', 'SHOW REPLICA STATUS', 'Seconds_Behind_Source'],
    ['8.0.22', 'SHOW REPLICA STATUS', 'Seconds_Behind_Source'],
    ['8.0.21', 'SHOW SLAVE STATUS', 'Seconds_Behind_Master'],
    ['5.7.44-log', 'SHOW SLAVE STATUS', 'Seconds_Behind_Master'],
  ])('GM7: %s is asked for its lag by %s', async (version, statement, column) => {
    const status: Answer = { kind: 'rows', columns: ['Channel_Name', column], rows: [['', '12']] };
    const opened = await open(version, { [MYSQL_ROLE]: readOnly('1', '1', '0'), [statement]: status });

    expect(await opened.state(limits())).toEqual({ role: 'replica', lagSeconds: 12 });
  });

  test('GM7: of several servers that it follows, the one farthest behind counts', async () => {
    const status: Answer = {
      kind: 'rows',
      columns: ['Replica_IO_Running', 'Replica_SQL_Running', 'Seconds_Behind_Source', 'Channel_Name'],
      rows: [
        ['Yes', 'Yes', '3', ''],
        ['Yes', 'Yes', '40', 'billing'],
        ['Yes', 'Yes', '0', 'archive'],
      ],
    };
    const opened = await open('8.4.2', { [MYSQL_ROLE]: readOnly('1', '1', '0'), 'SHOW REPLICA STATUS': status });

    expect(await opened.state(limits())).toEqual({ role: 'replica', lagSeconds: 40 });
  });

  test('GM7: replication that is broken is told without what its errors hold', async () => {
    const status: Answer = {
      kind: 'rows',
      columns: ['Replica_IO_Running', 'Replica_SQL_Running', 'Seconds_Behind_Source', 'Last_IO_Errno', 'Last_IO_Error', 'Last_SQL_Errno'],
      rows: [['Connecting', 'Yes', null, '2003', "error connecting to master 'repl@10.0.0.7:3306'", '0']],
    };
    const opened = await open('8.4.2', { [MYSQL_ROLE]: readOnly('1', '1', '0'), 'SHOW REPLICA STATUS': status });

    expect(await opened.state(limits())).toEqual({
      role: 'replica',
      lagProblem: 'the replication does not run (Replica_IO_Running: Connecting, Replica_SQL_Running: Yes, Last_IO_Errno: 2003)',
    });
  });

  test.each([
    ['8.4.2', MYSQL_ROLE, 'SHOW REPLICA STATUS', 'REPLICATION CLIENT'],
    ['10.4.34-MariaDB', MARIADB_ROLE, 'SHOW ALL SLAVES STATUS', 'REPLICATION CLIENT'],
    ['10.5.25-MariaDB', MARIADB_ROLE, 'SHOW ALL SLAVES STATUS', 'SLAVE MONITOR'],
    ['11.4.2-MariaDB', MARIADB_ROLE, 'SHOW ALL SLAVES STATUS', 'SLAVE MONITOR'],
  ])('GM7: %s names the right that it takes to see the lag', async (version, statement, status, right) => {
    const opened = await open(version, {
      [statement]: readOnly('1', '0', '0'),
      [status]: { kind: 'error', code: 1227, message: 'Access denied' },
      'SELECT CURRENT_USER()': account,
    });

    expect(await opened.state(limits())).toEqual({
      role: 'replica',
      lagProblem: `the login may not see how far the replica is behind: GRANT ${right} ON *.* TO 'vigie'@'10.0.0.%';`,
    });
  });

  test.each([
    [{ kind: 'error', code: 1053, message: 'Server shutdown in progress' } as const, 'lost'],
    [{ kind: 'error', code: 3024, message: 'Query execution was interrupted' } as const, 'timeout'],
    [{ kind: 'silence' } as const, 'lost'],
  ])('GM7: %j in place of the lag is an error of the role', async (answer, errorClass) => {
    const opened = await open('8.4.2', { [MYSQL_ROLE]: readOnly('1', '1', '0'), 'SHOW REPLICA STATUS': answer });

    await expect(opened.state(limits(300))).rejects.toMatchObject({ name: 'SourceError', phase: 'role', errorClass });
  });

  test('of rights in several lines for the same object makes one statement, and leaves those that only read', async () => {
    const opened = await open('8.4.2', {
      'SELECT CURRENT_USER()': account,
      "SHOW GRANTS FOR 'vigie'@'10.0.0.%'": grants(
        'GRANT SELECT, PROCESS, FILE, SUPER, REPLICATION CLIENT ON *.* TO `vigie`@`10.0.0.%` WITH GRANT OPTION',
        'GRANT BACKUP_ADMIN,SHOW_ROUTINE,SYSTEM_USER ON *.* TO `vigie`@`10.0.0.%` WITH GRANT OPTION',
        'REVOKE FILE ON `mysql`.* FROM `vigie`@`10.0.0.%`',
        'GRANT SELECT (`a`), INSERT (`a`, `b on c`) ON `exchange`.`to``do` TO `vigie`@`10.0.0.%`',
        "GRANT EXECUTE, ALTER ROUTINE ON PROCEDURE `exchange`.`p` TO 'vigie'@'10.0.0.%'",
      ),
    });

    expect(await opened.excessRights(limits())).toEqual([
      {
        right: 'may FILE, SUPER, GRANT, BACKUP_ADMIN and 1 more on *.*',
        mend: 'REVOKE FILE, SUPER, GRANT OPTION, BACKUP_ADMIN, SYSTEM_USER ON *.* FROM `vigie`@`10.0.0.%`;',
      },
      {
        right: 'may INSERT on exchange.todo',
        mend: 'REVOKE INSERT (`a`, `b on c`) ON `exchange`.`to``do` FROM `vigie`@`10.0.0.%`;',
      },
      {
        right: 'may ALTER ROUTINE on PROCEDURE exchange.p',
        mend: "REVOKE ALTER ROUTINE ON PROCEDURE `exchange`.`p` FROM 'vigie'@'10.0.0.%';",
      },
    ]);
  });

  test('tells what comes by a role from what the login has itself', async () => {
    const own = ['GRANT USAGE ON *.* TO `vigie`@`10.0.0.%`', 'GRANT SELECT ON `exchange`.* TO `vigie`@`10.0.0.%`'];
    const roles = 'GRANT `reader`@`%`,`writer`@`%` TO `vigie`@`10.0.0.%`';
    const opened = await open('8.4.2', {
      'SELECT CURRENT_USER()': account,
      "SHOW GRANTS FOR 'vigie'@'10.0.0.%'": grants(...own, roles),
      "SHOW GRANTS FOR 'vigie'@'10.0.0.%' USING `reader`@`%`": grants(...own, 'GRANT SELECT ON `x`.* TO `vigie`@`10.0.0.%`', roles),
      "SHOW GRANTS FOR 'vigie'@'10.0.0.%' USING `writer`@`%`": grants(
        'GRANT USAGE ON *.* TO `vigie`@`10.0.0.%`',
        'GRANT SELECT, INSERT, DELETE ON `exchange`.* TO `vigie`@`10.0.0.%`',
        'GRANT SELECT ON `archive`.* TO `vigie`@`10.0.0.%`',
        roles,
      ),
    });

    expect(await opened.excessRights(limits())).toEqual([
      {
        right: 'may INSERT, DELETE on exchange.* by its role writer@%',
        mend: "REVOKE `writer`@`%` FROM 'vigie'@'10.0.0.%'; GRANT SELECT ON `archive`.* TO 'vigie'@'10.0.0.%';",
      },
    ]);
  });

  test.each([
    [3024, 'MySQL ends it by its time limit'],
    [1317, 'somebody interrupts it'],
  ])('rows that came before error %i are the result where there were more than are kept: %s', async (error) => {
    const opened = await open('8.4.2', { [QUERY]: { kind: 'rows', columns: ['n'], rows: [['1'], ['2'], ['3'], ['4']], error } });

    const result = await opened.query({ sql: QUERY }, rowLimits(2));

    expect(result).toMatchObject({ rows: [['1'], ['2']], dropped: 2 });
    await expect(opened.query({ sql: QUERY }, rowLimits(4))).rejects.toMatchObject({ phase: 'query', errorClass: 'timeout' });
    expect(opened.usable).toBe(true);
  });

  test('a deadlock is an error, however many rows came before', async () => {
    const opened = await open('8.4.2', { [QUERY]: { kind: 'rows', columns: ['n'], rows: [['1'], ['2'], ['3']], error: 1213 } });

    await expect(opened.query({ sql: QUERY }, rowLimits(1))).rejects.toMatchObject({ phase: 'query', errorClass: 'deadlock' });
  });
});
