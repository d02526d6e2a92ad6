// What SQL Server says of itself: its version, whether the database takes writes, how far a replica is behind.

import { SourceError } from '../../kind.js';
import type { Cell, QueryResult, ServerState } from '../driver.js';
import { bracketed } from './mssql-names.js';

/** Runs a statement of ours. */
export type Ask = (sql: string) => Promise<QueryResult>;

export const PRODUCT_SQL =
  "SELECT CAST(SERVERPROPERTY('ProductVersion') AS nvarchar(128)) AS version, CAST(SERVERPROPERTY('Edition') AS nvarchar(128)) AS edition, CAST(SERVERPROPERTY('EngineEdition') AS int) AS engine";

/** `EngineEdition` of https://learn.microsoft.com/sql/t-sql/functions/serverproperty-transact-sql */
const AZURE_DATABASE = 5;
const TITLES: Readonly<Record<number, string>> = { [AZURE_DATABASE]: 'Azure SQL Database', 8: 'Azure SQL Managed Instance' };

/** `SQL Server 16.0.1000.6, Developer Edition` */
export function productOf({ rows: [row = []] }: QueryResult): string {
  const [version, edition, engine] = row;
  const azure = typeof engine === 'number' ? TITLES[engine] : undefined;
  if (typeof version !== 'string') return azure ?? 'SQL Server';
  if (azure !== undefined) return `${azure} ${version}`;
  return typeof edition === 'string' ? `SQL Server ${version}, ${edition.replace(' (64-bit)', '')}` : `SQL Server ${version}`;
}

/**
 * 'READ_ONLY' is said by a readable secondary of an availability group, by a geo-replica in Azure, and by a copy that log shipping
 * keeps: https://learn.microsoft.com/sql/t-sql/functions/databasepropertyex-transact-sql
 */
export const ROLE_SQL =
  "SELECT CAST(DATABASEPROPERTYEX(DB_NAME(), 'Updateability') AS nvarchar(128)) AS updateability, CAST(SERVERPROPERTY('EngineEdition') AS int) AS engine, CAST(SERVERPROPERTY('ProductVersion') AS nvarchar(128)) AS version, SUSER_SNAME() AS login, USER_NAME() AS name";

/**
 * While the replica is connected to its primary, `secondary_lag_seconds`; where that is NULL, 0 once all the log that came has been
 * redone. Else the age of the newest transaction that is visible here, by the server's own clock: also that of a primary that had
 * nothing to do, so at most too much.
 * https://learn.microsoft.com/sql/relational-databases/system-dynamic-management-views/sys-dm-hadr-database-replica-states-transact-sql
 */
function lagSql(azure: boolean): string {
  // Azure counts databases otherwise than DB_ID() does, and shows no other one.
  const source = azure ? 'sys.dm_database_replica_states WHERE' : 'sys.dm_hadr_database_replica_states WHERE database_id = DB_ID() AND';
  return `SELECT CASE WHEN synchronization_state IN (1, 2) AND secondary_lag_seconds IS NOT NULL THEN secondary_lag_seconds WHEN synchronization_state IN (1, 2) AND redo_queue_size = 0 THEN 0 ELSE DATEDIFF_BIG(second, last_commit_time, SYSDATETIME()) END AS lag FROM ${source} is_local = 1`;
}

/** @throws what the server says, other than that it does not tell the lag */
export async function serverState(ask: Ask): Promise<ServerState> {
  const [row = []] = (await ask(ROLE_SQL)).rows;
  const [updateability, engine, version, login, user] = row;
  if (updateability === 'READ_WRITE') return { role: 'primary' };
  if (updateability !== 'READ_ONLY') {
    throw new SourceError('role', 'role', 'the server does not say whether the database takes writes');
  }
  const azure = engine === AZURE_DATABASE;
  try {
    return { role: 'replica', ...lagOf(await ask(lagSql(azure))) };
  } catch (error) {
    const untold = error instanceof SourceError && (error.errorClass === 'permission' || error.errorClass === 'schema');
    if (!untold) throw error;
    const grant = azure ? `GRANT VIEW DATABASE STATE TO ${nameOf(user)};` : `USE master; GRANT ${viewState(version)} TO ${nameOf(login)};`;
    const lagProblem = error.errorClass === 'permission' ? `the login may not see how far the replica is behind: ${grant}` : error.message;
    return { role: 'replica', lagProblem };
  }
}

function lagOf({ rows: [row] }: QueryResult): Omit<ServerState, 'role'> {
  if (!row) return { lagProblem: 'the database is read-only and in no availability group: the server knows no lag' };
  const [lag = null] = row;
  const seconds = lag === null ? NaN : Number(lag);
  if (Number.isNaN(seconds)) return { lagProblem: 'the replica has not received a transaction yet' };
  // The clocks of two servers differ.
  return { lagSeconds: Math.max(0, seconds) };
}

/** https://learn.microsoft.com/sql/relational-databases/system-dynamic-management-views/system-dynamic-management-views */
function viewState(version: Cell | undefined): string {
  const major = typeof version === 'string' ? Number.parseInt(version, 10) : 0;
  return major >= 16 ? 'VIEW SERVER PERFORMANCE STATE' : 'VIEW SERVER STATE';
}

function nameOf(cell: Cell | undefined): string {
  return typeof cell === 'string' ? bracketed(cell) : '<login>';
}
