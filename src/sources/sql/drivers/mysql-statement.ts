// What is sent to MySQL and MariaDB, whose read-only transactions stop writes to tables but not all else a statement can do.

/** Texts and quoted names; comments, save those that the server runs. Whether \ escapes in texts is up to the server's sql_mode. */
const OPAQUE = [
  /'(?:[^'\\]|\\[^]|'')*'|"(?:[^"\\]|\\[^]|"")*"|`(?:[^`]|``)*`|--(?=\s|$)[^\n]*|#[^\n]*|\/\*(?!M?!)[^]*?\*\//g,
  /'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|--(?=\s|$)[^\n]*|#[^\n]*|\/\*(?!M?!)[^]*?\*\//g,
];

const FORBIDDEN: readonly (readonly [RegExp, string])[] = [
  [/\/\*M?!/, 'holds a comment that the server runs (/*! … */); write it without'],
  [/\binto\s+(?:outfile|dumpfile)\b/i, 'writes a file (INTO OUTFILE); queries only read'],
  [/\bfor\s+(?:update|share)\b|\block\s+in\s+share\s+mode\b/i, 'locks rows (FOR UPDATE, FOR SHARE); queries only read'],
];

/** @returns why the statement is not sent, or undefined */
export function refusal(sql: string): string | undefined {
  for (const opaque of OPAQUE) {
    const bare = sql.replace(opaque, ' 0 ');
    for (const [pattern, problem] of FORBIDDEN) {
      if (pattern.test(bare)) return problem;
    }
    // The rest, such as CALL, SET or BEGIN NOT ATOMIC, could end the transaction. A comment before it stands as 0.
    if (!/^[\s(0]*(?:select|with|values|table)\b/i.test(bare)) {
      return 'is no SELECT (or WITH … SELECT); Vigie sends nothing else to MySQL and MariaDB';
    }
  }
  return undefined;
}
