// Regular expressions as the YAML writes them.

/** `.` matches every character: a line is one record, whatever is in it. @throws SyntaxError */
export function compilePattern(pattern: string): RegExp {
  return new RegExp(pattern, 's');
}

/** Names of the named groups, in no particular order. @throws SyntaxError */
export function groupNames(pattern: string): string[] {
  compilePattern(pattern);
  // An empty alternative matches everything, and a match lists all groups, also those that took no part in it.
  return Object.keys(compilePattern(`${pattern}|`).exec('')?.groups ?? {});
}
