// `vigie try` as a process: what it shows of a look, on real databases.

import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { lookText } from '../../src/cli/look-text.js';
import { portOf } from '../port.js';
import { describeWith, program } from '../servers/describe.js';
import { startPostgres, startPostgresReplica, type Postgres } from '../servers/postgres.js';
import { comments, Exchange, PENDING, series } from './exchange.js';

const PASSWORD = 'opens-the-exchange';
/** Starting is quick; a loaded machine is not. */
const LIMIT_MS = 30_000;

const WAITING = `
      waiting:
        sql: SELECT flow, partner, stage, messages FROM pending
        observe: { backlog: messages }
`;
const CODES = `
      codes:
        sql: SELECT code, messages FROM codes
        metrics: [{ name: exchange_rejects, help: Rejected messages., value: messages, labels: [code] }]
`;

/** How each collector fared and on which server. */
function outcomes(stdout: string): string[] {
  return comments(stdout).filter((line) => / (?:ok,|server:)/.test(line));
}

let exchange: Exchange;
beforeEach(() => {
  exchange = new Exchange();
  exchange.database(PENDING);
});
afterEach(() => exchange.remove());

describe('vigie try', () => {
  test(
    'GM6: shows outcome, server, phases and rows of each query, then what would be scraped',
    async () => {
      exchange.declareQueries(WAITING);

      const { code, stdout, stderr } = await exchange.vigie(['try', 'exchange-db']);

      expect([code, stderr]).toEqual([0, '']);
      expect(comments(stdout).map((line) => line.replace(/SQLite [\d.]+/, 'SQLite 3'))).toEqual([
        '# waiting: ok, … ms, 2 series',
        '# server: SQLite 3 at exchange.db',
        '# phases: execute … ms, fetch … ms',
        '# | flow     | partner | stage    | messages |',
        '# | invoices | chuv    | received |        5 |',
        '# | orders   | hug     | received |     1234 |',
        '# 2 rows',
        '#',
        '# series: 2 of at most 10000',
      ]);
      expect(series(stdout)).toContain('flow_backlog_messages{flow="orders",partner="hug",env="prod",stage="received"} 1234');
      expect(series(stdout)).toHaveLength(26);
    },
    LIMIT_MS,
  );

  test(
    'GM6: warns of what is not declared, of a declared flow without a row and of a column that nothing uses',
    async () => {
      exchange.database("DELETE FROM pending WHERE flow = 'orders'; INSERT INTO pending VALUES ('tge', 'chuv', 'received', 9)");
      exchange.declareQueries(WAITING.replace('messages FROM', "messages, 'x' AS remark FROM"));

      const { code, stdout } = await exchange.vigie(['try', 'exchange-db']);

      expect(code).toBe(0);
      expect(comments(stdout).filter((line) => line.startsWith('# warning: '))).toEqual([
        '# warning: query waiting: nothing uses the columns remark; leave them out of the SELECT',
        '# warning: no row speaks of the declared flow orders: it is shown as 0',
        '# warning: flow "tge" is not declared in the YAML, seen 1×',
      ]);
    },
    LIMIT_MS,
  );

  test(
    'GM6: warns of a source that makes more series than it may, or nearly as many',
    async () => {
      exchange.declareQueries(WAITING, '    max_series: 1\n');
      const over = await exchange.vigie(['try', 'exchange-db']);
      exchange.declareQueries(WAITING, '    max_series: 2\n');
      const nearly = await exchange.vigie(['try', 'exchange-db']);

      expect([over.code, nearly.code]).toEqual([0, 0]);
      expect(comments(over.stdout).slice(-2)).toEqual([
        '# series: 2 of at most 1',
        '# warning: 2 series, and max_series is 1: the rest is left out; aggregate what it collects, or raise max_series',
      ]);
      expect(comments(nearly.stdout).slice(-2)).toEqual([
        '# series: 2 of at most 2',
        '# warning: 2 series are close to max_series, 2: beyond it they are left out; aggregate what it collects, or raise max_series',
      ]);
    },
    LIMIT_MS,
  );

  test(
    'shows twenty rows, cuts long cells, aligns numbers to the right whatever NULL stands among them, and counts all rows',
    async () => {
      exchange.database(`
        CREATE TABLE codes (code TEXT, messages INTEGER);
        INSERT INTO codes VALUES ('${'x'.repeat(50)}', 1), ('é', NULL);
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40) INSERT INTO codes SELECT 'E' || i, i FROM n`);
      exchange.declareQueries(CODES);

      const { stdout } = await exchange.vigie(['try', 'exchange-db']);

      const table = comments(stdout).filter((line) => /^# (?:\||.*rows$)/.test(line));
      expect(table).toHaveLength(1 + 20 + 1);
      expect(table.slice(0, 4)).toEqual([
        `# | code${' '.repeat(36)} | messages |`,
        `# | ${'x'.repeat(39)}… |        1 |`,
        `# | é${' '.repeat(39)} |     NULL |`,
        `# | E1${' '.repeat(38)} |        1 |`,
      ]);
      expect(table.at(-1)).toBe('# 20 of 42 rows');
    },
    LIMIT_MS,
  );

  test(
    'GM6: data cannot leave their comment or reach the terminal',
    async () => {
      exchange.database(`
        CREATE TABLE codes (code TEXT, messages INTEGER);
        INSERT INTO codes VALUES (char(27) || '[2J' || char(10) || 'evil 1', 1), ('a' || char(8238, 155, 127, 0) || 'b', 2)`);
      exchange.declareQueries(CODES);

      const { code, stdout } = await exchange.vigie(['try', 'exchange-db']);

      expect(code).toBe(0);
      expect(comments(stdout)).toContain('# | ␛[2J␊evil 1          |        1 |');
      expect(comments(stdout)).toContain('# | a‹U+202E›‹U+009B›␡␀b |        2 |');
      expect(series(stdout)).toContain(String.raw`exchange_rejects{code="␛[2J\nevil 1",env="prod"} 1`);
      expect(stdout.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    },
    LIMIT_MS,
  );

  test(
    'looks at one query alone where it is named: the others do not run',
    async () => {
      exchange.declareQueries(`${WAITING}${CODES}`);

      const { code, stdout } = await exchange.vigie(['try', 'exchange-db', 'waiting']);

      expect(code).toBe(0);
      expect(stdout).not.toContain('codes');
      expect(comments(stdout).at(-1)).toBe('# series: 2 of at most 10000 (of 1 of 2 collectors)');
    },
    LIMIT_MS,
  );

  test(
    'fails with 1 when a query fails, says why, and shows the others',
    async () => {
      exchange.declareQueries(`${WAITING}${CODES}`);

      const { code, stdout } = await exchange.vigie(['try', 'exchange-db']);

      expect(code).toBe(1);
      expect(comments(stdout)).toContain('# codes: failed after … ms (query, schema): query codes: no such table: codes');
      expect(comments(stdout)).toContain('# waiting: ok, … ms, 2 series');
    },
    LIMIT_MS,
  );

  test(
    'GM6: runs a query on all targets, or on the one that is named',
    async () => {
      exchange.database(PENDING, 'vaud.db');
      exchange.declare(`
  exchange-db:
    kind: sql
    driver: sqlite
    targets: { lausanne: { connection: { file: vaud.db } }, geneva: { connection: { file: exchange.db } } }
    queries:${WAITING}${CODES}`);

      const all = await exchange.vigie(['try', 'exchange-db', 'waiting']);
      const one = await exchange.vigie(['try', 'exchange-db', 'lausanne/waiting']);

      expect([all.code, one.code]).toEqual([0, 0]);
      expect(outcomes(all.stdout).map((line) => line.replace(/SQLite [\d.]+|\d+ series/, '…'))).toEqual([
        '# lausanne/waiting: ok, … ms, …',
        '# server: … at vaud.db',
        '# geneva/waiting: ok, … ms, …',
        '# server: … at exchange.db',
      ]);
      expect(outcomes(one.stdout)).toHaveLength(2);
    },
    LIMIT_MS,
  );

  test.each([
    ['exchange-db', 'wating', 'exchange-db has no collector "wating" (is it "waiting"?)\n'],
    ['exchang-db', 'waiting', 'exporters.yaml: no source "exchang-db" (is it "exchange-db"?)\n'],
  ])(
    'suggests what was meant by %s %s',
    async (source, query, message) => {
      exchange.declareQueries(WAITING);

      const { code, stdout, stderr } = await exchange.vigie(['try', source, query]);

      expect({ code, stdout, stderr: stderr.replace(`${exchange.folder}/`, '') }).toEqual({ code: 1, stdout: '', stderr: message });
    },
    LIMIT_MS,
  );

  test(
    'GM6: reads the record of an incremental query where --state-dir says, and writes none',
    async () => {
      exchange.declareQueries(`
      passed:
        sql: SELECT rowid AS id, flow, partner, stage, messages FROM pending WHERE rowid > :watermark ORDER BY id
        incremental: id
        observe: { messages: messages }
`);
      const folder = join(exchange.folder, 'state', 'exchange-db');
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'passed.json'), 'damaged');

      const without = await exchange.vigie(['try', 'exchange-db']);
      const withRecord = await exchange.vigie(['try', 'exchange-db', '--state-dir', 'state']);

      expect(without.code).toBe(0);
      expect(series(without.stdout)).toContain(
        'flow_messages_total{flow="orders",partner="hug",env="prod",stage="received",outcome="ok"} 1234',
      );
      expect(existsSync(join(exchange.folder, '.vigie'))).toBe(false);
      expect(withRecord.code).toBe(1);
      expect(comments(withRecord.stdout)[0]).toMatch(/^# passed: failed after … ms \(state, state\): .*it is damaged/);
    },
    LIMIT_MS,
  );

  test(
    'asks each endpoint once, however long its neighbour takes, and gives up at the time-out of that one',
    async () => {
      let asked = 0;
      const answering = createHttpServer((_request, response) => {
        asked++;
        response.end();
      }).listen(0, '127.0.0.1');
      const silent = createServer(() => {}).listen(0, '127.0.0.1');
      await Promise.all([once(answering, 'listening'), once(silent, 'listening')]);
      exchange.declare(`
  endpoints:
    kind: http
    interval: 1s
    endpoints:
      answering: { url: 'http://127.0.0.1:${portOf(answering)}/', partner: chuv }
      silent: { url: 'http://127.0.0.1:${portOf(silent)}/', partner: hug, every: 3s, timeout: 2500ms }
`);

      const { code, stdout } = await exchange.vigie(['try', 'endpoints']);
      answering.close();
      silent.close();

      expect([code, asked]).toEqual([0, 1]);
      expect(series(stdout)).toContain('endpoint_up{endpoint="answering",partner="chuv",env="prod",protocol="http",origin="partner"} 1');
      expect(stdout).toMatch(/endpoint_up\{[^}]*endpoint="silent"[^}]*\} 0/);
    },
    LIMIT_MS,
  );

  test(
    'GM6: a database that accepts and never answers ends at its time-out',
    async () => {
      const silent = createServer(() => {}).listen(0, '127.0.0.1');
      await once(silent, 'listening');
      exchange.declare(`
  exchange-db:
    kind: sql
    driver: postgres
    connection: { server: 127.0.0.1, port: ${portOf(silent)}, database: x, user: vigie, password: { env: EXCHANGE_DB_PASSWORD } }
    timeout: 1s
    queries:${WAITING}`);

      const { code, stdout } = await exchange.vigie(['try', 'exchange-db'], { EXCHANGE_DB_PASSWORD: PASSWORD });
      silent.close();

      expect(code).toBe(1);
      expect(comments(stdout)[0]).toBe('# waiting: failed after … ms (connect, timeout): no connection within 1s');
    },
    LIMIT_MS,
  );

  test.each([
    [['--file', 'a.log'], '--file: exchange-db is of kind sql, which reads no files'],
    [['--lines', '-1'], "Option '--lines' argument is ambiguous."],
    [['--lines', 'many'], '--lines many: must be a whole number from 0 to 1000, e.g. 50'],
    [['--lines', '1001'], '--lines 1001: must be a whole number from 0 to 1000, e.g. 50'],
  ])(
    'refuses %j',
    async (options, message) => {
      exchange.declareQueries(WAITING);

      const { code, stdout, stderr } = await exchange.vigie(['try', 'exchange-db', ...options]);

      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toContain(message);
    },
    LIMIT_MS,
  );
});

