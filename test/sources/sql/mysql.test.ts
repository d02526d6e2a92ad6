// Driver mysql on a real MariaDB server.

import { execFileSync, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { generate } from 'selfsigned';
import type { ConnectionSettings, SqlQuery } from '../../../src/sources/sql/schema.js';
import { freePort, portOf } from '../../port.js';
import { describeWith, program } from '../../servers/describe.js';
import { startMariadb, type Mariadb } from '../../servers/mariadb.js';
import { until } from '../../wait.js';
import { lines, start, valueOf, type Harness } from './harness.js';

const VIGIE = join(import.meta.dirname, '..', '..', '..', 'src', 'main.js');
const PASSWORD = 'p@ss/w:o r"d%é';

function single(sql: string): SqlQuery {
  return { sql, metrics: [{ name: 'exchange_value', help: 'A value.', value: 'value' }] };
}

describeWith(['mariadbd'], 'driver mysql', () => {
  let server: Mariadb;
  let folder: string;
  let ca: string;
  let harness: Harness | undefined;

  beforeAll(async () => {
    const pair = await generate([{ name: 'commonName', value: 'db.example.org' }], {
      extensions: [
        {
          name: 'subjectAltName',
          altNames: [
            { type: 2, value: 'db.example.org' },
            { type: 7, ip: '127.0.0.9' },
          ],
        },
      ],
    });
    folder = await mkdtemp(join(tmpdir(), 'vigie-mysql-client-'));
    ca = join(folder, 'ca.pem');
    await writeFile(ca, pair.cert);
    server = await startMariadb({ tls: { certificate: pair.cert, key: pair.private } });
    await server.admin("CREATE USER vigie@'%' IDENTIFIED BY ?", [PASSWORD]);
    await server.admin(`
      CREATE DATABASE exchange CHARACTER SET utf8mb4;
      CREATE DATABASE payroll;
      CREATE TABLE payroll.salaries (name varchar(20));
      USE exchange;
      CREATE TABLE pending (flow varchar(40), partner varchar(40), stage varchar(40), arrived_at timestamp NULL);
      SET time_zone = '+00:00';
      INSERT INTO pending VALUES
        ('factures-tge', 'chuv', 'received', '2026-03-29 01:30:00'),
        ('factures-tge', 'chuv', 'received', '2026-03-29 01:59:59'),
        ('inconnu', 'chuv', 'received', '2026-03-29 01:00:00');
      CREATE TABLE locked (n int);
      CREATE TABLE untransacted (n int) ENGINE=Aria;
      CREATE SEQUENCE numbers;
      CREATE FUNCTION write_pending() RETURNS int MODIFIES SQL DATA BEGIN INSERT INTO pending (flow) VALUES ('x'); RETURN 1; END;
      CREATE FUNCTION write_untransacted() RETURNS int MODIFIES SQL DATA BEGIN INSERT INTO untransacted VALUES (1); RETURN 1; END;
      CREATE PROCEDURE sly() BEGIN COMMIT; SET SESSION TRANSACTION READ WRITE; INSERT INTO pending (flow) VALUES ('x'); END;
      GRANT ALL ON exchange.* TO vigie@'%'`);
  }, 60_000);

  afterAll(async () => {
    await server?.remove();
    await rm(folder, { recursive: true, force: true });
  });

  afterEach(async () => {
    await harness?.close();
    harness = undefined;
  });

  async function source(queries: Record<string, SqlQuery>, changes: Partial<ConnectionSettings> = {}, timeout = 4000): Promise<Harness> {
    const { host, port } = server;
    const password = { env: 'EXCHANGE_DB_PASSWORD' };
    const connection = { server: host, port, database: 'exchange', user: 'vigie', password, ...changes };
    harness = await start({ kind: 'sql', driver: 'mysql', connection, queries }, PASSWORD, { timeout });
    return harness;
  }

  /** The sessions of the login: what they are called, and what they run. */
  async function sessions(): Promise<{ name: string; statement: string }[]> {
    const rows = await server.admin(`
      SELECT ATTR_VALUE AS name, INFO AS statement FROM information_schema.PROCESSLIST
      LEFT JOIN performance_schema.session_connect_attrs ON PROCESSLIST_ID = ID AND ATTR_NAME = 'program_name' WHERE USER = 'vigie'`);
    return rows.map(({ name, statement }) => ({ name: String(name), statement: String(statement ?? '') }));
  }

  async function runs(part: string): Promise<boolean> {
    return (await sessions()).some(({ statement }) => statement.includes(part));
  }

  test('GM6: turns rows into signals, times into Unix seconds', async () => {
    const { collect, undeclared } = await source({
      waiting: {
        sql: `
          SELECT flow AS FLOW, partner, stage, COUNT(*) AS messages, MIN(UNIX_TIMESTAMP(arrived_at)) AS Oldest
          FROM pending GROUP BY flow, partner, stage;`,
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
    ['9223372036854775807', 2 ** 63],
    ['CAST(18446744073709551615 AS UNSIGNED)', 2 ** 64],
    ['CAST(12345678901234567890.5 AS DECIMAL(30, 5))', Number('12345678901234567890.5')],
    ['-1.5e300', -1.5e300],
    ['TRUE', 1],
    ["b'101'", 5],
    ['COUNT(*)', 1],
    ['0', 0],
    ["UNIX_TIMESTAMP(CONVERT_TZ('2026-03-02 09:00:00.25', '+01:00', @@time_zone))", Date.UTC(2026, 2, 2, 8) / 1000 + 0.25],
  ])('reads %s', async (expression, value) => {
    await server.admin("CREATE OR REPLACE TABLE exchange.one (bits bit(3)); INSERT INTO exchange.one VALUES (b'101')");
    const column = expression.startsWith('b') ? 'bits' : expression;
    const { collect } = await source({ one: single(`SELECT ${column} AS value FROM one`) });

    const observations = await collect('one');

    expect(valueOf(observations, 'exchange_value')).toBe(value);
  });

  test('reads texts in all alphabets, NULL as nothing, and columns of any name', async () => {
    const sql = "SELECT 'Übermittlung 😀' AS code, 1 AS value, NULL AS missing, 'a' AS twice, 'b' AS twice, 1 AS `count` HAVING count = 1";
    const { collect } = await source({
      texts: { sql, metrics: [{ name: 'exchange_value', help: 'A value.', value: 'value', labels: ['code'] }] },
      nothing: { sql, metrics: [{ name: 'exchange_nothing', help: 'No value.', value: 'missing' }] },
    });

    const observations = [...(await collect('texts')), ...(await collect('nothing'))];

    expect(lines(observations)).toEqual(['exchange_value{code=Übermittlung 😀} 1']);
  });

  test.each([
    [
      'arrived_at',
      /column "value" holds a time without zone, no number; say timezone: <zone> in the YAML, or give it one: UNIX_TIMESTAMP\(column\)/,
    ],
    ["CAST('0000-00-00' AS DATE)", /holds a time without zone/],
    ['NOW()', /holds a time without zone/],
    ["'Jeanne Martin'", /column "value" holds text, no number$/],
    ["CAST('Jeanne Martin' AS BINARY)", /column "value" holds binary data, no number$/],
  ])('refuses %s without showing it', async (expression, message) => {
    const { fail } = await source({ one: single(`SELECT ${expression} AS value FROM pending LIMIT 1`) });

    const error = await fail('one');

    expect(error).toMatchObject({ phase: 'query', errorClass: 'schema' });
    expect(error.message).toMatch(message);
    expect(error.message).not.toMatch(/Martin|2026/);
  });

  test.each([
    ['SELECT value FROM nowhere', 'schema', "query wrong: Table 'exchange.nowhere' doesn't exist (error 1146)"],
    ['SELECT absent AS value FROM pending', 'schema', /^query wrong: Unknown column 'absent' in '[a-zA-Z ]+' \(error 1054\)$/],
    ['SELECT name AS value FROM payroll.salaries', 'permission', /^query wrong: SELECT command denied for table `payroll`.`salaries`/],
    ["SELECT 1 AS value FRM pending WHERE flow = 'Jeanne Martin'", 'syntax', 'query wrong: syntax error in line 1 near FRM (error 1064)'],
    ["SELECT 1 AS value FROM pending WHERE 'a' + \n 'Jeanne' 'Martin' + = 1", 'syntax', 'query wrong: syntax error in line 2 (error 1064)'],
    ['SELECT 1 AS value; SELECT 2 AS value', 'syntax', /near SELECT/],
    ['SELECT (SELECT flow FROM pending) AS value', 'schema', /a subquery returns more rows/],
    ["SELECT JSON_EXTRACT('{}', 'Jeanne Martin') + EXP(1000) AS value", 'schema', /could not compute with a value/],
    ['INSERT INTO pending VALUES (1)', 'permission', /^query wrong: the statement is no SELECT/],
    ['CALL sly()', 'permission', /the statement is no SELECT/],
    ["SELECT 1 AS value INTO OUTFILE '/nowhere/x'", 'permission', /the statement writes a file/],
    ['SELECT 1 AS value INTO @x', 'schema', /no column "value" \(it returned: none\)/],
  ])('tells what is wrong with %s', async (sql, errorClass, message) => {
    const { collect, fail } = await source({ wrong: single(sql), right: single('SELECT 1 AS value') });

    const error = await fail('wrong');
    const after = await collect('right');

    expect(error).toMatchObject({ phase: 'query', errorClass });
    if (typeof message === 'string') expect(error.message).toBe(message);
    else expect(error.message).toMatch(message);
    expect(error.message).not.toMatch(/Jeanne|Martin|vigie@/);
    expect(valueOf(after, 'exchange_value')).toBe(1);
  });

  test.each(['write_pending()', 'write_untransacted()', 'NEXTVAL(numbers)'])('cannot write by %s, though the login could', async (call) => {
    const { collect, fail } = await source({
      write: single(`SELECT ${call} AS value`),
      setting: single('SELECT @@SESSION.tx_read_only AS value'),
    });

    const error = await fail('write');
    const setting = await collect('setting');

    expect(error).toMatchObject({ phase: 'query', errorClass: 'permission' });
    expect(error.message).toMatch(/tries to write/);
    expect(valueOf(setting, 'exchange_value')).toBe(1);
    expect(await server.admin("SELECT flow FROM exchange.pending WHERE flow = 'x' UNION SELECT n FROM exchange.untransacted")).toEqual([]);
  });

  test('uses one connection for all queries and runs, and tells the server its name', async () => {
    const { collect } = await source({
      one: single('SELECT CONNECTION_ID() AS value'),
      two: single('SELECT CONNECTION_ID() AS value'),
      three: single('SELECT CONNECTION_ID() AS value'),
    });

    const all = await Promise.all(['one', 'two', 'three', 'one', 'two', 'three'].map((query) => collect(query)));

    expect(new Set(all.map((observations) => valueOf(observations, 'exchange_value'))).size).toBe(1);
    expect((await sessions()).map(({ name }) => name)).toEqual(['vigie/exchange-db']);
  });

  test('leaves no transaction open between two runs', async () => {
    const { collect } = await source({ one: single('SELECT COUNT(*) AS value FROM pending') });

    await collect('one');

    expect(await server.admin('SELECT trx_id FROM information_schema.INNODB_TRX')).toEqual([]);
  });

  test('wrong password: says so without showing it, and takes a corrected one without a restart', async () => {
    const { collect, fail, setSecret } = await source({ one: single('SELECT 1 AS value') });
    setSecret('quite-wrong-secret');

    const error = await fail('one');
    setSecret(PASSWORD);
    const observations = await collect('one');

    expect(error).toMatchObject({ phase: 'login', errorClass: 'auth' });
    expect(error.message).toMatch(/^127\.0\.0\.1:\d+: the login is not accepted/);
    expect(JSON.stringify([error.message, error.stack, error.cause])).not.toMatch(/quite-wrong-secret/);
    expect(valueOf(observations, 'exchange_value')).toBe(1);
  });

  test('takes a rotated password at the next connect', async () => {
    await server.admin("CREATE USER rotated@'%' IDENTIFIED BY 'old'");
    const rotated = await source({ one: single('SELECT 1 AS value') }, { user: 'rotated', database: 'information_schema' });
    rotated.setSecret('old');
    await rotated.collect('one');

    await server.admin("SET PASSWORD FOR rotated@'%' = PASSWORD('new')");
    rotated.setSecret('new');
    const [session] = await server.admin("SELECT ID FROM information_schema.PROCESSLIST WHERE USER = 'rotated'");
    await server.admin(`KILL ${session?.['ID']}`);
    await until(async () => (await server.admin("SELECT ID FROM information_schema.PROCESSLIST WHERE USER = 'rotated'")).length === 0);
    const observations = await until(() => rotated.collect('one'));

    expect(valueOf(observations, 'exchange_value')).toBe(1);
  });

  test('no such database, no right to it, no such user', async () => {
    await server.admin("CREATE USER omniscient@'%' IDENTIFIED BY ?; GRANT SELECT ON *.* TO omniscient@'%'", [PASSWORD]);
    const one = { one: single('SELECT 1 AS value') };
    const absent = await (await source(one, { database: 'absent', user: 'omniscient' })).fail('one');
    await harness?.close();
    const foreign = await (await source(one, { database: 'payroll' })).fail('one');
    await harness?.close();
    const user = await (await source(one, { user: 'absent' })).fail('one');

    expect(absent).toMatchObject({ phase: 'login', errorClass: 'not_found' });
    expect(foreign).toMatchObject({ phase: 'login', errorClass: 'permission' });
    expect(foreign.message).toMatch(/: Access denied to database 'payroll' \(error 1044\)$/);
    expect(user).toMatchObject({ phase: 'login', errorClass: 'auth' });
  });

  test('a name that does not resolve, a socket that is not there', async () => {
    const one = { one: single('SELECT 1 AS value') };
    const name = await (await source(one, { server: 'db.invalid', tls: false })).fail('one');
    await harness?.close();
    const socket = await (await source(one, { server: join(folder, 'absent.sock') })).fail('one');

    expect(name).toMatchObject({ phase: 'connect', errorClass: 'dns' });
    expect(socket).toMatchObject({ phase: 'connect', errorClass: 'refused' });
  });

  test('a hung query ends at its time-out, on the server too, while the others go on over the same connection', async () => {
    const { collect, fail } = await source({
      hung: { ...single('SELECT SLEEP(60) AS value'), timeout: '500ms' },
      id: single('SELECT CONNECTION_ID() AS value'),
    });
    const before = valueOf(await collect('id'), 'exchange_value');
    const startedAt = performance.now();

    const [error, observations] = await Promise.all([fail('hung'), collect('id')]);
    const tookMs = performance.now() - startedAt;

    expect(error).toMatchObject({ phase: 'query', errorClass: 'timeout' });
    expect(valueOf(observations, 'exchange_value')).toBe(before);
    expect(tookMs).toBeLessThan(2000);
    expect(await runs('SLEEP(60)')).toBe(false);
  });

  test('an abort kills the query on the server and keeps the connection', async () => {
    const { collect, fail } = await source({
      hung: single('SELECT SLEEP(61) AS value'),
      id: single('SELECT CONNECTION_ID() AS value'),
    });
    const before = valueOf(await collect('id'), 'exchange_value');
    const stop = new AbortController();
    const failing = fail('hung', stop.signal);
    await until(() => runs('SLEEP(61)'));

    stop.abort();
    await failing;
    const observations = await collect('id');

    expect(valueOf(observations, 'exchange_value')).toBe(before);
    expect(await runs('SLEEP(61)')).toBe(false);
    await until(async () => (await sessions()).length === 1);
  });

  test('a connection that an administrator ends is lost once, and replaced in the next run', async () => {
    const { collect, fail } = await source({ hung: single('SELECT SLEEP(62) AS value'), one: single('SELECT 1 AS value') });
    const failing = fail('hung');
    const [session] = await until(async () => {
      const rows = await server.admin("SELECT ID FROM information_schema.PROCESSLIST WHERE INFO LIKE 'SELECT SLEEP(62)%'");
      return rows.length > 0 ? rows : undefined;
    });

    await server.admin(`KILL ${session?.['ID']}`);
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
    expect(valueOf(observations, 'exchange_value')).toBe(1);
  }, 30_000);

  test('a server that stops in mid-query is lost', async () => {
    const { collect, fail } = await source({ hung: single('SELECT SLEEP(63) AS value'), one: single('SELECT 1 AS value') }, {}, 30_000);
    const failing = fail('hung');
    await until(() => runs('SLEEP(63)'));

    await server.stop();
    const error = await failing;
    await server.start();
    const observations = await collect('one');

    expect(error).toMatchObject({ phase: 'query', errorClass: 'lost' });
    expect(valueOf(observations, 'exchange_value')).toBe(1);
  }, 60_000);

  test('a table that somebody has locked is told from a slow query', async () => {
    const { collect, fail } = await source({
      locked: { ...single('SELECT COUNT(*) AS value FROM locked'), timeout: '2s' },
      id: single('SELECT CONNECTION_ID() AS value'),
    });
    const before = valueOf(await collect('id'), 'exchange_value');
    const locking = server.admin('LOCK TABLES exchange.locked WRITE; SELECT SLEEP(60)').catch(() => {});
    const locker = await until(async () => {
      const rows = await server.admin("SELECT ID FROM information_schema.PROCESSLIST WHERE INFO = 'SELECT SLEEP(60)'");
      return rows[0]?.['ID'];
    });

    const error = await fail('locked');
    await server.admin(`KILL ${locker}`);
    await locking;
    const observations = await collect('id');

    expect(error).toMatchObject({ phase: 'query', errorClass: 'timeout' });
    expect(error.message).toMatch(/a table stayed locked by somebody else/);
    expect(valueOf(observations, 'exchange_value')).toBe(before);
  }, 15_000);

  test('is reached over a Unix socket too', async () => {
    const { collect } = await source(
      { one: single("SELECT HOST = 'localhost' AS value FROM information_schema.PROCESSLIST WHERE ID = CONNECTION_ID()") },
      { server: server.socket },
    );

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

  test('something else that answers is no MySQL', async () => {
    const web = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')).listen(0, '127.0.0.1');
    await once(web, 'listening');
    const { fail } = await source({ one: single('SELECT 1 AS value') }, { port: portOf(web) });

    const error = await fail('one');
    web.close();

    expect(error.phase).toBe('connect');
    expect(['protocol', 'lost']).toContain(error.errorClass);
  });

  test('encrypts, and checks certificate and name', async () => {
    const encrypted = single(
      "SELECT VARIABLE_VALUE <> '' AS value FROM information_schema.SESSION_STATUS WHERE VARIABLE_NAME = 'Ssl_cipher'",
    );
    const trusted = await (await source({ encrypted }, { tls: { ca, server_name: 'db.example.org' } })).collect('encrypted');
    await harness?.close();
    const byAddress = await (await source({ encrypted }, { tls: { ca, server_name: '127.0.0.9' } })).collect('encrypted');
    await harness?.close();
    const wrongName = await (await source({ encrypted }, { tls: { ca } })).fail('encrypted');
    await harness?.close();
    const untrusted = await (await source({ encrypted }, { tls: true })).fail('encrypted');
    await harness?.close();
    const plain = await (await source({ encrypted })).collect('encrypted');

    expect(valueOf(trusted, 'exchange_value')).toBe(1);
    expect(valueOf(byAddress, 'exchange_value')).toBe(1);
    expect(wrongName).toMatchObject({ phase: 'connect', errorClass: 'tls' });
    expect(wrongName.message).toMatch(/bears another name/);
    expect(untrusted).toMatchObject({ phase: 'connect', errorClass: 'tls' });
    expect(untrusted.message).toMatch(/not accepted: self-signed certificate/);
    expect(valueOf(plain, 'exchange_value')).toBe(0);
  });

  test('closing leaves no session behind', async () => {
    const { collect, close } = await source({ one: single('SELECT 1 AS value') });
    await collect('one');

    await close();

    await until(async () => (await sessions()).length === 0);
  });

  describeWith(['promtool'], 'an exporter of its own', () => {
    test('exposes what a real MariaDB holds, in a form that promtool accepts', async () => {
      const config = join(folder, 'exporters.yaml');
      await writeFile(
        config,
        `
teams: { flux: { email: flux@example.org } }
partners: { chuv: {}, hug: {} }
flows:
  factures-tge: { title: Factures, team: flux, direction: inbound, partners: [chuv, hug], stages: [received] }
sources:
  exchange-db:
    kind: sql
    driver: mysql
    interval: 1s
    connection: { server: 127.0.0.1, port: ${server.port}, database: exchange, user: vigie, password: { env: EXCHANGE_DB_PASSWORD } }
    queries:
      waiting:
        sql: SELECT flow, partner, stage, COUNT(*) AS messages FROM pending GROUP BY flow, partner, stage
        observe: { backlog: messages }
`,
      );
      const url = `http://127.0.0.1:${await freePort()}`;
      const args = [VIGIE, 'exporter', 'exchange-db', '--config', config, '--listen', url.slice('http://'.length)];
      const child = spawn(process.execPath, args, { stdio: 'ignore', env: { ...process.env, EXCHANGE_DB_PASSWORD: PASSWORD } });

      try {
        const text = await until(async () => {
          const metrics = await (await fetch(`${url}/metrics`)).text();
          return metrics.includes('flow_backlog_messages{') ? metrics : undefined;
        }, 20_000);

        expect(text).toMatch(/^flow_backlog_messages\{.*partner="chuv".*\} 2$/m);
        expect(text).toMatch(/^flow_backlog_messages\{.*partner="hug".*\} 0$/m);
        expect(text).not.toContain(PASSWORD);
        expect(execFileSync(program('promtool'), ['check', 'metrics'], { input: text, encoding: 'utf8', stdio: 'pipe' })).toBe('');
      } finally {
        child.kill('SIGKILL');
        await once(child, 'exit');
      }
    }, 30_000);
  });
});
