// Driver oracle on a stand-in for its library: what it sends, how it reads values, how it ends what takes too long.

import type { Connection, QueryLimits, Statement } from '../../../src/sources/sql/driver.js';
import { Instant } from '../../../src/sources/sql/driver.js';
import { oracle, oracleDriver } from '../../../src/sources/sql/drivers/oracle.js';
import { SourceError } from '../../../src/sources/kind.js';
import { until } from '../../wait.js';
import { njsError, OracleDouble, oraError, type Answer, type SessionDouble } from './oracle-double.js';

const SETTINGS = { server: 'db.example.org', database: 'EXCHANGE', user: 'vigie', password: { env: 'X' }, tls: false } as const;
const QUERY = 'SELECT id FROM pending';
const LONG_AGO = AbortSignal.abort();

interface Opened {
  readonly library: OracleDouble;
  readonly connection: Connection;
  readonly session: SessionDouble;
}

async function open(answer: (sql: string) => Answer | undefined = () => undefined): Promise<Opened> {
  const library = new OracleDouble(answer);
  const context = { application: 'vigie/exchange-db', readSecret: async () => 'secret', resolvePath: (path: string) => path };
  const connection = await oracleDriver(async () => library).connect(SETTINGS, context, new AbortController().signal);
  const [session] = library.sessions;
  if (!session) throw new Error('no session was opened');
  library.executed.length = 0;
  return { library, connection, session };
}

function limits(changes: Partial<QueryLimits> = {}): QueryLimits {
  return { signal: new AbortController().signal, timeoutMs: 4000, maxRows: 100, countDropped: true, ...changes };
}

async function failure(promise: Promise<unknown>): Promise<SourceError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof SourceError) return error;
  throw new Error('it did not fail as expected', { cause: error });
}

function ids(count: number): Answer {
  return { columns: [['ID', 'NUMBER']], rows: Array.from({ length: count }, (_, place) => [String(place)]) };
}

describe('driver oracle connects', () => {
  test('by service name, with the password of the moment, and shows who it is', async () => {
    const { library, connection, session } = await open();

    expect(library.logins).toEqual([
      { connectString: 'tcp://db.example.org:1521/EXCHANGE', user: 'vigie', password: 'secret', program: 'vigie/exchange-db' },
    ]);
    expect(session.module).toBe('vigie/exchange-db');
    expect(connection.product).toBe('Oracle Database 19.21.0.0.0');
    expect(connection.address).toBe('db.example.org:1521');
    expect(connection.usable).toBe(true);
  });

  test('by TLS where nothing else is said, on the port that is usual for it', async () => {
    const library = new OracleDouble();
    const context = { application: 'x', readSecret: async () => 'x', resolvePath: (path: string) => path };

    await oracleDriver(async () => library).connect({ ...SETTINGS, tls: true }, context, new AbortController().signal);

    expect(library.logins[0]?.connectString).toBe('tcps://db.example.org:2484/EXCHANGE');
  });

  test.each([
    [{ server: 'db.example.org:1521' }, 'server', /the port is said by `port`/],
    [{ server: 'db.example.org/EXCHANGE' }, 'server', /the service by `database`/],
    [{ database: 'EXCHANGE?wallet_location=/x' }, 'database', /is no name of a service/],
    [{ tls: { ca: 'ca.pem' } }, 'tls', /NODE_EXTRA_CA_CERTS/],
  ])('but not by %o', (changes, setting, message) => {
    expect(oracle.settingProblems?.({ ...SETTINGS, ...changes })).toEqual([{ setting, message: expect.stringMatching(message) }]);
  });

  test('and takes its leave when it is closed, at once also where the server does not answer', async () => {
    const { connection, session } = await open();
    const { connection: deaf, session: deafSession } = await open();
    deafSession.close = async () => await new Promise(() => {});

    await connection.close();
    await deaf.close();

    expect(session.closed).toBe(true);
    expect([connection.usable, deaf.usable]).toEqual([false, false]);
  });
});

