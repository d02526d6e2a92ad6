// The value of `:watermark` for MySQL and MariaDB: a literal of characters that can do no harm, and kept out of what is shown.

import { SourceError } from '../../kind.js';
import type { Statement, Watermark } from '../driver.js';

/** As the engine writes them. A double may have an exponent. */
const FORMS: Readonly<Record<Watermark['type'], RegExp>> = {
  integer: /^-?\d+$/,
  decimal: /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/,
  time: /^\d{4}-\d{2}-\d{2}(?:[ T]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?)?$/,
};

/** @throws SourceError of phase `query` where the value is not of its type */
export function literalOf({ type, text }: Watermark): string {
  if (!FORMS[type].test(text)) {
    throw new SourceError('query', 'state', `the value of :watermark is no ${type} as MySQL and MariaDB write it`);
  }
  if (type === 'time') return `'${text}'`;
  // In parentheses, since two - in a row may begin a comment.
  return text.startsWith('-') ? `(${text})` : text;
}

/** Puts `:watermark` back in the place of its value in what the server says of the statement. */
export function masked(text: string, watermark: Watermark | undefined): string {
  if (!watermark) return text;
  const value = watermark.text.replaceAll(/\W/g, String.raw`\$&`);
  return text.replaceAll(new RegExp(String.raw`'${value}'|\(${value}\)|(?<![\w.])${value}(?![\w.])`, 'g'), ':watermark');
}

/** The server calls a column without a name by its expression, where the value would show; names of the YAML stay. */
export function columnName(name: string, { sql, watermark }: Statement): string {
  const shown = masked(name, watermark);
  return !sql.includes(name) && sql.toLowerCase().includes(shown.toLowerCase()) ? shown : name;
}
