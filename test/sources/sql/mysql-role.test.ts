// Driver mysql on a real MariaDB and one that follows it: which is which, and how far behind.

import type { Connection } from '../../../src/sources/sql/driver.js';
import { describeWith } from '../../servers/describe.js';
import { startMariadb, startMariadbReplica, type Mariadb } from '../../servers/mariadb.js';
import { until } from '../../wait.js';
import { connect, limits, PASSWORD } from './mysql-connect.js';

describeWith(['mariadbd'], 'driver mysql on a replica', () => {
  let primary: Mariadb;
  let replica: Mariadb;
  const open: Connection[] = [];

  beforeAll(async () => {
    primary = await startMariadb({ serverId: 1 });
    await primary.admin(
      `CREATE DATABASE exchange;
       CREATE TABLE exchange.pending (n int);
       CREATE USER vigie@'%' IDENTIFIED BY ?;
       GRANT SELECT ON exchange.* TO vigie@'%';
       GRANT SLAVE MONITOR ON *.* TO vigie@'%';
       CREATE USER "o'brien"@'127.0.0.1' IDENTIFIED BY ?;
       GRANT SELECT ON exchange.* TO "o'brien"@'127.0.0.1'`,
      [PASSWORD, PASSWORD],
    );
    replica = await startMariadbReplica(primary);
    await until(async () => (await replica.admin("SELECT Db FROM mysql.db WHERE User = 'o''brien'")).length === 1);
  }, 60_000);

  afterEach(async () => {
    for (const connection of open.splice(0)) await connection.close();
  });

  afterAll(async () => {
    await replica?.remove();
    await primary?.remove();
  });

  async function connectTo({ host, port }: Mariadb, user = 'vigie'): Promise<Connection> {
    const connection = await connect({ server: host, port, user });
    open.push(connection);
    return connection;
  }

  test('GM7: a server that takes writes is a primary, and has no lag', async () => {
    const connection = await connectTo(primary);

    expect(await connection.state(limits())).toEqual({ role: 'primary' });
  });

  test('GM7: a server that follows is a replica, with a lag of 0 when it has all', async () => {
    const connection = await connectTo(replica);

    const state = await until(async () => {
      const found = await connection.state(limits());
      return found.lagSeconds === undefined ? undefined : found;
    });

    expect(state).toEqual({ role: 'replica', lagSeconds: 0 });
  });

  test('GM7: the lag of a replica grows while it holds back what it has been sent', async () => {
    const connection = await connectTo(replica);
    await replica.admin('STOP SLAVE; CHANGE MASTER TO MASTER_DELAY = 3600; START SLAVE');
    await primary.admin('INSERT INTO exchange.pending VALUES (1)');

    const first = await until(async () => (await connection.state(limits())).lagSeconds);
    const second = await until(async () => {
      const { lagSeconds = 0 } = await connection.state(limits());
      return lagSeconds > first ? lagSeconds : undefined;
    });
    await replica.admin('STOP SLAVE; CHANGE MASTER TO MASTER_DELAY = 0; START SLAVE');
    const after = await until(async () => ((await connection.state(limits())).lagSeconds === 0 ? 'none' : undefined));

    expect(second).toBeGreaterThan(first);
    expect(after).toBe('none');
  }, 20_000);

  test('GM7: a replica whose replication is broken has no lag, and says why', async () => {
    const connection = await connectTo(replica);
    await replica.admin('STOP SLAVE SQL_THREAD');
    const stopped = await connection.state(limits());
    // The row that the primary deletes is not there any more.
    await primary.admin('INSERT INTO exchange.pending VALUES (2)');
    await replica.admin('START SLAVE SQL_THREAD');
    await until(async () => (await replica.admin('SELECT n FROM exchange.pending WHERE n = 2')).length === 1);
    await replica.admin('DROP TABLE exchange.pending');
    await primary.admin('DELETE FROM exchange.pending WHERE n = 2');
    const broken = await until(async () => {
      const found = await connection.state(limits());
      return /Errno/.test(found.lagProblem ?? '') ? found : undefined;
    });
    await replica.admin('CREATE TABLE exchange.pending (n int); INSERT INTO exchange.pending VALUES (2); START SLAVE');
    await until(async () => (await connection.state(limits())).lagSeconds === 0);

    expect(stopped).toEqual({
      role: 'replica',
      lagProblem: 'the replication does not run (Slave_IO_Running: Yes, Slave_SQL_Running: No)',
    });
    expect(broken.lagSeconds).toBeUndefined();
    expect(broken.lagProblem).toMatch(
      /^the replication does not run \(Slave_IO_Running: Yes, Slave_SQL_Running: No, Last_SQL_Errno: \d+\)$/,
    );
  }, 20_000);

  test('GM7: a replica that takes writes from now on is a primary', async () => {
    const connection = await connectTo(replica);
    const before = await connection.state(limits());

    await replica.admin('SET GLOBAL read_only = 0');
    const during = await connection.state(limits());
    await replica.admin('SET GLOBAL read_only = 1');
    const after = await connection.state(limits());

    expect([before.role, during.role, after.role]).toEqual(['replica', 'primary', 'replica']);
  });

  test('GM7: a login that may not see the lag names the statement that lets it, and that statement does', async () => {
    const connection = await connectTo(replica, "o'brien");
    const state = await connection.state(limits());
    const grant = /GRANT .*;$/.exec(state.lagProblem ?? '')?.[0] ?? '';

    await replica.admin(grant);
    await connection.close();
    const reconnected = await connectTo(replica, "o'brien");
    const mended = await until(async () => {
      const found = await reconnected.state(limits());
      return found.lagSeconds === undefined ? undefined : found;
    });

    expect(state.role).toBe('replica');
    expect(state.lagSeconds).toBeUndefined();
    expect(state.lagProblem).toBe(
      "the login may not see how far the replica is behind: GRANT SLAVE MONITOR ON *.* TO `o'brien`@'127.0.0.1';",
    );
    expect(mended).toEqual({ role: 'replica', lagSeconds: 0 });
  });

  test('GM7: of several servers that it follows, one that is broken is named', async () => {
    const connection = await connectTo(replica);
    await replica.admin(
      `CHANGE MASTER 'billing' TO MASTER_HOST = 'localhost', MASTER_PORT = ${primary.port}, MASTER_USER = 'replicator', MASTER_PASSWORD = 'wrong'`,
    );

    const state = await connection.state(limits());
    await replica.admin("RESET SLAVE 'billing' ALL");

    expect(state.lagSeconds).toBeUndefined();
    expect(state.lagProblem).toBe('the replication of billing does not run (Slave_IO_Running: No, Slave_SQL_Running: No)');
  });

  test('GM7: a server that takes no writes and follows nobody says so', async () => {
    await primary.admin('SET GLOBAL read_only = 1');
    const connection = await connectTo(primary);

    const state = await connection.state(limits());
    await primary.admin('SET GLOBAL read_only = 0');

    expect(state).toEqual({
      role: 'replica',
      lagProblem: 'the server is read-only but follows no other one (SHOW ALL SLAVES STATUS is empty)',
    });
  });

  test('GM7: a connection that ends is an error of the role', async () => {
    const connection = await connectTo(replica);
    const [session] = await replica.admin("SELECT ID FROM information_schema.PROCESSLIST WHERE USER = 'vigie'");
    await replica.admin(`KILL ${session?.['ID']}`);

    await expect(connection.state(limits())).rejects.toMatchObject({ phase: 'role', errorClass: 'lost' });
    expect(connection.usable).toBe(false);
  });
});
