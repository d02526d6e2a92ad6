// Regular expressions as the YAML writes them.

import { setFlagsFromString } from 'node:v8';

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

/**
 * Lets V8 go over to its linear engine when a pattern backtracks without end: `^(a+)+$` on 40 characters would stop the process for
 * hours. For the whole process, for patterns compiled from now on, but not for those with look-around, back-references or the flags
 * i and u. https://v8.dev/blog/non-backtracking-regexp
 */
export function limitBacktracking(): void {
  setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks');
}
