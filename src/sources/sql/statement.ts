// Looks at a statement without a parser: is it one, and does it only read?

/** What is skipped on the way: texts, quoted names, dollar-quoted texts (PostgreSQL), comments. */
const OPAQUE = /'(?:[^']|'')*'|"(?:[^"]|"")*"|(?<tag>\$(?:[A-Za-z_]\w*)?\$)[^]*?\k<tag>|--[^\n]*|\/\*[^]*?\*\//g;

/**
 * @returns what speaks against the statement, or undefined. The session is read-only whatever this says:
 * it is there to tell early what the server would refuse later.
 */
export function statementProblem(sql: string): string | undefined {
  const bare = sql.replace(OPAQUE, ' ').trim();
  const first = /^[\s(]*(?<word>[A-Za-z]+)/.exec(bare)?.groups?.['word'];
  if (first === undefined) return 'no statement; it must be one SELECT, e.g. SELECT COUNT(*) AS messages FROM pending';
  if (!/^(?:select|with)$/i.test(first))
    return `starts with ${first.toUpperCase()}; it must be one SELECT (or WITH … SELECT): queries only read`;
  if (/;\s*\S/.test(bare)) return 'holds several statements; it must be one SELECT: make the others queries of their own';
  return undefined;
}
