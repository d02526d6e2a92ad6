// Tables as CSV that programs read and spreadsheets do not run. RFC 4180: https://www.rfc-editor.org/rfc/rfc4180

export type Cell = string | number | undefined;

/** Lines end in CR LF; what is not known is empty. */
export function csv(header: readonly string[], rows: readonly (readonly Cell[])[]): string {
  return [header, ...rows].map((cells) => `${cells.map(field).join(',')}\r\n`).join('');
}

/**
 * A text that a spreadsheet would take for a formula gets an apostrophe before it. A number is one and stays.
 * https://owasp.org/www-community/attacks/CSV_Injection
 */
function field(cell: Cell): string {
  if (cell === undefined) return '';
  if (typeof cell === 'number') return String(cell);
  const text = /^[=+\-@\t\r\n]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
