// The fields of a line: keys of its JSON object, or named groups of a regular expression.

import { ownText } from '../../../domain/own-text.js';

export type Fields = Readonly<Record<string, unknown>>;

/** `unmatched`: another kind of line, left out on purpose; `malformed`: not what the format says. */
export type ParsedLine = Fields | 'unmatched' | 'malformed';

/**
 * Fields whose names a log chooses, the same for line after line: an object that inherits nothing, so that `__proto__` and `constructor`
 * are names like any other. A class, since its objects are quicker to fill than those of {@link createBareFields}.
 */
export class BareFields {
  [key: string]: unknown;
}
Reflect.deleteProperty(BareFields.prototype, 'constructor');
Object.setPrototypeOf(BareFields.prototype, null);

/**
 * The same for names that may be others in each line. The engine keeps a description for each combination of names that objects of a
 * class have had, which cost 300 MB and made lines of free text four times slower to read; these objects are tables from the start.
 */
export function createBareFields(): Record<string, unknown> {
  const fields: Record<string, unknown> = Object.create(null);
  return fields;
}

/** A key with dots is looked up as it stands first, then as a path into nested objects. */
export function fieldReader(name: string): (fields: Fields) => unknown {
  if (!name.includes('.')) return (fields) => fields[name];
  const path = name.split('.');
  return (fields) => {
    let value: unknown = fields[name];
    if (value !== undefined) return value;
    value = fields;
    for (const key of path) {
      if (!isFields(value)) return undefined;
      value = value[key];
    }
    return value;
  };
}

/** Only objects that were read from a line get here, so that every property is one of its fields. */
export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @returns undefined for what is absent, and for null, objects and arrays, which have no text */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

/** @returns undefined for what is absent, and for what is not a finite number, written as one or as text */
export function numberOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

/** What the YAML's `true` asks for. */
export function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null && value !== false && typeof value !== 'function';
}

const LONGEST_LABEL = 200;

/**
 * A value from a line, to be kept: cut to a sane length, without lone surrogates, which no exposition format can carry,
 * and copied, since a substring would keep the whole line in memory.
 */
export function keptText(value: string): string {
  return ownText(value.slice(0, LONGEST_LABEL));
}
