// The reference of the YAML, made from the descriptions in the schemas: one table for each block.

import { DURATION_PATTERN } from '../domain/duration.js';
import { common, duration, secret } from '../sources/schema.js';
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
  const sections = [
    HEAD,
    '## The file\n',
    ...tables('', rootSchema),
    '## Every source\n',
    ...tables(SOURCE, { properties: common, required: ['kind'] }),
  ];
  for (const { kind, summary, schema } of Object.values(kinds)) {
    sections.push(
      `## Sources of kind ${kind}\n\n${summary} More in [sources/${kind}.md](sources/${kind}.md).\n`,
      ...tables(SOURCE, ownKeys(asObject(schema))),
    );
  }
  return `${sections.join('\n').trimEnd()}\n`;
}

const SOURCE = 'sources.<name>';

/** Without the keys of every source, unless the kind says something else of them. */
function ownKeys(schema: SchemaObject): SchemaObject {
  const shared = asObject(common);
  const own = Object.entries(asObject(schema['properties'])).filter(([key, value]) => key !== 'kind' && value !== shared[key]);
  return { ...schema, properties: Object.fromEntries(own) };
}

/** The table of a block, and those of the blocks within. */
function tables(path: string, schema: SchemaObject, level = 3): string[] {
  const properties = Object.entries(asObject(schema['properties'])).map(([key, value]) => [key, asObject(value)] as const);
  const required = asArray(schema['required']);
  const rows = properties.map(([key, value]) => row(key, value, required.includes(key)));
  const own = rows.length === 0 ? [] : ['| key | value | meaning |', '| --- | --- | --- |', ...rows, ''];
  const nested = properties.flatMap(([key, value]) => nestedBlocks(path === '' ? key : `${path}.${key}`, value, level));
  return [own.join('\n'), ...nested].filter((part) => part !== '');
}

function row(key: string, schema: SchemaObject, isRequired: boolean): string {
  const cells = [`\`${key}\`${isRequired ? ' (required)' : ''}`, typeName(schema), `${text(schema['description'])}${exampleOf(schema)}`];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
}

/** Durations and secrets are explained once, at the top. */
function exampleOf(schema: SchemaObject): string {
  const examples = schema['examples'];
  if (examples === duration.examples || examples === secret.examples) return '';
  const [first] = asArray(examples);
  return first === undefined ? '' : ` E.g. \`${flow(first)}\`.`;
}

/** Blocks with keys of their own: in the value itself, in the entries of a list, under names of the user's choice, in one of several forms. */
function nestedBlocks(path: string, schema: SchemaObject, level: number): string[] {
  if (isSecret(schema) || schema === asObject(rootSchema.properties.sources)) return [];
  const found: string[] = [];
  if (isObject(schema['properties'])) found.push(`${'#'.repeat(Math.min(level, 5))} \`${path}\`\n`, ...tables(path, schema, level + 1));
  if (isObject(schema['items'])) found.push(...nestedBlocks(`${path}[]`, schema['items'], level));
  if (isObject(schema['additionalProperties'])) found.push(...nestedBlocks(`${path}.<name>`, schema['additionalProperties'], level));
  for (const branch of asArray(schema['anyOf'] ?? schema['oneOf'])) found.push(...nestedBlocks(path, asObject(branch), level));
  return found;
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
