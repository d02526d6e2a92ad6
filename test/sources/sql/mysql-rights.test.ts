// Driver mysql on a real MariaDB: what the login could change, and whether the statements that are named take it away.

import type { Connection, ExcessRight } from '../../../src/sources/sql/driver.js';
import { describeWith } from '../../servers/describe.js';
import { startMariadb, type Mariadb } from '../../servers/mariadb.js';
import { connect, limits, PASSWORD, rowLimits } from './mysql-connect.js';

describeWith(['mariadbd'], 'driver mysql, what the login could change', () => {
  let server: Mariadb;
  const open: Connection[] = [];

  beforeAll(async () => {
    server = await startMariadb();
    await server.admin(`
      CREATE DATABASE exchange;
      CREATE DATABASE \`pay_roll\`;
      CREATE TABLE exchange.pending (id int, state int);
      INSERT INTO exchange.pending VALUES (1, 0);
      CREATE FUNCTION exchange.days() RETURNS int RETURN 1;
      CREATE ROLE reader;
      CREATE ROLE writer;
      CREATE ROLE clerk;
      GRANT SELECT ON exchange.* TO reader, clerk;
      GRANT INSERT ON exchange.* TO writer;
      GRANT writer TO clerk`);
  }, 60_000);

  afterEach(async () => {
    for (const connection of open.splice(0)) await connection.close();
    await server.admin("DROP USER IF EXISTS vigie@'%', 'o''brien'@'127.0.0.1'");
  });

  afterAll(async () => {
    await server?.remove();
  });

  async function connectAs(user = 'vigie'): Promise<Connection> {
    const connection = await connect({ server: server.host, port: server.port, user });
    open.push(connection);
    return connection;
  }

  /** Makes the login and grants it something. */
  async function login(grants: string, account = "vigie@'%'"): Promise<void> {
    await server.admin(`CREATE USER ${account} IDENTIFIED BY ?`, [PASSWORD]);
    await server.admin(grants);
  }

  /** What is found before and after each of the statements that mend it has been run by the administrator. */
  async function mended(user = 'vigie'): Promise<{ before: readonly ExcessRight[]; after: readonly ExcessRight[] }> {
    const before = await (await connectAs(user)).excessRights(limits());
    for (const { mend } of before) await server.admin(mend);
    return { before, after: await (await connectAs(user)).excessRights(limits()) };
  }

  async function canRead(user = 'vigie'): Promise<boolean> {
    const { rows } = await (await connectAs(user)).query({ sql: 'SELECT id FROM exchange.pending' }, rowLimits(10));
    return rows.length === 1;
  }

  test.each([
    'GRANT SELECT ON exchange.* TO vigie',
    'GRANT SELECT, SHOW VIEW, EXECUTE ON exchange.* TO vigie; GRANT SLAVE MONITOR, PROCESS, REPLICATION CLIENT ON *.* TO vigie',
    'GRANT SELECT (id) ON exchange.pending TO vigie; GRANT EXECUTE ON FUNCTION exchange.days TO vigie; GRANT USAGE ON exchange.* TO vigie',
    'GRANT reader TO vigie; SET DEFAULT ROLE reader FOR vigie',
  ])('finds nothing in %s', async (grants) => {
    await login(grants);

    expect(await (await connectAs()).excessRights(limits())).toEqual([]);
  });

  test.each([
    [
      'GRANT SELECT, INSERT, UPDATE ON exchange.* TO vigie',
      'may INSERT, UPDATE on exchange.*',
      'REVOKE INSERT, UPDATE ON `exchange`.* FROM `vigie`@`%`;',
    ],
    [
      'GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, ALTER ON exchange.* TO vigie',
      'may INSERT, UPDATE, DELETE, CREATE and 2 more on exchange.*',
      'REVOKE INSERT, UPDATE, DELETE, CREATE, DROP, ALTER ON `exchange`.* FROM `vigie`@`%`;',
    ],
    [
      'GRANT ALL ON exchange.* TO vigie WITH GRANT OPTION',
      'has ALL PRIVILEGES on exchange.*',
      'REVOKE ALL PRIVILEGES ON `exchange`.* FROM `vigie`@`%`; REVOKE GRANT OPTION ON `exchange`.* FROM `vigie`@`%`; GRANT SELECT ON `exchange`.* TO `vigie`@`%`;',
    ],
    [
      'GRANT ALL ON *.* TO vigie',
      'has ALL PRIVILEGES on *.*',
      'REVOKE ALL PRIVILEGES ON *.* FROM `vigie`@`%`; GRANT SELECT ON *.* TO `vigie`@`%`;',
    ],
    [
      'GRANT SELECT, FILE, SUPER, READ_ONLY ADMIN ON *.* TO vigie',
      'may FILE, SUPER, READ_ONLY ADMIN on *.*',
      'REVOKE FILE, SUPER, READ_ONLY ADMIN ON *.* FROM `vigie`@`%`;',
    ],
    [
      'GRANT SELECT ON exchange.* TO vigie WITH GRANT OPTION',
      'may GRANT on exchange.*',
      'REVOKE GRANT OPTION ON `exchange`.* FROM `vigie`@`%`;',
    ],
    [
      'GRANT SELECT, INSERT (id, state), UPDATE (state) ON exchange.pending TO vigie',
      'may INSERT, UPDATE on exchange.pending',
      expect.stringMatching(
        /^REVOKE INSERT \(`(?:id`, `state|state`, `id)`\), UPDATE \(`state`\) ON `exchange`.`pending` FROM `vigie`@`%`;$/,
      ),
    ],
    [
      'GRANT SELECT ON exchange.* TO vigie; GRANT DELETE ON `pay\\_roll`.* TO vigie',
      'may DELETE on pay\\_roll.*',
      'REVOKE DELETE ON `pay\\_roll`.* FROM `vigie`@`%`;',
    ],
    [
      'GRANT SELECT ON exchange.* TO vigie; GRANT ALTER ROUTINE ON FUNCTION exchange.days TO vigie',
      'may ALTER ROUTINE on FUNCTION exchange.days',
      'REVOKE ALTER ROUTINE ON FUNCTION `exchange`.`days` FROM `vigie`@`%`;',
    ],
    [
      "GRANT SELECT ON exchange.* TO vigie; GRANT PROXY ON 'root'@'localhost' TO vigie",
      'may act as root@localhost',
      'REVOKE PROXY ON `root`@`localhost` FROM `vigie`@`%`;',
    ],
    [
      'GRANT SELECT ON exchange.* TO vigie; GRANT writer TO vigie; SET DEFAULT ROLE writer FOR vigie',
      'may INSERT on exchange.* by its role writer',
      "REVOKE `writer` FROM 'vigie'@'%';",
    ],
    [
      'GRANT clerk TO vigie; SET DEFAULT ROLE clerk FOR vigie',
      'may INSERT on exchange.* by its role clerk',
      "REVOKE `clerk` FROM 'vigie'@'%'; GRANT SELECT ON `exchange`.* TO 'vigie'@'%';",
    ],
  ])('of %s names what takes it away, which does, and leaves what is read', async (grants, right, mend) => {
    await login(grants);

    const { before, after } = await mended();

    expect(before).toEqual([{ right, mend }]);
    expect(after).toEqual([]);
    expect(await canRead()).toBe(true);
  });

  test('names an account whose name needs quotes in a way that works', async () => {
    const account = "'o''brien'@'127.0.0.1'";
    await login(
      `GRANT SELECT, DROP ON exchange.* TO ${account}; GRANT writer TO ${account}; SET DEFAULT ROLE writer FOR ${account}`,
      account,
    );

    const { before, after } = await mended("o'brien");

    expect(before.map(({ mend }) => mend)).toEqual([
      "REVOKE DROP ON `exchange`.* FROM `o'brien`@`127.0.0.1`;",
      "REVOKE `writer` FROM `o'brien`@'127.0.0.1';",
    ]);
    expect(after).toEqual([]);
    expect(await canRead("o'brien")).toBe(true);
  });

  test('tells what everybody may, and takes that away too', async () => {
    await login('GRANT SELECT ON exchange.* TO vigie; GRANT INSERT ON exchange.* TO PUBLIC');

    const { before, after } = await mended();

    expect(before).toEqual([{ right: 'may INSERT on exchange.*, as everybody may', mend: 'REVOKE INSERT ON `exchange`.* FROM PUBLIC;' }]);
    expect(after).toEqual([]);
  });

  test('gives five examples at most, and never the hash of the password', async () => {
    const tables = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
    for (const table of tables) await server.admin(`CREATE TABLE exchange.${table} (n int)`);
    await login(tables.map((table) => `GRANT INSERT ON exchange.${table} TO vigie`).join(';'));
    await server.admin('GRANT SELECT ON exchange.* TO vigie; GRANT FILE ON *.* TO vigie');

    const found = await (await connectAs()).excessRights(limits());

    expect(found).toHaveLength(5);
    expect(found[0]).toEqual({ right: 'may FILE on *.*', mend: 'REVOKE FILE ON *.* FROM `vigie`@`%`;' });
    expect(JSON.stringify(found)).not.toMatch(/IDENTIFIED|\*[0-9A-F]{40}/);
  });
});