describe('driver oracle only reads', () => {
  test('each query in a read-only transaction of its own, which it leaves', async () => {
    const { library, connection, session } = await open((sql) => (sql === QUERY ? ids(1) : undefined));

    await connection.query({ sql: QUERY }, limits());

    expect(library.sent).toEqual(['SET TRANSACTION READ ONLY', QUERY]);
    expect(session.rollbacks).toBe(1);
  });

  test.each([
    ['SELECT id FROM pending FOR UPDATE', /locks rows/],
    ['SELECT id FROM pending FOR UPDATE OF id SKIP LOCKED', /locks rows/],
    ['WITH FUNCTION f RETURN NUMBER IS BEGIN RETURN 1; END; SELECT f FROM dual', /defines a function of its own/],
    ['SELECT invoices_seq.NEXTVAL FROM dual', /takes a number from a sequence/],
    ['BEGIN clean_up; END;', /is no SELECT/],
    ['DELETE FROM pending', /is no SELECT/],
    ["SELECT q'[it's]' FROM dual; DELETE FROM pending", /holds several statements/],
    ["SELECT 'x' FROM dual FOR /* ' */ UPDATE", /locks rows/],
  ])('and never sends %s', async (sql, message) => {
    const { library, connection } = await open();

    const error = await failure(connection.query({ sql }, limits()));

    expect(error).toMatchObject({ phase: 'query', errorClass: 'permission', message: expect.stringMatching(message) });
    expect(library.sent).toEqual([]);
  });

  test.each([
    "SELECT q'[it's for update]', nq'!; delete!', \"for update\" /* ; */ FROM dual -- for update",
    '(SELECT 1 AS value FROM dual) UNION ALL (SELECT 2 FROM dual)',
    'WITH a AS (SELECT 1 AS value FROM dual) SELECT value FROM a;',
    '-- the oldest\nSELECT /*+ INDEX(p) */ MIN(id) FROM pending p',
  ])('and has nothing against %s', (sql) => {
    expect(oracle.refusal?.(sql)).toBeUndefined();
  });
});

/** A cell as it comes from a column of the type. */
async function valueOf(type: string, cell: unknown): Promise<unknown> {
  const { connection } = await open((sql) => (sql.includes(QUERY) ? { columns: [['ID', type]], rows: [[cell]] } : undefined));
  const { rows } = await connection.query({ sql: QUERY }, limits());
  return rows[0]?.[0];
}

function twice(type: string): Answer {
  return {
    columns: [
      ['ID', 'NUMBER'],
      ['ID', type],
    ],
    rows: [['1', '2']],
  };
}

