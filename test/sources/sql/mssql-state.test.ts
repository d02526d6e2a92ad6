// Driver mssql, what it learns of the server and of itself: product, address, phases of the connection, role and lag, rights.

import type { Connection } from '../../../src/sources/sql/driver.js';
import { EFFECTIVE_RIGHTS_SQL, GRANTS_SQL, ROLES_SQL, SERVER_RIGHTS_SQL } from '../../../src/sources/sql/drivers/mssql-rights.js';
import { productOf, ROLE_SQL } from '../../../src/sources/sql/drivers/mssql-state.js';
import type { Answer, Column, TdsServer, Value } from '../../servers/tds/server.js';
import { createWorld, limits, type World } from './mssql-double.js';

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

/** A row of texts and integers; others of the same columns follow. */
function table(first: readonly Value[], ...others: readonly (readonly Value[])[]): Answer {
  const rows = [first, ...others];
  const typeAt = (place: number): Column['type'] => (rows.some((row) => typeof row[place] === 'string') ? 'nvarchar' : 'int');
  return { columns: first.map((_, place) => ({ name: `c${place}`, type: typeAt(place) })), rows };
}

const none: Answer = { columns: [{ name: 'c0', type: 'int' }], rows: [] };

async function open(
  answers: Readonly<Record<string, Answer>>,
  otherwise: Answer = none,
): Promise<{ connection: Connection; server: TdsServer }> {
  const server = await world.server({ onQuery: (sql) => answers[sql] ?? otherwise });
  return { connection: await world.connect(server), server };
}

describe('a connection to SQL Server tells', () => {
  test('what answers, and where', async () => {
    const { connection, server } = await open({});

    expect(connection.product).toBe('SQL Server 16.0.1000.6, Developer Edition');
    expect(connection.address).toBe(`127.0.0.1:${server.port}`);
  });

  test.each([
    [
      ['15.0.4430.1', 'Enterprise Edition: Core-based Licensing (64-bit)', 3],
      'SQL Server 15.0.4430.1, Enterprise Edition: Core-based Licensing',
    ],
    [['12.0.2000.8', 'SQL Azure', 5], 'Azure SQL Database 12.0.2000.8'],
    [['12.0.2000.8', 'SQL Azure', 8], 'Azure SQL Managed Instance 12.0.2000.8'],
    [['16.0.1000.6', null, 3], 'SQL Server 16.0.1000.6'],
    [[], 'SQL Server'],
  ])('the product from %j: %s', (row, product) => {
    expect(productOf({ columns: [], rows: [row], dropped: 0, phases: { execute: 0, fetch: 0 } })).toBe(product);
  });

  test('how long each step took: a name is looked up, an address is not; TLS where there is some', async () => {
    const server = await world.server();

    const byName = await world.connect(server, { server: 'localhost' });
    const byAddress = await world.connect(server);
    const unencrypted = await world.connect(server, { encrypt: false, tls: undefined });

    expect(Object.keys(byName.phases)).toEqual(['dns', 'connect', 'tls', 'login']);
    expect(Object.keys(byAddress.phases)).toEqual(['connect', 'tls', 'login']);
    expect(Object.keys(unencrypted.phases)).toEqual(['connect', 'login']);
    for (const phases of [byName.phases, byAddress.phases, unencrypted.phases]) {
      for (const ms of Object.values(phases)) expect(ms).toBeGreaterThan(0);
    }
    expect(byName.address).toBe(`localhost:${server.port}`);
  });

  test('of TLS before anything else as well', async () => {
    const server = await world.server({ strict: true });

    const { phases } = await world.connect(server, { encrypt: 'strict' });

    expect(Object.keys(phases)).toEqual(['connect', 'tls', 'login']);
    // A handshake takes longer than a socket on the same machine.
    expect(phases.tls).toBeGreaterThan(phases.connect ?? Infinity);
  });

  test('the replica to which a listener has sent it, and the time that both together took', async () => {
    const replica = await world.server();
    const listener = await world.server({
      onLogin: ({ readOnlyIntent }) => (readOnlyIntent ? { host: replica.host, port: replica.port } : undefined),
    });

    const connection = await world.connect(listener);

    expect(connection.address).toBe(`127.0.0.1:${replica.port}`);
    expect(Object.keys(connection.phases)).toEqual(['connect', 'tls', 'login']);
  });

  test('with the phases of the connection in use, not of the trial before it', async () => {
    let logins = 0;
    const server = await world.server({ onLogin: () => void logins++ });
    const startedAt = performance.now();

    const { phases } = await world.connect(server);
    const tookMs = performance.now() - startedAt;

    expect(logins).toBe(2);
    expect(Object.values(phases).reduce((sum, ms) => sum + ms, 0)).toBeLessThan(tookMs);
  });
});

