// Finds block collections that are nested deeper than any configuration is, before the parser sees them: its time grows with the square of
// the depth, and what walks the values it makes would run out of stack.

/** Blocks within blocks, each indented further than the one around it. */
const MAX_DEPTH = 100;
/** What no text is without that nests deeper: each level takes a column at least. */
const FAR_IN = `\n${' '.repeat(MAX_DEPTH)}`;
/** The indentation of a line, and the dashes of entries in front of its key. */
const BEGINNING = /^(?<indent> *)(?<dashes>(?:- +)*)/;
/** A key with its colon, or an entry of a list: lines of a long text are neither, as a rule. */
const OPENS_BLOCK = /^ *(?:[-?](?: |$)|.*:(?: |$))/;
const COMMENT = /\s+#.*/;
/** The lines below that are indented further are text, whatever they look like. */
const BLOCK_SCALAR = /(?:^|[:?-] +)(?:[!&]\S+ +)*[|>][-+\d]*$/;

/** @returns the offset of the first line that is nested too deeply; undefined where none is */
export function tooDeeplyNested(text: string): number | undefined {
  if (!text.includes(FAR_IN)) return undefined;
  const around: number[] = [];
  let scalarOf: number | undefined;
  let offset = 0;
  for (const whole of text.split('\n')) {
    const start = offset;
    offset += whole.length + 1;
    const line = whole.trimEnd();
    const { indent = '', dashes = '' } = BEGINNING.exec(line)?.groups ?? {};
    if (/^\s*(?:#|$)/.test(line) || (scalarOf !== undefined && indent.length > scalarOf)) continue;
    scalarOf = BLOCK_SCALAR.test(line.replace(COMMENT, '')) ? scalarParent(line, indent.length, dashes) : undefined;
    if (!OPENS_BLOCK.test(line)) continue;
    while ((around.at(-1) ?? -1) >= indent.length) around.pop();
    for (const { index } of `${dashes}-`.matchAll(/-/g)) around.push(indent.length + index);
    if (around.length > MAX_DEPTH) return start + indent.length;
  }
  return undefined;
}

/** The column that the text must be indented beyond: of its key, or of its dash. */
function scalarParent(line: string, indent: number, dashes: string): number {
  const begin = indent + dashes.length;
  return /^[!&|>]/.test(line.slice(begin)) ? indent + dashes.trimEnd().length - 1 : begin;
}
