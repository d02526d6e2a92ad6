// Which of the two engines answers, in which version, and what they call things differently.

import type { Cell } from '../driver.js';
import { SourceError } from '../../kind.js';

export interface Engine {
  readonly family: 'MariaDB' | 'MySQL';
  /** `10.11.6` */
  readonly version: string;
}

/** @param version as VERSION() gives it: `8.4.2`, `10.11.6-MariaDB-log`, `5.5.5-10.6.1-MariaDB` behind some proxies */
export function engineOf(version: string): Engine {
  const mariadb = /(?<number>\d+(?:\.\d+)*)-mariadb/i.exec(version)?.groups?.['number'];
  if (mariadb !== undefined) return { family: 'MariaDB', version: mariadb };
  return { family: 'MySQL', version: /^\d+(?:\.\d+)*/.exec(version)?.[0] ?? '' };
}

/** @param least numbers of a version, major first */
export function isAtLeast({ version }: Engine, ...least: readonly number[]): boolean {
  const numbers = version.split('.').map(Number);
  for (const [place, wanted] of least.entries()) {
    const number = numbers[place] ?? 0;
    if (number !== wanted) return number > wanted;
  }
  return true;
}

/** The statement that bounds those after it. A LIMIT of theirs wins over the number of rows. */
export function limitStatement({ family }: Engine, timeoutMs: number, rows: number): string {
  const time = family === 'MariaDB' ? `max_statement_time = ${timeoutMs / 1000}` : `max_execution_time = ${timeoutMs}`;
  // A table that somebody changes or locks is waited for in whole seconds.
  const lockSeconds = Math.max(1, Math.floor(timeoutMs / 1000));
  const most = Number.isFinite(rows) ? rows : 'DEFAULT';
  return `SET SESSION ${time}, SESSION lock_wait_timeout = ${lockSeconds}, SESSION sql_select_limit = ${most}`;
}

/** `vigie@%`, as CURRENT_USER() gives it, in the way statements take it. */
export function quotedAccount(account: string): string {
  const at = account.lastIndexOf('@');
  return `${quoted(account.slice(0, at))}@${quoted(account.slice(at + 1))}`;
}

/** Whether \ escapes in texts is up to sql_mode; between backticks it never does. */
function quoted(name: string): string {
  return /['\\]/.test(name) ? `\`${name.replaceAll('`', '``')}\`` : `'${name}'`;
}

/** A cell that the driver itself asked for. @throws SourceError where it is no text */
export function textOfCell(cell: Cell | undefined): string {
  if (typeof cell !== 'string') throw new SourceError('connect', 'protocol', 'the server does not answer as MySQL and MariaDB do');
  return cell;
}