describe('driver oracle reads', () => {
  test.each([
    ['NUMBER', '12345678901234567890.123456789', '12345678901234567890.123456789'],
    ['BINARY_DOUBLE', Infinity, Infinity],
    ['VARCHAR2', ' sent ', ' sent '],
    ['CHAR', 'sent      ', 'sent'],
    ['CLOB', 'sent', 'sent'],
    ['BOOLEAN', true, true],
    ['RAW', Buffer.from([1, 255]), Uint8Array.of(1, 255)],
    ['DATE', '2026-03-29 02:30:00', '2026-03-29 02:30:00'],
    ['TIMESTAMP', '2026-03-29 02:30:00.123456789', '2026-03-29 02:30:00.123456789'],
    [
      'TIMESTAMP WITH TIME ZONE',
      '2026-03-29T01:30:00.250000000Z',
      new Instant(Date.UTC(2026, 2, 29, 1, 30) / 1000 + 0.25, '2026-03-29T01:30:00.250000000Z'),
    ],
    [
      'TIMESTAMP WITH LOCAL TIME ZONE',
      '2026-03-29T01:30:00.000000001Z',
      new Instant(Date.UTC(2026, 2, 29, 1, 30) / 1000, '2026-03-29T01:30:00.000000001Z'),
    ],
    ['NUMBER', null, null],
    ['DATE', null, null],
  ])('%s %o', async (type, cell, expected) => {
    expect(await valueOf(type, cell)).toEqual(expected);
  });

  test.each(['INTERVAL DAY TO SECOND', 'SDO_GEOMETRY', 'VECTOR'])('no %s, which it names before anything runs', async (type) => {
    const { library, connection } = await open((sql) => (sql === QUERY ? { columns: [['ID', type]], rows: [] } : undefined));

    const error = await failure(connection.query({ sql: QUERY }, limits()));

    expect(error).toMatchObject({ phase: 'query', errorClass: 'schema' });
    expect(error.message).toBe(`column "ID" is of type ${type}, which Vigie cannot read; select a number, text or time made of it`);
    expect(library.sent).not.toContain(QUERY);
  });

  test('times as the server itself writes them, around a statement that returns some', async () => {
    const columns = [
      ['FLOW', 'VARCHAR2'],
      ['SINCE', 'DATE'],
      ['MIN(AT)', 'TIMESTAMP'],
      ['ZONED', 'TIMESTAMP WITH TIME ZONE'],
    ] as const;
    const { library, connection } = await open((sql) =>
      sql.includes(QUERY) ? { columns, rows: [['factures', null, null, null]] } : undefined,
    );

    const result = await connection.query({ sql: QUERY }, limits());

    expect(result.columns).toEqual(['FLOW', 'SINCE', 'MIN(AT)', 'ZONED']);
    expect(library.sent[1]).toBe(
      `SELECT "FLOW", TO_CHAR("SINCE", 'YYYY-MM-DD HH24:MI:SS') AS "SINCE", ` +
        `TO_CHAR("MIN(AT)", 'YYYY-MM-DD HH24:MI:SS.FF9') AS "MIN(AT)", ` +
        `TO_CHAR("ZONED" AT TIME ZONE '+00:00', 'YYYY-MM-DD"T"HH24:MI:SS.FF9"Z"') AS "ZONED" FROM (\n${QUERY}\n)`,
    );
  });

  test('numbers and long texts as texts, and leaves the rest to the library', async () => {
    const { library, connection } = await open((sql) => (sql === QUERY ? ids(0) : undefined));

    await connection.query({ sql: QUERY }, limits());

    const handler = library.executed[1]?.options.fetchTypeHandler;
    const types = ['NUMBER', 'CLOB', 'BLOB', 'VARCHAR2'].map((dbTypeName) => handler?.({ name: 'X', dbTypeName })?.type);
    expect(types).toEqual(['as text', 'as text', 'as bytes', undefined]);
  });

  test('two columns of one name only where none is a time', async () => {
    const numbers = await open((sql) => (sql === QUERY ? twice('NUMBER') : undefined));
    const times = await open((sql) => (sql === QUERY ? twice('DATE') : undefined));

    const result = await numbers.connection.query({ sql: QUERY }, limits());
    const error = await failure(times.connection.query({ sql: QUERY }, limits()));

    expect(result.columns).toEqual(['ID', 'ID']);
    expect(error).toMatchObject({ errorClass: 'schema', message: 'several columns "ID"; give them different names with AS' });
  });

  test('as many rows as are wanted, and counts the others as they go by', async () => {
    const { connection } = await open((sql) => (sql === QUERY ? ids(2500) : undefined));

    const all = await connection.query({ sql: QUERY }, limits({ maxRows: 2500 }));
    const few = await connection.query({ sql: QUERY }, limits({ maxRows: 2 }));
    const uncounted = await connection.query({ sql: QUERY }, limits({ maxRows: 2, countDropped: false }));

    expect([all.rows.length, all.dropped]).toEqual([2500, 0]);
    expect([few.rows.length, few.dropped]).toEqual([2, 2498]);
    expect([uncounted.rows.length, uncounted.dropped]).toEqual([2, 1]);
  });
});

/** What stands in the place of a watermark, and what is bound to it. */
async function sentFor(watermark: NonNullable<Statement['watermark']>): Promise<[string | undefined, object | undefined]> {
  const { library, connection } = await open((sql) => (sql.startsWith('SELECT') ? ids(0) : undefined));
  const sql = "SELECT id, ':watermark' AS text FROM history WHERE id > :watermark ORDER BY id;";
  await connection.query({ sql, watermark }, limits());
  const executed = library.executed[1];
  return [/id > (?<value>.*) ORDER BY id$/.exec(executed?.sql ?? '')?.groups?.['value'], executed?.binds];
}

