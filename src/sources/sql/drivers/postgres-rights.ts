// What the login of a PostgreSQL connection could change: examples, each with the statement that takes the right away.

import type { Client } from 'pg';
import type { ExcessRight } from '../driver.js';

/** Enough to show what is wrong; a login with too many rights may have thousands. */
const SHOWN = 5;

/**
 * One statement over the catalogue, read lazily up to its LIMIT.
 * - `mine`: the roles whose rights the login has or can take on, itself and PUBLIC among them.
 * - `heir`: who gets what the login owns: the owner of the database, or the first superuser.
 * - `powers`: what each of them could change, and the statement that takes it from the login or from PUBLIC. A right that somebody
 *   else than the owner has granted is revoked in their name, since REVOKE acts for the owner.
 * What comes through another role is taken away by leaving the role that the login is a direct member of.
 */
const EXCESS = `
  WITH login AS (SELECT oid, rolname, rolsuper FROM pg_roles WHERE rolname = session_user),
  mine AS MATERIALIZED (
    SELECT role.oid, quote_ident(role.rolname) AS name, role.rolsuper, role.rolcreaterole, role.rolcreatedb
    FROM pg_roles AS role, login
    WHERE role.oid = login.oid OR NOT login.rolsuper AND (
      pg_has_role(login.oid, role.oid, 'USAGE') OR
      pg_has_role(login.oid, role.oid, CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END)
    )
    UNION ALL
    SELECT 0, 'PUBLIC', false, false, false
  ),
  heir AS (
    SELECT quote_ident(pg_get_userbyid(CASE WHEN mine.oid IS NULL THEN datdba ELSE 10 END)) AS name
    FROM pg_database LEFT JOIN mine ON mine.oid = datdba
    WHERE datname = current_database()
  ),
  spaces AS MATERIALIZED (
    SELECT oid, quote_ident(nspname) AS name, nspowner, nspacl FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
  ),
  powers (holder, what, mend) AS (
    SELECT oid, attribute.what, format('ALTER ROLE %s %s;', name, attribute.off)
    FROM mine, LATERAL (VALUES
      (rolsuper, 'is a superuser', 'NOSUPERUSER'),
      (rolcreaterole, 'may create roles', 'NOCREATEROLE'),
      (rolcreatedb, 'may create databases', 'NOCREATEDB')
    ) AS attribute (has, what, off)
    WHERE attribute.has
    UNION ALL
    SELECT mine.oid, predefined.what, NULL
    FROM mine JOIN (VALUES
      ('pg_write_all_data', 'may write all tables'),
      ('pg_write_server_files', 'may write files of the server'),
      ('pg_execute_server_program', 'may run programs on the server')
    ) AS predefined (name, what) USING (name)
    UNION ALL
    SELECT mine.oid, 'owns the database ' || quote_ident(datname), format('ALTER DATABASE %I OWNER TO %s;', datname, heir.name)
    FROM pg_database JOIN mine ON mine.oid = datdba, heir
    WHERE datname = current_database()
    UNION ALL
    SELECT mine.oid, 'may CREATE schemas in the database ' || quote_ident(datname),
      ${revoke('datdba', "format('REVOKE CREATE ON DATABASE %I FROM %s;', datname, mine.name)")}
    FROM pg_database, aclexplode(datacl) AS acl JOIN mine ON mine.oid = acl.grantee
    WHERE datname = current_database() AND acl.privilege_type = 'CREATE' AND acl.grantee <> datdba
    UNION ALL
    SELECT mine.oid, 'owns the schema ' || spaces.name, format('ALTER SCHEMA %s OWNER TO %s;', spaces.name, heir.name)
    FROM spaces JOIN mine ON mine.oid = nspowner, heir
    UNION ALL
    SELECT mine.oid, 'may CREATE in the schema ' || spaces.name,
      ${revoke('nspowner', "format('REVOKE CREATE ON SCHEMA %s FROM %s;', spaces.name, mine.name)")}
    FROM spaces, aclexplode(nspacl) AS acl JOIN mine ON mine.oid = acl.grantee
    WHERE acl.privilege_type = 'CREATE' AND acl.grantee <> nspowner
    UNION ALL
    SELECT mine.oid, format('owns %s.%I', spaces.name, relname), format('ALTER TABLE %s.%I OWNER TO %s;', spaces.name, relname, heir.name)
    FROM pg_class JOIN spaces ON spaces.oid = relnamespace JOIN mine ON mine.oid = relowner, heir
    WHERE relkind IN ('r', 'p', 'f', 'v', 'm')
    UNION ALL
    SELECT mine.oid, format('may %s on %s.%I', acl.privileges, spaces.name, relname),
      ${revoke('relowner', "format('REVOKE %s ON %s.%I FROM %s;', acl.privileges, spaces.name, relname, mine.name)")}
    FROM pg_class JOIN spaces ON spaces.oid = relnamespace, LATERAL (${writing('relacl')}) AS acl JOIN mine ON mine.oid = acl.grantee
    WHERE relkind IN ('r', 'p', 'f', 'v', 'm') AND relacl IS NOT NULL AND acl.grantee <> relowner
    UNION ALL
    SELECT mine.oid, format('may %s on %s.%I (%I)', acl.privileges, spaces.name, relname, attname),
      ${revoke('relowner', "format('REVOKE %s ON %s.%I FROM %s;', acl.privileges, spaces.name, relname, mine.name)")}
    FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid JOIN spaces ON spaces.oid = relnamespace,
      LATERAL (${writing('attacl')}) AS acl JOIN mine ON mine.oid = acl.grantee
    WHERE attacl IS NOT NULL AND acl.grantee <> relowner
  )
  SELECT powers.what AS right, powers.mend
  FROM powers, login WHERE powers.holder = login.oid
  UNION ALL
  SELECT powers.what || ', through the role ' || through.name, format('REVOKE %s FROM %I;', through.name, login.rolname)
  FROM login JOIN pg_auth_members ON member = login.oid JOIN mine AS through ON through.oid = roleid,
    LATERAL (
      SELECT what FROM powers
      WHERE holder NOT IN (0, login.oid) AND (holder = through.oid OR pg_has_role(through.oid, holder, 'MEMBER'))
      LIMIT 1
    ) AS powers
  UNION ALL
  SELECT powers.what || ', as everybody may (PUBLIC)', powers.mend
  FROM powers WHERE powers.holder = 0
  LIMIT ${SHOWN}`;

/** Inside a transaction. @throws what pg throws */
export async function readExcessRights(client: Client): Promise<readonly ExcessRight[]> {
  const { rows } = await client.query<{ right: string; mend: string }>(EXCESS);
  return rows.map(({ right, mend }) => ({ right, mend }));
}

/** The rights of one list, by who has them and who gave them, that are good for more than reading. */
function writing(acl: 'relacl' | 'attacl'): string {
  return `
    SELECT grantee, grantor, string_agg(privilege_type, ', ' ORDER BY array_position(
      ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER'], privilege_type), privilege_type) AS privileges
    FROM aclexplode(${acl}) WHERE privilege_type <> 'SELECT' GROUP BY grantee, grantor`;
}

/** The statement as an administrator can run it. */
function revoke(owner: 'datdba' | 'nspowner' | 'relowner', statement: string): string {
  return `CASE acl.grantor WHEN ${owner} THEN '' ELSE format('SET ROLE %I; ', pg_get_userbyid(acl.grantor)) END
        || ${statement}
        || CASE acl.grantor WHEN ${owner} THEN '' ELSE ' RESET ROLE;' END`;
}
