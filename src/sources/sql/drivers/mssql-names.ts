// Names in T-SQL.

/** `[the name]`; in it, a closing bracket is doubled: https://learn.microsoft.com/sql/relational-databases/databases/database-identifiers */
export function bracketed(name: string): string {
  return `[${name.replaceAll(']', ']]')}]`;
}
