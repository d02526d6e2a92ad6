// Looks at a statement without a parser: is it one, does it only read, where does it name its watermark?

/** What is skipped on the way where a driver says nothing else: texts, quoted names, dollar-quoted texts, comments. */
const OPAQUE = /'(?:[^']|'')*'|"(?:[^"]|"")*"|(?<tag>\$(?:[A-Za-z_]\w*)?\$)[^]*?\k<tag>|--[^\n]*|\/\*[^]*?\*\//g;
/** Not the end of a cast (`::watermark`), nor of another name. */
const WATERMARK = /(?<![:\w]):watermark(?!\w)/gi;

/**
 * @returns what speaks against the statement, or undefined. The session is read-only whatever this says:
 * it is there to tell early what the server would refuse later.
 */
export function statementProblem(sql: string, opaque: RegExp = OPAQUE): string | undefined {
  const bare = sql.replace(opaque, ' ').trim();
  const first = /^[\s(]*(?<word>[A-Za-z]+)/.exec(bare)?.groups?.['word'];
  if (first === undefined) return 'no statement; it must be one SELECT, e.g. SELECT COUNT(*) AS messages FROM pending';
  if (!/^(?:select|with)$/i.test(first))
    return `starts with ${first.toUpperCase()}; it must be one SELECT (or WITH … SELECT): queries only read`;
  if (/;\s*\S/.test(bare)) return 'holds several statements; it must be one SELECT: make the others queries of their own';
  return undefined;
}

/** The statement without its comments, and with 0 in the place of texts and quoted names: what is left is words and signs. */
export function bareStatement(sql: string, opaque: RegExp = OPAQUE): string {
  return sql.replace(opaque, (skipped) => (/^(?:--|#|\/\*)/.test(skipped) ? ' ' : ' 0 '));
}

/** Whether the statement names `:watermark`, outside of texts and comments. */
export function namesWatermark(sql: string, opaque: RegExp = OPAQUE): boolean {
  return sql.replace(opaque, ' ').search(WATERMARK) >= 0;
}

/** Whether the rows come in an order that the statement states. */
export function isOrdered(sql: string, opaque: RegExp = OPAQUE): boolean {
  return /\border\s+by\b/i.test(sql.replace(opaque, ' '));
}

/**
 * Puts what the engine understands in the place of each `:watermark`.
 * @param placeholder what stands there instead: a parameter of the driver, or a literal that holds no text of a user
 * @param opaque what the engine takes for texts, names and comments, where that is not the usual
 */
export function withWatermark(sql: string, placeholder: string, opaque: RegExp = OPAQUE): string {
  let result = '';
  let from = 0;
  for (const skipped of sql.matchAll(opaque)) {
    result += sql.slice(from, skipped.index).replace(WATERMARK, () => placeholder) + skipped[0];
    from = skipped.index + skipped[0].length;
  }
  return result + sql.slice(from).replace(WATERMARK, () => placeholder);
}
