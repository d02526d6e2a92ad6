// What Oracle tells of itself and of the login: role and lag in Data Guard, rights that reading does not need.

import type { ExcessRight, ServerState } from '../driver.js';
import { isInvisible } from './oracle-errors.js';

/** Runs a query of ours and gives its rows. */
export type Ask = (sql: string) => Promise<readonly (readonly unknown[])[]>;

/** How many rights are named as examples. */
const EXAMPLES = 5;

/** https://docs.oracle.com/en/database/oracle/oracle-database/19/refrn/V-DATAGUARD_STATS.html */
const LAG = `
  SELECT VALUE, DATUM_TIME, TO_CHAR(SYSDATE, 'MM/DD/YYYY HH24:MI:SS') FROM V$DATAGUARD_STATS WHERE NAME = 'apply lag'`;

/** @param user the login, for the statement that would let it see the lag */
export async function stateOf(ask: Ask, user: string): Promise<ServerState> {
  const [first] = await ask("SELECT SYS_CONTEXT('USERENV', 'DATABASE_ROLE') FROM DUAL");
  // A snapshot standby takes writes, and follows nobody while it does.
  if (!/^(?:PHYSICAL|LOGICAL) STANDBY$/.test(String(first?.[0]))) return { role: 'primary' };
  try {
    const [row] = await ask(LAG);
    const lagSeconds = lagOf(row ?? []);
    if (lagSeconds === undefined) return { role: 'replica', lagProblem: 'the standby does not know its lag now (V$DATAGUARD_STATS)' };
    return { role: 'replica', lagSeconds };
  } catch (error) {
    if (!isInvisible(error)) throw error;
    const grant = `GRANT SELECT ON SYS.V_$DATAGUARD_STATS TO ${user}`;
    return { role: 'replica', lagProblem: `the login may not see V$DATAGUARD_STATS; ${grant}` };
  }
}

/**
 * The lag is what the standby knew when it last heard of the primary: since then it has fallen back by all of the time.
 * @param row the lag, `+00 00:00:05`, then when that was heard and what time it is there, `03/02/2026 08:00:00`
 */
function lagOf([value, heardAt, now]: readonly unknown[]): number | undefined {
  const { days, hours, minutes, seconds } =
    /^\+?(?<days>\d+) (?<hours>\d+):(?<minutes>\d+):(?<seconds>\d+(?:\.\d+)?)$/.exec(String(value))?.groups ?? {};
  if (days === undefined) return undefined;
  const lag = ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds);
  const silence = (timeOf(now) - timeOf(heardAt)) / 1000;
  return lag + (silence > 0 ? silence : 0);
}

/** Milliseconds; only the difference of two of them means something. */
function timeOf(value: unknown): number {
  const { month, day, year, clock } = /^(?<month>\d\d)\/(?<day>\d\d)\/(?<year>\d{4}) (?<clock>[\d:]{8})$/.exec(String(value))?.groups ?? {};
  return Date.parse(`${year}-${month}-${day}T${clock}Z`);
}

/** Of the system, directly or by a role. What only reads, or concerns the session alone, is left out. */
const SYSTEM_RIGHTS = `
  SELECT PRIVILEGE, ROLE FROM (
    SELECT PRIVILEGE, NULL AS ROLE FROM USER_SYS_PRIVS UNION ALL SELECT PRIVILEGE, ROLE FROM ROLE_SYS_PRIVS
  ) WHERE (PRIVILEGE LIKE '% ANY %' OR PRIVILEGE LIKE 'ALTER %' OR PRIVILEGE LIKE 'CREATE %' OR PRIVILEGE LIKE 'DROP %')
    AND PRIVILEGE NOT LIKE 'SELECT ANY %' AND PRIVILEGE NOT LIKE 'READ ANY %'
    AND PRIVILEGE NOT IN ('CREATE SESSION', 'ALTER SESSION')
  ORDER BY PRIVILEGE`;
/** On single tables, directly or by a role. */
const TABLE_RIGHTS = `
  SELECT PRIVILEGE, ROLE, OWNER, TABLE_NAME FROM (
    SELECT PRIVILEGE, NULL AS ROLE, OWNER, TABLE_NAME FROM USER_TAB_PRIVS_RECD
    UNION ALL SELECT PRIVILEGE, ROLE, OWNER, TABLE_NAME FROM ROLE_TAB_PRIVS
  ) WHERE PRIVILEGE IN ('INSERT', 'UPDATE', 'DELETE', 'ALTER') ORDER BY OWNER, TABLE_NAME, PRIVILEGE`;
/** What a login owns it can change, whatever is revoked. */
const OWN_TABLES = 'SELECT TABLE_NAME FROM USER_TABLES ORDER BY TABLE_NAME';

/** @param user the login, for the statements that take the rights away */
export async function excessRightsOf(ask: Ask, user: string): Promise<readonly ExcessRight[]> {
  const system = (await ask(few(SYSTEM_RIGHTS))).map(([privilege, role]): ExcessRight => ({
    right: `may ${String(privilege)}`,
    mend: `REVOKE ${typeof role === 'string' ? named(role) : String(privilege)} FROM ${user}`,
  }));
  const onTables = (await ask(few(TABLE_RIGHTS))).map(([privilege, role, owner, table]): ExcessRight => {
    const object = `${named(owner)}.${named(table)}`;
    const right = `${String(privilege)} on ${object}`;
    return { right: `may ${right}`, mend: `REVOKE ${typeof role === 'string' ? named(role) : right.replace(' on ', ' ON ')} FROM ${user}` };
  });
  const own = (await ask(few(OWN_TABLES))).map(([table]): ExcessRight => ({
    right: `owns ${named(table)}, so that it may change it whatever is revoked`,
    mend: `GRANT SELECT ON ${named(table)} TO another_login`,
  }));
  return [...system, ...onTables, ...own].slice(0, EXAMPLES);
}

function few(sql: string): string {
  return `SELECT * FROM (${sql}) WHERE ROWNUM <= ${EXAMPLES}`;
}

/** As a statement must name it: in quotes where it is not in capitals. */
function named(name: unknown): string {
  const text = String(name);
  return /^[A-Z][A-Z0-9_$#]*$/.test(text) ? text : `"${text}"`;
}
