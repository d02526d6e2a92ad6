// What a login of SQL Server could change, by its roles and permissions, and the T-SQL that takes each of them away.

import type { Cell, ExcessRight } from '../driver.js';
import { bracketed } from './mssql-names.js';
import type { Ask } from './mssql-state.js';

/** More than these would say the same again. */
const EXAMPLES = 5;

/** `USER_NAME()` is dbo for who owns the database, and for members of sysadmin. */
export const SERVER_RIGHTS_SQL =
  "SELECT SUSER_SNAME() AS login, USER_NAME() AS name, DB_NAME() AS db, IS_SRVROLEMEMBER('sysadmin') AS sysadmin, IS_SRVROLEMEMBER('securityadmin') AS securityadmin, HAS_PERMS_BY_NAME(NULL, NULL, 'CONTROL SERVER') AS control";

/**
 * `sys.user_token` lists the user and all roles and groups it belongs to, also through others: each row names the one that holds the
 * right, so that taking it from there helps.
 */
const MINE = "IN (SELECT principal_id FROM sys.user_token WHERE usage = 'GRANT OR DENY')";
const INDIRECT = 'CASE WHEN h.principal_id = DATABASE_PRINCIPAL_ID() THEN 0 ELSE 1 END AS indirect';

export const ROLES_SQL = `SELECT TOP (${EXAMPLES}) r.name AS name, h.name AS holder, ${INDIRECT}
FROM sys.database_role_members m
JOIN sys.database_principals r ON r.principal_id = m.role_principal_id
JOIN sys.database_principals h ON h.principal_id = m.member_principal_id
WHERE r.name IN ('db_owner', 'db_securityadmin', 'db_accessadmin', 'db_ddladmin', 'db_datawriter') AND m.member_principal_id ${MINE}
ORDER BY r.name DESC`;

/** Execution of scalar functions is left out: a query may need it to read. Negative ids are objects of the system. */
export const GRANTS_SQL = `SELECT TOP (${EXAMPLES}) p.permission_name AS name, h.name AS holder, ${INDIRECT}, p.state AS state, p.class AS scope,
CASE p.class WHEN 3 THEN SCHEMA_NAME(p.major_id) WHEN 1 THEN OBJECT_SCHEMA_NAME(p.major_id) END AS owner,
CASE WHEN p.class = 1 THEN OBJECT_NAME(p.major_id) END AS item,
CASE WHEN p.class = 1 AND p.minor_id > 0 THEN COL_NAME(p.major_id, p.minor_id) END AS part
FROM sys.database_permissions p
JOIN sys.database_principals h ON h.principal_id = p.grantee_principal_id
WHERE p.state IN ('G', 'W') AND p.class IN (0, 1, 3) AND p.major_id >= 0 AND p.grantee_principal_id ${MINE}
AND (p.permission_name IN ('INSERT', 'UPDATE', 'DELETE', 'EXECUTE', 'ALTER', 'CONTROL', 'TAKE OWNERSHIP') OR p.permission_name LIKE 'CREATE %' OR p.permission_name LIKE 'ALTER ANY %')
AND NOT (p.permission_name = 'EXECUTE' AND p.class = 1 AND OBJECTPROPERTY(p.major_id, 'IsScalarFunction') = 1)
ORDER BY p.class, p.permission_name, p.major_id`;

const CHANGES = ['INSERT', 'UPDATE', 'DELETE', 'ALTER', 'EXECUTE'] as const;
/** Where no role and no grant that the login may see explains what it may do all the same. */
export const EFFECTIVE_RIGHTS_SQL = `SELECT ${CHANGES.map((change) => `HAS_PERMS_BY_NAME(DB_NAME(), 'DATABASE', '${change}') AS may_${change.toLowerCase()}`).join(', ')}`;

const SCOPE = { database: 0, object: 1, schema: 3 } as const;

