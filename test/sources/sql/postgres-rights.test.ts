// What the login of driver postgres could change, and the statements that take it away: each of them is run.

import type { Connection } from '../../../src/sources/sql/driver.js';
import { describeWith } from '../../servers/describe.js';
import { startPostgres, type Postgres } from '../../servers/postgres.js';
import { connect, LIMITS } from './postgres-direct.js';

const LOGIN = { user: 'Vigie "Reader"', password: 'reads-only' };
const NAME = '"Vigie ""Reader"""';

describeWith(['postgres'], 'driver postgres: what the login could change', () => {
  let server: Postgres;
  let connection: Connection;

  beforeAll(async () => {
    server = await startPostgres();
    await server.admin(`CREATE ROLE ${NAME} LOGIN PASSWORD '${LOGIN.password}'`);
    await server.admin(`
      CREATE TABLE pending (flow text, status text);
      CREATE TABLE "Odd ""name""" (flow text);
      CREATE VIEW waiting AS SELECT flow FROM pending;
      CREATE SCHEMA archive;
      CREATE ROLE writers;
      CREATE ROLE clerks IN ROLE writers;
      CREATE ROLE deputy;
      GRANT SELECT ON ALL TABLES IN SCHEMA public TO ${NAME}`);
    connection = await connect(server, LOGIN);
  }, 60_000);

  afterAll(async () => {
    await connection?.close();
    await server?.remove();
  });

  test('a login that only reads has nothing in excess', async () => {
    expect(await connection.excessRights(LIMITS)).toEqual([]);
  });

  test.each([
    [`ALTER ROLE ${NAME} SUPERUSER`, 'is a superuser', `ALTER ROLE ${NAME} NOSUPERUSER;`],
    [`ALTER ROLE ${NAME} CREATEROLE`, 'may create roles', `ALTER ROLE ${NAME} NOCREATEROLE;`],
    [`ALTER ROLE ${NAME} CREATEDB`, 'may create databases', `ALTER ROLE ${NAME} NOCREATEDB;`],
    [
      `GRANT INSERT, UPDATE ON pending TO ${NAME}`,
      'may INSERT, UPDATE on public.pending',
      `REVOKE INSERT, UPDATE ON public.pending FROM ${NAME};`,
    ],
    [
      `GRANT ALL ON "Odd ""name""" TO ${NAME}`,
      'may INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER on public."Odd ""name"""',
      `REVOKE INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER ON public."Odd ""name""" FROM ${NAME};`,
    ],
    [`GRANT DELETE ON waiting TO ${NAME}`, 'may DELETE on public.waiting', `REVOKE DELETE ON public.waiting FROM ${NAME};`],
    [
      `GRANT UPDATE (status) ON pending TO ${NAME}`,
      'may UPDATE on public.pending (status)',
      `REVOKE UPDATE ON public.pending FROM ${NAME};`,
    ],
    [
      'GRANT TRUNCATE ON pending TO PUBLIC',
      'may TRUNCATE on public.pending, as everybody may (PUBLIC)',
      'REVOKE TRUNCATE ON public.pending FROM PUBLIC;',
    ],
    [
      `GRANT INSERT ON pending TO deputy WITH GRANT OPTION; SET ROLE deputy; GRANT INSERT ON pending TO ${NAME}`,
      'may INSERT on public.pending',
      `SET ROLE deputy; REVOKE INSERT ON public.pending FROM ${NAME}; RESET ROLE;`,
    ],
    [`ALTER TABLE pending OWNER TO ${NAME}`, 'owns public.pending', 'ALTER TABLE public.pending OWNER TO admin;'],
    [`ALTER VIEW waiting OWNER TO ${NAME}`, 'owns public.waiting', 'ALTER TABLE public.waiting OWNER TO admin;'],
    [`GRANT CREATE ON SCHEMA archive TO ${NAME}`, 'may CREATE in the schema archive', `REVOKE CREATE ON SCHEMA archive FROM ${NAME};`],
    [
      'GRANT CREATE ON SCHEMA public TO PUBLIC',
      'may CREATE in the schema public, as everybody may (PUBLIC)',
      'REVOKE CREATE ON SCHEMA public FROM PUBLIC;',
    ],
    [`ALTER SCHEMA archive OWNER TO ${NAME}`, 'owns the schema archive', 'ALTER SCHEMA archive OWNER TO admin;'],
    [
      `GRANT CREATE ON DATABASE postgres TO ${NAME}`,
      'may CREATE schemas in the database postgres',
      `REVOKE CREATE ON DATABASE postgres FROM ${NAME};`,
    ],
    [`ALTER DATABASE postgres OWNER TO ${NAME}`, 'owns the database postgres', 'ALTER DATABASE postgres OWNER TO admin;'],
    [
      `GRANT pg_write_all_data TO ${NAME}`,
      'may write all tables, through the role pg_write_all_data',
      `REVOKE pg_write_all_data FROM ${NAME};`,
    ],
    [
      `GRANT DELETE ON pending TO writers; GRANT clerks TO ${NAME}`,
      'may DELETE on public.pending, through the role clerks',
      `REVOKE clerks FROM ${NAME};`,
    ],
    [
      `ALTER ROLE ${NAME} NOINHERIT; GRANT writers TO ${NAME}`,
      'may DELETE on public.pending, through the role writers',
      `REVOKE writers FROM ${NAME};`,
    ],
  ])('GM7: after %s it is told, and the statement that mends it does', async (setup, right, mend) => {
    await server.admin(setup);

    const before = await connection.excessRights(LIMITS);
    await server.admin(mend);
    const after = await connection.excessRights(LIMITS);

    expect(before).toEqual([{ right, mend }]);
    expect(after).toEqual([]);
  });

  test('GM7: shows a few of many, and is quick with thousands of tables', async () => {
    await server.admin(`DO $$ BEGIN FOR i IN 1..3000 LOOP
      EXECUTE format('CREATE TABLE archive.t%s (a int, b int)', i);
      EXECUTE format('GRANT SELECT%s ON archive.t%s TO ${NAME}', CASE WHEN i > 2000 THEN ', INSERT' ELSE '' END, i);
    END LOOP; END $$`);
    const startedAt = performance.now();

    const rights = await connection.excessRights(LIMITS);
    const tookMs = performance.now() - startedAt;

    expect(rights).toHaveLength(5);
    expect(new Set(rights.map(({ mend }) => mend)).size).toBe(5);
    expect(rights[0]?.right).toMatch(/^may INSERT on archive\.t\d+$/);
    expect(tookMs).toBeLessThan(1000);
  }, 30_000);
});
