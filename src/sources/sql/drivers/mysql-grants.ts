// Reads what SHOW GRANTS of MySQL and MariaDB says.
// https://dev.mysql.com/doc/refman/8.4/en/show-grants.html and https://mariadb.com/kb/en/show-grants/

/** `vigie`@`%`, `writer`, and 'vigie'@'%' as MySQL 5.7 has it. */
const NAME = String.raw`(?:\x60(?:[^\x60]|\x60\x60)*\x60|'(?:[^']|'')*')`;
const ACCOUNT = String.raw`(?:${NAME}(?:@${NAME})?|PUBLIC)`;
const OBJECT = String.raw`(?:[A-Z ]+ )?(?:\*|${NAME})\.(?:\*|${NAME})|${NAME}@${NAME}`;
const RIGHTS = new RegExp(`^GRANT (?<rights>.+?) ON (?<object>${OBJECT}) TO (?<grantee>${ACCOUNT})(?<rest>.*)$`);
const ROLES = new RegExp(`^GRANT (?<roles>${ACCOUNT}(?:, ?${ACCOUNT})*) TO (?<grantee>${ACCOUNT})`);
/** `INSERT (`a`, `b on c`)` as well as `INSERT`. */
const RIGHT = new RegExp(String.raw`[A-Za-z_][A-Za-z_ ]*[A-Za-z_](?: \((?:${NAME}|[^)\x60'])*\))?`, 'g');

export const ALL = 'ALL PRIVILEGES';
/** That it may pass on what it may. */
export const GRANT_OPTION = 'GRANT OPTION';
/** Everybody, in MariaDB. */
export const PUBLIC = 'PUBLIC';

/** What somebody may do with something, in the words of the server, all of which statements take back as they are. */
export interface Grant {
  readonly grantee: string;
  /** `` `exchange`.* ``, or the account that it may act as. */
  readonly object: string;
  /** `INSERT`, `` UPDATE (`state`) ``, GRANT OPTION. */
  readonly rights: readonly string[];
}

export interface Membership {
  readonly grantee: string;
  readonly role: string;
}

export interface Grants {
  /** One for each grantee and object. */
  readonly grants: readonly Grant[];
  readonly memberships: readonly Membership[];
}

/** @param lines of SHOW GRANTS; what is none of a right or a role, or takes a part of one back, is left out */
export function readGrants(lines: readonly string[]): Grants {
  const found = new Map<string, Grant>();
  const memberships: Membership[] = [];
  for (const line of lines) {
    const { rights = '', object = '', grantee = '', rest = '' } = RIGHTS.exec(line)?.groups ?? {};
    if (object === '') {
      memberships.push(...readRoles(line));
      continue;
    }
    // One line may name what came with the engine, another what a plugin added.
    const key = `${grantee} ${object}`;
    const passesOn = /\bWITH\b.*\bGRANT OPTION\b/.test(rest) ? [GRANT_OPTION] : [];
    const all = new Set([...(found.get(key)?.rights ?? []), ...(rights.match(RIGHT) ?? []), ...passesOn]);
    found.set(key, { grantee, object, rights: [...all] });
  }
  return { grants: [...found.values()], memberships };
}

function readRoles(line: string): Membership[] {
  const { roles = '', grantee = '' } = ROLES.exec(line)?.groups ?? {};
  return (roles.match(new RegExp(ACCOUNT, 'g')) ?? []).map((role) => ({ grantee, role }));
}

/** Without the columns it is limited to. */
export function rightName(right: string): string {
  return right.replace(/ \(.*$/, '');
}

/** Accounts have a host, roles of MariaDB and everybody do not. */
export function isAccount(grantee: string): boolean {
  return /[`']@[`']/.test(grantee);
}