/** @returns at most a few, the gravest first. @throws what the server says */
export async function excessRights(ask: Ask): Promise<ExcessRight[]> {
  const [server = []] = (await ask(SERVER_RIGHTS_SQL)).rows;
  const user = textOf(server[1]);
  const grave = serverRights(server);
  // Who rules the server owns the database as well, and may do all that follows.
  if (grave.length > 0) return grave;
  const roles = (await ask(ROLES_SQL)).rows.map(roleRight);
  const grants = (await ask(GRANTS_SQL)).rows.map(grantRight);
  if (roles.length + grants.length > 0) return [...roles, ...grants].slice(0, EXAMPLES);
  const [effective = []] = (await ask(EFFECTIVE_RIGHTS_SQL)).rows;
  return CHANGES.flatMap((change, place) => {
    if (!isTrue(effective[place])) return [];
    return [{ right: `may ${change} anywhere in the database`, mend: `DENY ${change} TO ${bracketed(user)};` }];
  });
}

function serverRights([login, user, database, sysadmin, securityadmin, control]: readonly Cell[]): ExcessRight[] {
  const name = bracketed(textOf(login));
  if (isTrue(sysadmin)) {
    return [{ right: 'is a member of the server role sysadmin', mend: `ALTER SERVER ROLE [sysadmin] DROP MEMBER ${name};` }];
  }
  const rights: ExcessRight[] = [];
  if (isTrue(control)) rights.push({ right: 'may CONTROL SERVER', mend: `USE master; REVOKE CONTROL SERVER FROM ${name};` });
  if (isTrue(securityadmin)) {
    const mend = `ALTER SERVER ROLE [securityadmin] DROP MEMBER ${name};`;
    rights.push({ right: 'is a member of the server role securityadmin, which may grant itself everything', mend });
  }
  if (textOf(user) === 'dbo') {
    const mend = `ALTER AUTHORIZATION ON DATABASE::${bracketed(textOf(database))} TO [sa];`;
    rights.push({ right: `owns the database ${textOf(database)}`, mend });
  }
  return rights;
}

function roleRight([name, holder, indirect]: readonly Cell[]): ExcessRight {
  return {
    right: `is a member of the role ${textOf(name)}${through(holder, indirect)}`,
    mend: `ALTER ROLE ${bracketed(textOf(name))} DROP MEMBER ${bracketed(textOf(holder))};`,
  };
}

function grantRight([name, holder, indirect, state, scope, owner, item, part]: readonly Cell[]): ExcessRight {
  const { shown, securable } = securableOf(scope, textOf(owner), textOf(item), textOf(part));
  // Granted with the right to pass it on, it goes only together with what was passed on.
  const cascade = textOf(state) === 'W' ? ' CASCADE' : '';
  return {
    right: `may ${textOf(name)} ${shown}${through(holder, indirect)}`,
    mend: `REVOKE ${textOf(name)}${securable} FROM ${bracketed(textOf(holder))}${cascade};`,
  };
}

/** Where not the login itself holds the right. */
function through(holder: Cell | undefined, indirect: Cell | undefined): string {
  return isTrue(indirect) ? `, by ${textOf(holder)}` : '';
}

function securableOf(scope: Cell | undefined, owner: string, item: string, part: string): { shown: string; securable: string } {
  if (scope === SCOPE.schema) return { shown: `in the schema ${owner}`, securable: ` ON SCHEMA::${bracketed(owner)}` };
  if (scope === SCOPE.database) return { shown: 'anywhere in the database', securable: '' };
  const object = ` ON OBJECT::${bracketed(owner)}.${bracketed(item)}`;
  if (part === '') return { shown: `on ${owner}.${item}`, securable: object };
  return { shown: `on the column ${part} of ${owner}.${item}`, securable: `${object} (${bracketed(part)})` };
}

function isTrue(cell: Cell | undefined): boolean {
  return cell === 1 || cell === true;
}

function textOf(cell: Cell | undefined): string {
  return typeof cell === 'string' ? cell : '';
}
