// The reference of the YAML, made from the descriptions in the schemas: one table for each block.

import { DURATION_PATTERN } from '../domain/duration.js';
import { secret } from '../sources/schema.js';
import type { Kinds } from './declarations.js';
import { rootSchema } from './schema.js';
import { asArray, asObject, flow, isObject, type SchemaObject } from './words.js';

const HEAD = `<!-- Rendered by \`vigie render\` from the descriptions in src/config/schema.ts and src/sources/*/schema.ts: edit them there. -->

# Reference of exporters.yaml

Every key there is. \`npx vigie check\` holds a file to it, and editors show it while you write: see
[Check the YAML](tasks/check-the-yaml.md).

A **duration** is written as Prometheus does: \`500ms\`, \`30s\`, \`5m\`, \`1h30m\`. A **secret** is named, not written:
\`{ env: NAME }\` or \`{ file: path }\`. Paths are relative to the file that holds them.
`;

/** The content of docs/reference.md. */
export function renderReference(kinds: Kinds): string {
  const sections = [HEAD, '## The file\n', ...tables('', rootSchema, 2)];
  for (const { kind, summary, schema } of Object.values(kinds)) {
    const heading = `## Sources of kind ${kind}\n\n${summary} More in [sources/${kind}.md](sources/${kind}.md).\n`;
    sections.push(heading, ...tables('sources.<name>', asObject(schema), 2));
  }
  return `${sections.join('\n').trimEnd()}\n`;
}

/** The table of a block, and those of the blocks within. */
function tables(path: string, schema: SchemaObject, level: number): string[] {
  const properties = Object.entries(asObject(schema['properties'])).map(([key, value]) => [key, asObject(value)] as const);
  const required = asArray(schema['required']);
  const rows = properties.map(([key, value]) => row(key, value, required.includes(key)));
  const own = rows.length === 0 ? [] : ['| key | value | meaning |', '| --- | --- | --- |', ...rows, ''];
  const nested = properties.flatMap(([key, value]) => nestedBlocks(path === '' ? key : `${path}.${key}`, value, level + 1));
  return [own.join('\n'), ...nested].filter((part) => part !== '');
}

function row(key: string, schema: SchemaObject, isRequired: boolean): string {
  const [first] = asArray(schema['examples']);
  const example = first === undefined || schema['pattern'] === DURATION_PATTERN ? '' : ` E.g. \`${flow(first)}\`.`;
  const cells = [`\`${key}\`${isRequired ? ' (required)' : ''}`, typeName(schema), `${text(schema['description'])}${example}`];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
}

/** Blocks with keys of their own: in the value itself, in the entries of a list, under names of the user's choice, in one of several forms. */
function nestedBlocks(path: string, schema: SchemaObject, level: number): string[] {
  if (isSecret(schema)) return [];
  if (schema === asObject(rootSchema.properties.sources)) return [];
  const found: string[] = [];
  if (isObject(schema['properties'])) found.push(...block(path, schema, level));
  if (isObject(schema['items'])) found.push(...nestedBlocks(`${path}[]`, schema['items'], level));
  if (isObject(schema['additionalProperties'])) found.push(...nestedBlocks(`${path}.<name>`, schema['additionalProperties'], level));
  for (const branch of asArray(schema['anyOf'] ?? schema['oneOf'])) found.push(...nestedBlocks(path, asObject(branch), level));
  return found;
}

function block(path: string, schema: SchemaObject, level: number): string[] {
  const description = text(schema['description']);
  return [`${'#'.repeat(Math.min(level, 4))} \`${path}\`\n`, ...(description ? [`${description}\n`] : []), ...tables(path, schema, level)];
}

function typeName(schema: SchemaObject): string {
  if (isSecret(schema)) return 'secret';
  if (schema['pattern'] === DURATION_PATTERN) return 'duration';
  if ('const' in schema) return `\`${String(schema['const'])}\``;
  if (Array.isArray(schema['enum'])) return schema['enum'].map((word) => `\`${String(word)}\``).join(', ');
  const branches = asArray(schema['anyOf'] ?? schema['oneOf']);
  if (branches.length > 0) return [...new Set(branches.map((branch) => typeName(asObject(branch))))].join(' or ');
  if (schema['type'] === 'array') return `list of ${plural(typeName(asObject(schema['items'])))}`;
  return Array.isArray(schema['type'])
    ? schema['type'].map((type) => TYPES[String(type)]).join(' or ')
    : (TYPES[String(schema['type'])] ?? '');
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'whole number',
  number: 'number',
  boolean: '`true` or `false`',
  object: 'block',
};

function plural(type: string): string {
  return /^(?:text|block|number|whole number|duration)$/.test(type) ? `${type}s` : type;
}

function isSecret(schema: SchemaObject): boolean {
  return schema['anyOf'] === secret.anyOf;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