describe('driver oracle gives :watermark', () => {
  test.each([
    [{ type: 'integer', text: '12345678901234567890' }, '(TO_NUMBER(:watermark))', '12345678901234567890'],
    [{ type: 'decimal', text: '20260302080000.1234567' }, '(TO_NUMBER(:watermark) * 1e-7)', '202603020800001234567'],
    [{ type: 'decimal', text: '-0.5' }, '(TO_NUMBER(:watermark) * 1e-1)', '-05'],
    [
      { type: 'time', text: '2026-03-02 08:00:00.123456789' },
      "TO_TIMESTAMP(:watermark, 'YYYY-MM-DD HH24:MI:SS.FF')",
      '2026-03-02 08:00:00.123456789',
    ],
    [{ type: 'time', text: '2026-03-02 08:00:00' }, "TO_DATE(:watermark, 'YYYY-MM-DD HH24:MI:SS')", '2026-03-02 08:00:00'],
    [{ type: 'time', text: '2026-03-02' }, "TO_DATE(:watermark, 'YYYY-MM-DD HH24:MI:SS')", '2026-03-02 00:00:00'],
    [
      { type: 'time', text: '2026-03-02T08:00:00.123456789Z' },
      "TO_TIMESTAMP_TZ(:watermark, 'YYYY-MM-DD HH24:MI:SS.FF TZH:TZM')",
      '2026-03-02 08:00:00.123456789 +00:00',
    ],
    [
      { type: 'time', text: '2026-03-02 08:00:00+0100' },
      "TO_TIMESTAMP_TZ(:watermark, 'YYYY-MM-DD HH24:MI:SS.FF TZH:TZM')",
      '2026-03-02 08:00:00.0 +01:00',
    ],
  ] as const)('%o as a bind variable', async (watermark, expression, text) => {
    expect(await sentFor(watermark)).toEqual([expression, { watermark: text }]);
  });

  test('and says what a time looks like', async () => {
    const error = await failure(sentFor({ type: 'time', text: 'yesterday' }));

    expect(error).toMatchObject({ phase: 'query', errorClass: 'config', message: expect.stringMatching(/2026-03-02 08:00:00/) });
  });
});

describe('driver oracle ends a query', () => {
  test('of which it asks the library to bound each exchange, a little below the time-out', async () => {
    const { connection, session } = await open((sql) => (sql === QUERY ? ids(1) : undefined));

    await connection.query({ sql: QUERY }, limits({ timeoutMs: 4000 }));

    expect(session.callTimeouts.slice(1).every((limit) => limit > 3000 && limit <= 3800)).toBe(true);
  });

  test('that nobody waits for any more, and keeps the connection', async () => {
    const { library, connection, session } = await open((sql) => (sql === QUERY ? 'silence' : undefined));
    const abort = new AbortController();

    const running = failure(connection.query({ sql: QUERY }, limits({ signal: abort.signal })));
    await until(() => library.sent.includes(QUERY));
    abort.abort();
    const error = await running;

    expect(error).toMatchObject({ phase: 'query', errorClass: 'timeout' });
    expect(session.breaks).toBe(1);
    expect(session.rollbacks).toBe(1);
    expect(connection.usable).toBe(true);
  });

  test('by cutting the connection where the server does not heed the cancel', async () => {
    const { library, connection, session } = await open((sql) => (sql === QUERY ? 'silence' : undefined));
    session.heedsBreak = false;
    const abort = new AbortController();

    const running = failure(connection.query({ sql: QUERY }, limits({ signal: abort.signal })));
    await until(() => library.sent.includes(QUERY));
    abort.abort();
    const error = await running;

    expect(error).toMatchObject({ phase: 'query', errorClass: 'lost' });
    expect(connection.usable).toBe(false);
    expect(session.rollbacks).toBe(0);
  });

  test('never begins one that nobody waits for', async () => {
    const { library, connection } = await open();

    await expect(connection.query({ sql: QUERY }, limits({ signal: LONG_AGO }))).rejects.toThrow();

    expect(library.sent).toEqual([]);
  });

  test('and drops a connection that may not be left in its transaction', async () => {
    const { connection, session } = await open((sql) => (sql === QUERY ? ids(1) : undefined));
    session.rollback = async () => {
      throw njsError('NJS-500', 'connection to Oracle Database was closed or broken');
    };

    const { rows } = await connection.query({ sql: QUERY }, limits());

    expect(rows).toEqual([['0']]);
    expect(connection.usable).toBe(false);
  });
});