describe('the text of a look', () => {
  test('has reports of sources as comments in which nothing moves the cursor or is taken for a declaration', () => {
    const findings = { report: (pieces: number) => [`${pieces} lines`, 'HELP me', '    indented\u001B[2J', 'two\nlines'] };
    const collector = { name: 'files', durationMs: 1, series: 0, error: undefined, findings };
    const look = {
      collectors: [collector],
      collectorsInAll: 1,
      warnings: [],
      undeclared: [],
      series: 0,
      maxSeries: 10,
      exposition: 'x 1\n',
    };

    expect(lookText(look, 7).split('\n')).toEqual([
      '# files: ok, 1 ms, 0 series',
      '# | 7 lines',
      '# | HELP me',
      '# |     indented␛[2J',
      '# | two',
      '# | lines',
      '#',
      '# series: 0 of at most 10',
      'x 1',
      '',
    ]);
  });
});

describeWith(['promtool'], 'vigie try and promtool', () => {
  test(
    'GM6: all of its output is the text format of Prometheus, whatever stands in the data',
    async () => {
      exchange.database(`
        CREATE TABLE codes (code TEXT, messages INTEGER);
        INSERT INTO codes VALUES ('HELP flow_info', 1), ('TYPE flow_info gauge', 2), ('a' || char(10) || 'b{', 3), ('# "', 4)`);
      exchange.declareQueries(`${WAITING}${CODES}
      broken:
        sql: "SELECT 1 AS value FROM \\"codes\\nHELP me\\""
        metrics: [{ name: exchange_value, help: A value., value: value }]
`);

      const { stdout } = await exchange.vigie(['try', 'exchange-db']);
      const { status, stderr } = spawnSync(program('promtool'), ['check', 'metrics'], { input: stdout, encoding: 'utf8' });

      expect([status, stderr]).toEqual([0, '']);
      expect(comments(stdout).filter((line) => line.includes('HELP me'))).not.toEqual([]);
    },
    LIMIT_MS,
  );
});