const LOGIN = ['vigie', 'vigie'];
const asReplica = table(['READ_ONLY', 3, '16.0.1000.6', ...LOGIN]);

describe('the role of a SQL Server', () => {
  test('GM7: is primary where the database takes writes, and nothing else is asked', async () => {
    const { connection, server } = await open({ [ROLE_SQL]: table(['READ_WRITE', 3, '16.0.1000.6', ...LOGIN]) });

    expect(await connection.state(limits())).toEqual({ role: 'primary' });
    expect(server.requests.slice(-3).map(({ kind, sql }) => `${kind} ${sql.slice(0, 16)}`.trim())).toEqual([
      'batch SET LOCK_TIMEOUT',
      `batch ${ROLE_SQL.slice(0, 16)}`,
      'rollback',
    ]);
  });

  test('GM7: is replica where it is read-only, with the lag that the server knows', async () => {
    const { connection, server } = await open({ [ROLE_SQL]: asReplica }, table([7]));

    expect(await connection.state(limits())).toEqual({ role: 'replica', lagSeconds: 7 });
    expect(server.requests.at(-2)?.sql).toMatch(
      /secondary_lag_seconds.* FROM sys\.dm_hadr_database_replica_states WHERE database_id = DB_ID\(\) AND is_local = 1$/,
    );
  });

  test('a lag below nothing, since clocks differ, is none', async () => {
    const { connection } = await open({ [ROLE_SQL]: asReplica }, table([-2]));

    expect(await connection.state(limits())).toEqual({ role: 'replica', lagSeconds: 0 });
  });

  test.each([
    ['16.0.1000.6', 'VIEW SERVER PERFORMANCE STATE'],
    ['15.0.4430.1', 'VIEW SERVER STATE'],
  ])('GM7: of version %s without the permission: the role, and the GRANT that would tell the lag', async (version, permission) => {
    const denied = { number: 300, message: 'VIEW SERVER STATE permission was denied on object', severity: 14 };
    const { connection } = await open({ [ROLE_SQL]: table(['READ_ONLY', 3, version, 'EX]AMPLE\\vigie', 'vigie']) }, denied);

    expect(await connection.state(limits())).toEqual({
      role: 'replica',
      lagProblem: `the login may not see how far the replica is behind: USE master; GRANT ${permission} TO [EX]]AMPLE\\vigie];`,
    });
    expect(connection.usable).toBe(true);
  });

  test('in Azure the view and the permission are others', async () => {
    const denied = { number: 262, message: 'VIEW DATABASE STATE permission denied in database', severity: 14 };
    const { connection, server } = await open({ [ROLE_SQL]: table(['READ_ONLY', 5, '12.0.2000.8', ...LOGIN]) }, denied);

    expect(await connection.state(limits())).toMatchObject({
      lagProblem: expect.stringMatching(/: GRANT VIEW DATABASE STATE TO \[vigie\];$/),
    });
    expect(server.requests.at(-2)?.sql).toMatch(/ FROM sys\.dm_database_replica_states WHERE is_local = 1$/);
  });

  test.each([
    ['in no availability group', none, /^the database is read-only and in no availability group/],
    ['that has received nothing', table([null]), /^the replica has not received a transaction yet$/],
    ['too old to know it', { number: 207, message: "Invalid column name 'secondary_lag_seconds'." }, /secondary_lag_seconds/],
  ])('a replica %s has no lag', async (_, answer, problem) => {
    const { connection } = await open({ [ROLE_SQL]: asReplica }, answer);

    const { role, lagSeconds, lagProblem } = await connection.state(limits());

    expect([role, lagSeconds]).toEqual(['replica', undefined]);
    expect(lagProblem).toMatch(problem);
  });

  test('that is not told is an error of class role', async () => {
    const { connection } = await open({ [ROLE_SQL]: table([null, 3, '16.0.1000.6', ...LOGIN]) });

    await expect(connection.state(limits())).rejects.toMatchObject({ phase: 'role', errorClass: 'role' });
  });

  test('is bounded like a query, and its errors are of phase role', async () => {
    const { connection, server } = await open({ [ROLE_SQL]: 'hang' });

    const failing = connection.state({ timeoutMs: 300, signal: AbortSignal.timeout(300) });

    await expect(failing).rejects.toMatchObject({ phase: 'role', errorClass: 'timeout' });
    expect(server.attentions).toHaveLength(1);
    expect(connection.usable).toBe(true);
  });
});