describe('driver oracle tells of errors', () => {
  test.each([
    [oraError(942, 'table or view does not exist'), 'schema', 'table or view does not exist (ORA-00942)'],
    [oraError(904, '"FLOWW": invalid identifier'), 'schema', '"FLOWW": invalid identifier (ORA-00904)'],
    [oraError(933, 'SQL command not properly ended'), 'syntax', 'SQL command not properly ended (ORA-00933)'],
    [oraError(1031, 'insufficient privileges'), 'permission', 'insufficient privileges (ORA-01031)'],
    [oraError(1456, 'may not perform insert'), 'permission', 'the query tries to write; its transaction is read-only (ORA-01456)'],
    [oraError(60, 'deadlock detected'), 'deadlock', 'the server ended a deadlock by cancelling the query (ORA-00060)'],
    [
      oraError(1722, "unable to convert string value 'Dupont' to a number"),
      'schema',
      'the server could not compute with a value (ORA-01722)',
    ],
    [oraError(1861, 'literal Dupont'), 'schema', 'the server could not compute with a value (ORA-01861)'],
    [oraError(30_006, 'resource busy'), 'timeout', 'a table stayed locked by somebody else (ORA-30006)'],
    [oraError(28, 'your session has been killed'), 'lost', 'an administrator ended the session, or the server shuts down (ORA-00028)'],
    [oraError(3113, 'end-of-file on communication channel'), 'lost', 'the connection was lost (ORA-03113)'],
    [oraError(7445, 'exception encountered: Dupont'), 'internal', 'the server reports an error (ORA-07445)'],
    [njsError('NJS-123', 'call timeout of 3800 ms exceeded'), 'timeout', 'the query was cancelled: it ran longer than its timeout'],
    [njsError('NJS-500', 'closed or broken'), 'lost', 'the connection ended before the answer'],
    [njsError('NJS-098', '2 positional bind values'), 'schema', 'the statement names a bind variable other than :watermark'],
  ])('in a query, case %#', async (thrown, errorClass, message) => {
    const { connection, session } = await open((sql) => (sql === QUERY ? thrown : undefined));

    const error = await failure(connection.query({ sql: QUERY }, limits()));

    expect(error).toMatchObject({ phase: 'query', errorClass, message });
    expect(session.rollbacks).toBe(1);
  });

  test.each([
    [oraError(1017, 'invalid username/password; logon denied'), 'login', 'auth', 'user or password is wrong (ORA-01017)'],
    [oraError(28_000, 'The account is locked.'), 'login', 'auth', 'the login is locked (ORA-28000)'],
    [
      oraError(1045, 'user VIGIE lacks CREATE SESSION privilege'),
      'login',
      'permission',
      'the login may not connect; GRANT CREATE SESSION to it (ORA-01045)',
    ],
    [
      oraError(1034, 'ORACLE not available'),
      'login',
      'refused',
      'the database lets nobody in now: it starts, stops, or is restricted (ORA-01034)',
    ],
    [njsError('NJS-138', 'not supported'), 'connect', 'protocol', 'the server is too old: Oracle Database 12.1 is needed, or newer'],
    [
      njsError('NJS-533', 'negotiation failed. Cause: ORA-12660'),
      'connect',
      'tls',
      expect.stringMatching(/insists on Oracle's own network encryption/),
    ],
  ])('at the login, case %#', async (thrown, phase, errorClass, message) => {
    const library = new OracleDouble();
    library.getConnection = async () => {
      throw thrown;
    };
    const context = { application: 'x', readSecret: async () => 'secret', resolvePath: (path: string) => path };

    const error = await failure(oracleDriver(async () => library).connect(SETTINGS, context, new AbortController().signal));

    const shown = typeof message === 'string' ? `db.example.org:1521: ${message}` : message;
    expect(error).toMatchObject({ phase, errorClass, message: shown });
  });
});

function database(role: string, lagAnswer: Answer): (sql: string) => Answer | undefined {
  return (sql) => {
    if (sql.includes('DATABASE_ROLE')) return { columns: [['ROLE', 'VARCHAR2']], rows: [[role]] };
    return sql.includes('V$DATAGUARD_STATS') ? lagAnswer : undefined;
  };
}

function lag(...row: (string | null)[]): Answer {
  return { columns: [['VALUE', 'VARCHAR2']], rows: [row] };
}

describe('driver oracle tells of the server', () => {
  test.each([
    ['PRIMARY', lag(null), { role: 'primary' }],
    ['SNAPSHOT STANDBY', lag(null), { role: 'primary' }],
    ['PHYSICAL STANDBY', lag('+00 00:00:05', '03/02/2026 08:00:00', '03/02/2026 08:00:00'), { role: 'replica', lagSeconds: 5 }],
    ['LOGICAL STANDBY', lag('+01 00:01:05', null, '03/02/2026 08:00:00'), { role: 'replica', lagSeconds: 86_465 }],
    ['PHYSICAL STANDBY', lag('+00 00:00:05', '03/02/2026 08:00:00', '03/02/2026 08:10:00'), { role: 'replica', lagSeconds: 605 }],
    ['PHYSICAL STANDBY', lag(null, null, null), { role: 'replica', lagProblem: expect.stringMatching(/does not know its lag/) }],
    [
      'PHYSICAL STANDBY',
      oraError(942, 'table or view does not exist'),
      { role: 'replica', lagProblem: expect.stringMatching(/GRANT SELECT ON SYS\.V_\$DATAGUARD_STATS TO vigie$/) },
    ],
  ])('%s: role and lag, case %#', async (role, answer, expected) => {
    const { connection } = await open(database(role, answer));

    expect(await connection.state(limits())).toEqual(expected);
  });

  test('an error of another kind is one of phase role', async () => {
    const { connection } = await open(database('PHYSICAL STANDBY', oraError(3113, 'end-of-file')));

    expect(await failure(connection.state(limits()))).toMatchObject({ phase: 'role', errorClass: 'lost' });
  });

  test('what the login could change, and how to take that away', async () => {
    const { connection, library } = await open((sql) => {
      if (sql.includes('USER_SYS_PRIVS'))
        return {
          columns: [],
          rows: [
            ['INSERT ANY TABLE', null],
            ['CREATE TABLE', 'RESOURCE'],
          ],
        };
      if (sql.includes('USER_TAB_PRIVS_RECD'))
        return {
          columns: [],
          rows: [
            ['UPDATE', null, 'APP', 'Pending'],
            ['DELETE', 'APP_USER', 'APP', 'LOG'],
          ],
        };
      return sql.includes('USER_TABLES') ? { columns: [], rows: [['HISTORY']] } : undefined;
    });

    const rights = await connection.excessRights(limits());

    expect(rights).toEqual([
      { right: 'may INSERT ANY TABLE', mend: 'REVOKE INSERT ANY TABLE FROM vigie' },
      { right: 'may CREATE TABLE', mend: 'REVOKE RESOURCE FROM vigie' },
      { right: 'may UPDATE on APP."Pending"', mend: 'REVOKE UPDATE ON APP."Pending" FROM vigie' },
      { right: 'may DELETE on APP.LOG', mend: 'REVOKE APP_USER FROM vigie' },
      { right: 'owns HISTORY, so that it may change it whatever is revoked', mend: 'GRANT SELECT ON HISTORY TO another_login' },
    ]);
    expect(library.sent[0]).toBe('SET TRANSACTION READ ONLY');
  });
});