describeWith(['postgres'], 'vigie try on PostgreSQL', () => {
  let server: Postgres;
  beforeAll(async () => {
    server = await startPostgres();
    await server.admin(`CREATE ROLE vigie LOGIN PASSWORD '${PASSWORD}'`);
    await server.admin(`
      CREATE TABLE pending (flow text, partner text, stage text, messages int);
      INSERT INTO pending VALUES ('invoices', 'chuv', 'received', 5), ('orders', 'hug', 'received', 1234);
      GRANT SELECT, INSERT ON pending TO vigie`);
  }, 60_000);
  afterAll(() => server?.remove());

  function declare(queries: string, more = '', port = server.port): void {
    exchange.declare(`
  exchange-db:
    kind: sql
    driver: postgres
    connection: { server: localhost, port: ${port}, database: postgres, user: vigie, password: { env: EXCHANGE_DB_PASSWORD } }
    interval: 2s
    ${more}
    queries:${queries}`);
  }

  test(
    'GM6: names the server, all phases, and what the login may do beyond reading, once',
    async () => {
      declare(`${WAITING}
      more:
        sql: SELECT 1 AS value
        metrics: [{ name: exchange_value, help: A value., value: value }]
`);

      const { code, stdout } = await exchange.vigie(['try', 'exchange-db'], { EXCHANGE_DB_PASSWORD: PASSWORD });

      expect(code).toBe(0);
      expect(comments(stdout).slice(0, 3)).toEqual([
        expect.stringMatching(/^# waiting: ok, … ms, \d+ series$/),
        expect.stringMatching(new RegExp(String.raw`^# server: PostgreSQL [\d.]+.* at localhost:${server.port}`)),
        '# phases: dns … ms, connect … ms, login … ms, execute … ms, fetch … ms',
      ]);
      expect(stdout.match(/^# warning: the login .*$/gm)).toEqual([
        expect.stringMatching(/^# warning: the login .*, which Vigie does not need: REVOKE/),
      ]);
    },
    LIMIT_MS,
  );

  test(
    'GM7: tells that the server is a replica, and how far it is behind; a primary in its place fails',
    async () => {
      const replica = await startPostgresReplica(server);
      declare(WAITING, 'role: replica', replica.port);
      const right = await exchange.vigie(['try', 'exchange-db'], { EXCHANGE_DB_PASSWORD: PASSWORD });
      await replica.remove();
      declare(WAITING, 'role: replica');
      const wrong = await exchange.vigie(['try', 'exchange-db', 'waiting'], { EXCHANGE_DB_PASSWORD: PASSWORD });

      expect([right.code, wrong.code]).toEqual([0, 1]);
      expect(comments(right.stdout).filter((line) => line.startsWith('# server: '))).toEqual([
        expect.stringMatching(/, a replica, [\d.]+ s behind$/),
        expect.stringMatching(/, a replica, [\d.]+ s behind$/),
      ]);
      expect(comments(wrong.stdout)[0]).toMatch(/^# waiting: failed after … ms \(role, role\): the database is a primary/);
    },
    LIMIT_MS,
  );

  test(
    'GM6: warns of rows that were left out',
    async () => {
      declare(`
      many:
        sql: SELECT i AS value, i::text AS name FROM generate_series(1, 30) AS i
        max_rows: 25
        metrics: [{ name: exchange_value, help: A value., value: value, labels: [name] }]
`);

      const { code, stdout } = await exchange.vigie(['try', 'exchange-db'], { EXCHANGE_DB_PASSWORD: PASSWORD });

      expect(code).toBe(0);
      expect(comments(stdout)).toContain('# 20 of 30 rows');
      expect(comments(stdout)).toContain(
        '# warning: query many: 5 rows beyond the first 25 were left out; aggregate them, or raise max_rows',
      );
    },
    LIMIT_MS,
  );

  test(
    'GM6: warns of a query that takes much of its time',
    async () => {
      declare(`
      slow:
        sql: SELECT 1 AS value FROM pg_sleep(1.2)
        timeout: 2s
        metrics: [{ name: exchange_value, help: A value., value: value }]
`);

      const { code, stdout } = await exchange.vigie(['try', 'exchange-db'], { EXCHANGE_DB_PASSWORD: PASSWORD });

      expect(code).toBe(0);
      expect(comments(stdout)).toContain('# warning: it took … ms of the … ms it has: give it more time, or make it faster');
    },
    LIMIT_MS,
  );

  test(
    'GM6: a wrong password fails with 1 and class auth; neither it nor the right one is shown',
    async () => {
      declare(WAITING);

      const wrong = await exchange.vigie(['try', 'exchange-db'], { EXCHANGE_DB_PASSWORD: 'quite-wrong-secret' });
      const right = await exchange.vigie(['try', 'exchange-db'], { EXCHANGE_DB_PASSWORD: PASSWORD });

      expect([wrong.code, right.code]).toEqual([1, 0]);
      expect(comments(wrong.stdout)[0]).toMatch(/^# waiting: failed after … ms \(login, auth\): /);
      expect(JSON.stringify([wrong, right])).not.toMatch(/quite-wrong-secret|opens-the-exchange/);
    },
    LIMIT_MS,
  );
});
