// Texts of the YAML with `${name}` in them, taken apart once and filled in at each probe. `$${` is a plain `${`.

import { SourceError } from '../kind.js';

/** What stands in for a name: secrets of the YAML, and what was kept of earlier answers. */
export type Values = ReadonlyMap<string, string>;

const NONE: Values = new Map();
const PLACE = /\$\$\{|\$\{(?<name>[A-Za-z_][A-Za-z0-9_]*)\}/g;

export class Template {
  /** Texts at even places, names at odd ones. */
  readonly #parts: readonly string[];
  readonly #escape: (value: string) => string;

  /** @param escape what makes a value fit to stand there, in a URL say */
  constructor(text: string, escape: (value: string) => string = (value) => value) {
    const parts: string[] = [''];
    let end = 0;
    for (const match of text.matchAll(PLACE)) {
      const before = text.slice(end, match.index);
      const name = match.groups?.['name'];
      parts[parts.length - 1] += name === undefined ? `${before}\${` : before;
      if (name !== undefined) parts.push(name, '');
      end = match.index + match[0].length;
    }
    parts[parts.length - 1] += text.slice(end);
    this.#parts = parts;
    this.#escape = escape;
  }

  get names(): readonly string[] {
    return this.#parts.filter((_part, index) => index % 2 === 1);
  }

  get isConstant(): boolean {
    return this.#parts.length === 1;
  }

  fill(values: Values = NONE): string {
    let text = '';
    for (const [index, part] of this.#parts.entries()) text += index % 2 === 0 ? part : this.#escape(valueOf(part, values));
    return text;
  }
}

function valueOf(name: string, values: Values): string {
  const value = values.get(name);
  // The check of the YAML finds it first.
  if (value === undefined) throw new SourceError('prepare', 'config', `there is no value \${${name}}`);
  return value;
}

/** For paths and queries of URLs. */
export function inUrl(value: string): string {
  return encodeURIComponent(value.toWellFormed());
}

/** Something that JSON can hold, with templates in its texts. */
export type JsonTemplate = (values: Values) => unknown;

export function jsonTemplate(value: unknown): JsonTemplate {
  if (typeof value === 'string') {
    const template = new Template(value);
    return (values) => template.fill(values);
  }
  if (Array.isArray(value)) {
    const items = value.map(jsonTemplate);
    return (values) => items.map((item) => item(values));
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(([key, item]) => [key, jsonTemplate(item)] as const);
    return (values) => Object.fromEntries(entries.map(([key, item]) => [key, item(values)]));
  }
  return () => value;
}

/** The names that stand in the texts of a value, at any depth. */
export function namesIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return new Template(value).names;
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(namesIn);
}
