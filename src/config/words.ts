// How values and schemas are spoken of in messages.

import { DURATION_PATTERN, guessDuration } from '../domain/duration.js';
import type { ConfigPath } from '../sources/kind.js';
import { NAME_PATTERN } from '../sources/schema.js';
import { underSecret } from './names.js';

export type SchemaObject = Readonly<Record<string, unknown>>;

/** A part of a schema or of a value as an object; the empty one where it is none. */
export function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return isObject(value) ? value : {};
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The value as it may be shown: nothing that is or may hold a secret, and never much of it. */
export function show(value: unknown, path: ConfigPath): string {
  if (value === null) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a block of keys';
  if (underSecret(path)) return `this ${typeof value === 'string' ? 'text' : typeof value}`;
  if (typeof value === 'string') return `"${shorten(value)}"`;
  return typeof value === 'number' || typeof value === 'boolean' ? `${value}` : typeof value;
}

/** A text as it may be shown, without quotes. */
export function shorten(text: string): string {
  const [line = ''] = text.split('\n');
  if (/(?:password|passwd|pwd|secret|token|apikey)\s*[=:]/i.test(line)) return '…';
  const visible = line.replace(/^([a-z][a-z0-9+.-]*:\/\/)(?:[^/@\s]*@)?([^/\s?#]*).+$/i, '$1$2/…');
  if (visible.length <= 60 && visible.length >= text.length) return visible;
  return visible.endsWith('…') ? visible : `${visible.slice(0, 57)}…`;
}

/** `inbound, outbound or internal` */
export function either(words: readonly string[]): string {
  if (words.length <= 1) return words.join('');
  return `${words.slice(0, -1).join(', ')} or ${words.at(-1) ?? ''}`;
}

/** What the schema wants, in a few words: `a duration such as 30s`, `{ env: … }`, `ok, error or rejected`. */
export function describe(schema: SchemaObject): string {
  if ('const' in schema) return String(schema['const']);
  if (Array.isArray(schema['enum'])) return either(schema['enum'].map(String));
  const branches = asArray(schema['anyOf'] ?? schema['oneOf']);
  if (branches.length > 0) return either([...new Set(branches.map((branch) => describe(asObject(branch))))]);
  if (schema['pattern'] === DURATION_PATTERN) return 'a duration such as 30s';
  if (Array.isArray(schema['type'])) return either(schema['type'].map((type) => describe({ type })));
  switch (schema['type']) {
    case 'string':
      return 'text';
    case 'integer':
      return 'a whole number';
    case 'number':
      return 'a number';
    case 'boolean':
      return 'true or false';
    case 'array':
      return 'a list';
    case 'object': {
      const required = asArray(schema['required']).map(String);
      return required.length > 0 ? `{ ${required.map((key) => `${key}: …`).join(', ')} }` : 'a block of keys';
    }
    default:
      return 'something else';
  }
}

/** How a value could look, to be appended: `, e.g. 30s`; empty where the schema gives no example. */
export function example(schema: SchemaObject): string {
  const [first] = asArray(schema['examples']);
  return first === undefined || schema['pattern'] === DURATION_PATTERN ? '' : `, e.g. ${flow(first)}`;
}

/** What a text that does not match the pattern of the schema should be. */
export function patternHint(schema: SchemaObject, data?: unknown): string {
  if (schema['pattern'] === DURATION_PATTERN) {
    const meant = typeof data === 'string' ? guessDuration(data) : undefined;
    if (meant !== undefined) return `is no duration: write ${meant}`;
    return 'is no duration: whole numbers and their units (y, w, d, h, m, s, ms), the longest first, e.g. 30s, 5m, 1h30m';
  }
  if (schema['pattern'] === NAME_PATTERN)
    return 'is no name: letters, digits, dots, dashes and underscores, with a letter or digit in front';
  if (schema['pattern'] === '^https?://') return 'is no URL: it begins with https:// or http://';
  const hint = example(schema) || (typeof schema['description'] === 'string' ? `: ${schema['description'].replace(/[.]$/, '')}` : '');
  return `has not the right form${hint}`;
}

/** YAML in one line. */
export function flow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`;
  if (isObject(value)) {
    return `{ ${Object.entries(value)
      .map(([key, entry]) => `${key}: ${flow(entry)}`)
      .join(', ')} }`;
  }
  if (typeof value !== 'string') return String(value);
  const isPlain = /^[\w/](?:[\w./-]|:\/\/)*(?: [\w./-]+)*$/.test(value) && !/^[\d.]+$/.test(value);
  return isPlain ? value : `'${value.replaceAll("'", "''")}'`;
}
