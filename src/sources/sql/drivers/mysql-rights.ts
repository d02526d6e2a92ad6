// What a login of MySQL or MariaDB could change, and the statements that take it away and leave what it needs to read.

import type { ExcessRight } from '../driver.js';
import { quotedAccount, textOfCell, type Engine } from './mysql-engine.js';
import { ALL, GRANT_OPTION, isAccount, PUBLIC, readGrants, rightName, type Grant, type Grants } from './mysql-grants.js';
import type { Ask } from './mysql-role.js';

const MOST_EXAMPLES = 5;
const MOST_NAMED = 4;

/** Rights that change nothing. EXECUTE is among them: a query may need a function, and one that writes fails in a read-only session. */
const READING: ReadonlySet<string> = new Set([
  'USAGE',
  'SELECT',
  'SHOW VIEW',
  'SHOW DATABASES',
  'SHOW CREATE ROUTINE',
  'SHOW_ROUTINE',
  'EXECUTE',
  'REFERENCES',
  'PROCESS',
  'REPLICATION CLIENT',
  'REPLICATION SLAVE',
  'BINLOG MONITOR',
  'SLAVE MONITOR',
  'REPLICA MONITOR',
]);

/** @throws what mysql2 throws */
export async function excessRights(ask: Ask, engine: Engine): Promise<ExcessRight[]> {
  const account = quotedAccount(textOfCell((await ask('SELECT CURRENT_USER()')).rows[0]?.[0]));
  const lines = async (statement: string) => (await ask(statement)).rows.map(([line]) => textOfCell(line));
  // Of MySQL, SHOW GRANTS alone would mix in what comes from roles.
  const shown = readGrants(await lines(engine.family === 'MySQL' ? `SHOW GRANTS FOR ${account}` : 'SHOW GRANTS'));
  const own = shown.grants.filter(({ grantee }) => isAccount(grantee));
  const found = [...own, ...shown.grants.filter(({ grantee }) => grantee === PUBLIC)].flatMap(excessOf);
  const roles = shown.memberships.filter(({ grantee }) => isAccount(grantee)).map(({ role }) => role);
  for (const role of roles) {
    if (found.length >= MOST_EXAMPLES) break;
    const grants =
      engine.family === 'MySQL' ? readGrants(await lines(`SHOW GRANTS FOR ${account} USING ${role}`)).grants : grantsOfRole(shown, role);
    found.push(...excessOfRole(role, account, without(own, grants)));
  }
  return found.slice(0, MOST_EXAMPLES);
}

function excessOf(grant: Grant): ExcessRight[] {
  const { grantee, object } = grant;
  const excess = writing(grant);
  if (excess.length === 0) return [];
  const everybody = grantee === PUBLIC ? ', as everybody may' : '';
  const right = `${wording(excess, object)}${everybody}`;
  if (excess.includes('PROXY')) return [{ right, mend: `REVOKE PROXY ON ${object} FROM ${grantee};` }];
  if (!excess.includes(ALL)) return [{ right, mend: `REVOKE ${excess.join(', ')} ON ${object} FROM ${grantee};` }];
  // ALL PRIVILEGES stands for the right to read too, and takes no other word beside it.
  const passing = excess.includes(GRANT_OPTION) ? [`REVOKE ${GRANT_OPTION} ON ${object} FROM ${grantee};`] : [];
  const statements = [`REVOKE ${ALL} ON ${object} FROM ${grantee};`, ...passing, `GRANT SELECT ON ${object} TO ${grantee};`];
  return [{ right, mend: statements.join(' ') }];
}

/** A role is for others too: the login is taken out of it, and given what it read by it. */
function excessOfRole(role: string, account: string, grants: readonly Grant[]): ExcessRight[] {
  const [first, ...others] = grants.filter((grant) => writing(grant).length > 0);
  if (!first) return [];
  const more = others.length > 0 ? ' and more' : '';
  const reading = grants.flatMap(({ object, rights }): string[] => {
    const reads = rights.includes(ALL) ? ['SELECT'] : rights.filter((right) => rightName(right) === 'SELECT');
    return reads.length > 0 ? [`GRANT ${reads.join(', ')} ON ${object} TO ${account};`] : [];
  });
  const right = `${wording(writing(first), first.object)}${more} by its role ${plain(role)}`;
  return [{ right, mend: [`REVOKE ${role} FROM ${account};`, ...reading].join(' ') }];
}

/** Of the role, and of those that it has itself. */
function grantsOfRole({ grants, memberships }: Grants, role: string): Grant[] {
  const all = new Set([role]);
  // What is added to a set while it is walked is walked too.
  for (const grantee of all) {
    for (const membership of memberships) if (membership.grantee === grantee) all.add(membership.role);
  }
  return grants.filter(({ grantee }) => all.has(grantee));
}

/** What the grants give beyond those that the login has itself. */
function without(own: readonly Grant[], grants: readonly Grant[]): Grant[] {
  return grants.map((grant) => {
    const same = own.find(({ object }) => object === grant.object)?.rights ?? [];
    return { ...grant, rights: same.includes(ALL) ? [] : grant.rights.filter((right) => !same.includes(right)) };
  });
}

function writing({ rights }: Grant): string[] {
  return rights.filter((right) => !READING.has(rightName(right)));
}

function wording(rights: readonly string[], object: string): string {
  if (rights.includes('PROXY')) return `may act as ${plain(object)}`;
  if (rights.includes(ALL)) return `has ${ALL} on ${plain(object)}`;
  const names = [...new Set(rights.map((right) => (right === GRANT_OPTION ? 'GRANT' : rightName(right))))];
  const more = names.length > MOST_NAMED ? ` and ${names.length - MOST_NAMED} more` : '';
  return `may ${names.slice(0, MOST_NAMED).join(', ')}${more} on ${plain(object)}`;
}

/** As people write it. */
function plain(name: string): string {
  return name.replaceAll(/[`']/g, '');
}
