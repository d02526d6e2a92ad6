// From a line to its fields.

import { isFields, type Fields } from './fields.js';
import { compilePattern } from '../patterns/pattern.js';
import type { LogOptions } from '../schema.js';

/** `unmatched`: another kind of line, left out on purpose; `malformed`: not what the format says. */
export type ParsedLine = Fields | 'unmatched' | 'malformed';

export type LineParser = (line: string) => ParsedLine;

export function createParser(format: LogOptions['format']): LineParser {
  if (format === 'json') return parseJson;
  const pattern = compilePattern(format.regex);
  const noFields: Fields = {};
  return (line) => {
    const match = pattern.exec(line);
    return match ? (match.groups ?? noFields) : 'unmatched';
  };
}

function parseJson(line: string): ParsedLine {
  // Most of what is no JSON is told by its first character; an exception would cost twenty times as much as a line.
  if (line.charCodeAt(0) !== 0x7b && !line.trimStart().startsWith('{')) return line.trim() === '' ? 'unmatched' : 'malformed';
  try {
    const value: unknown = JSON.parse(line);
    return isFields(value) ? value : 'malformed';
  } catch {
    return 'malformed';
  }
}
