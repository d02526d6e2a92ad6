// Whether a server of MySQL or MariaDB takes writes or follows another one, and how far it is behind.

import type { Cell, QueryResult, ServerState } from '../driver.js';
import { isAtLeast, quotedAccount, textOfCell, type Engine } from './mysql-engine.js';
import { mysqlError } from './mysql-errors.js';

export type Ask = (sql: string) => Promise<Pick<QueryResult, 'columns' | 'rows'>>;

/** What says that a server is read-only; an Aurora reader says so by the last one only. */
const READ_ONLY: Readonly<Record<Engine['family'], string>> = {
  MariaDB: 'SELECT @@GLOBAL.read_only, @@GLOBAL.innodb_read_only',
  MySQL: 'SELECT @@GLOBAL.read_only, @@GLOBAL.super_read_only, @@GLOBAL.innodb_read_only',
};

/** A connection to a server that is followed; there may be several. */
interface Channel {
  /** Empty for the only one. */
  readonly name: string;
  /** Undefined where replication does not run. */
  readonly seconds: number | undefined;
  /** `Slave_IO_Running: Connecting, Slave_SQL_Running: Yes`, with the numbers of the last errors. */
  readonly threads: string;
}

/** @throws what mysql2 throws */
export async function serverState(ask: Ask, engine: Engine): Promise<ServerState> {
  const { rows } = await ask(READ_ONLY[engine.family]);
  // MariaDB 12 has words for several degrees of it.
  const readOnly = (rows[0] ?? []).some((value) => typeof value === 'string' && !/^(?:0|off)$/i.test(value));
  if (!readOnly) return { role: 'primary' };
  try {
    return { role: 'replica', ...lagOf(await channels(ask, engine), engine) };
  } catch (error) {
    if (mysqlError(error, 'role').errorClass !== 'permission') throw error;
    return { role: 'replica', lagProblem: await missingRight(ask, engine) };
  }
}

function lagOf(found: readonly Channel[], engine: Engine): Pick<ServerState, 'lagSeconds' | 'lagProblem'> {
  if (found.length === 0) {
    return { lagProblem: `the server is read-only but follows no other one (${statusStatement(engine)} is empty)` };
  }
  const broken = found.find(({ seconds }) => seconds === undefined);
  if (broken) {
    const name = broken.name === '' ? '' : ` of ${broken.name}`;
    return { lagProblem: `the replication${name} does not run (${broken.threads})` };
  }
  return { lagSeconds: Math.max(...found.map(({ seconds }) => seconds ?? 0)) };
}

async function channels(ask: Ask, engine: Engine): Promise<Channel[]> {
  const { columns, rows } = await ask(statusStatement(engine));
  return rows.map((row) => channelOf(columns, row));
}

function channelOf(columns: readonly string[], row: readonly Cell[]): Channel {
  const text = (pattern: RegExp): string | undefined => {
    const cell = row[columns.findIndex((column) => pattern.test(column))];
    return typeof cell === 'string' ? cell : undefined;
  };
  const seconds = text(/^Seconds_Behind_/);
  // The texts of errors hold accounts and statements, their numbers do not.
  const threads = columns.flatMap((column, place): string[] => {
    const cell = row[place];
    if (typeof cell !== 'string') return [];
    const isState = /^(?:Slave|Replica)_(?:IO|SQL)_Running$/.test(column);
    return isState || (/^Last_(?:IO|SQL)_Errno$/.test(column) && cell !== '0') ? [`${column}: ${cell}`] : [];
  });
  return {
    name: text(/^(?:Connection|Channel)_name$/i) ?? '',
    seconds: seconds === undefined ? undefined : Number(seconds),
    threads: threads.join(', '),
  };
}

/** MariaDB tells of all connections only when asked so; MySQL has the words of today from 8.0.22 on, and only those from 8.4 on. */
function statusStatement(engine: Engine): string {
  if (engine.family === 'MariaDB') return 'SHOW ALL SLAVES STATUS';
  return isAtLeast(engine, 8, 0, 22) ? 'SHOW REPLICA STATUS' : 'SHOW SLAVE STATUS';
}

async function missingRight(ask: Ask, engine: Engine): Promise<string> {
  const { rows } = await ask('SELECT CURRENT_USER()');
  const right = engine.family === 'MariaDB' && isAtLeast(engine, 10, 5) ? 'SLAVE MONITOR' : 'REPLICATION CLIENT';
  return `the login may not see how far the replica is behind: GRANT ${right} ON *.* TO ${quotedAccount(textOfCell(rows[0]?.[0]))};`;
}
