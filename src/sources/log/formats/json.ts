// A line, or the text of a field, that is a JSON object.

import { isFields, type ParsedLine } from './fields.js';

const OPENING_BRACE = 0x7b;

/** @returns `unmatched` for a blank text, `malformed` for what is no JSON object: arrays, numbers and bare words too */
export function parseJson(text: string): ParsedLine {
  // Most of what is no JSON is told by its first character; an exception would cost twenty times as much as a line.
  if (text.charCodeAt(0) !== OPENING_BRACE && !text.trimStart().startsWith('{')) return text.trim() === '' ? 'unmatched' : 'malformed';
  try {
    const value: unknown = JSON.parse(text);
    return isFields(value) ? value : 'malformed';
  } catch {
    return 'malformed';
  }
}