describe('the rights of a login to SQL Server', () => {
  const plain = table(['vigie', 'vigie', 'exchange', 0, 0, 0]);
  const effective = (...may: Value[]) => table(may);

  test('that only reads are none too many', async () => {
    const { connection } = await open({ [SERVER_RIGHTS_SQL]: plain, [EFFECTIVE_RIGHTS_SQL]: effective(0, 0, 0, 0, 0) });

    expect(await connection.excessRights(limits())).toEqual([]);
  });

  test('GM7: of sysadmin: the one that holds all others', async () => {
    const { connection } = await open({ [SERVER_RIGHTS_SQL]: table(['sa]x', 'dbo', 'exchange', 1, 1, 1]) });

    expect(await connection.excessRights(limits())).toEqual([
      { right: 'is a member of the server role sysadmin', mend: 'ALTER SERVER ROLE [sysadmin] DROP MEMBER [sa]]x];' },
    ]);
  });

  test('of who owns the database or rules the server otherwise', async () => {
    const { connection } = await open({ [SERVER_RIGHTS_SQL]: table(['vigie', 'dbo', 'exchange', 0, 1, 1]) });

    expect(await connection.excessRights(limits())).toEqual([
      { right: 'may CONTROL SERVER', mend: 'USE master; REVOKE CONTROL SERVER FROM [vigie];' },
      {
        right: 'is a member of the server role securityadmin, which may grant itself everything',
        mend: 'ALTER SERVER ROLE [securityadmin] DROP MEMBER [vigie];',
      },
      { right: 'owns the database exchange', mend: 'ALTER AUTHORIZATION ON DATABASE::[exchange] TO [sa];' },
    ]);
  });

  test('GM7: by roles and grants, also through others, each with the statement that takes it away', async () => {
    const { connection } = await open({
      [SERVER_RIGHTS_SQL]: plain,
      [ROLES_SQL]: table(['db_owner', 'vigie', 0], ['db_datawriter', 'Leser', 1]),
      [GRANTS_SQL]: table(
        ['ALTER', 'vigie', 0, 'G', 0, null, null, null],
        ['INSERT', 'vigie', 0, 'W', 3, 'dbo', null, null],
        ['UPDATE', 'public', 1, 'G', 1, 'dbo', 'pen]ding', 'state'],
        ['DELETE', 'vigie', 0, 'G', 1, 'dbo', 'pending', null],
      ),
    });

    const rights = await connection.excessRights(limits());

    expect(rights).toEqual([
      { right: 'is a member of the role db_owner', mend: 'ALTER ROLE [db_owner] DROP MEMBER [vigie];' },
      { right: 'is a member of the role db_datawriter, by Leser', mend: 'ALTER ROLE [db_datawriter] DROP MEMBER [Leser];' },
      { right: 'may ALTER anywhere in the database', mend: 'REVOKE ALTER FROM [vigie];' },
      { right: 'may INSERT in the schema dbo', mend: 'REVOKE INSERT ON SCHEMA::[dbo] FROM [vigie] CASCADE;' },
      {
        right: 'may UPDATE on the column state of dbo.pen]ding, by public',
        mend: 'REVOKE UPDATE ON OBJECT::[dbo].[pen]]ding] ([state]) FROM [public];',
      },
    ]);
  });

  test('that no role and no grant explains are denied', async () => {
    const { connection } = await open({ [SERVER_RIGHTS_SQL]: plain, [EFFECTIVE_RIGHTS_SQL]: effective(1, 0, 1, 0, 0) });

    expect(await connection.excessRights(limits())).toEqual([
      { right: 'may INSERT anywhere in the database', mend: 'DENY INSERT TO [vigie];' },
      { right: 'may DELETE anywhere in the database', mend: 'DENY DELETE TO [vigie];' },
    ]);
  });

  test('that the server does not tell are an error, and the connection stays', async () => {
    const { connection } = await open({}, { number: 297, message: 'The user does not have permission.', severity: 16 });

    await expect(connection.excessRights(limits())).rejects.toMatchObject({ errorClass: 'permission' });
    expect(connection.usable).toBe(true);
  });
});
