// The schema that editors use for completion and hover texts: the root, with the schema of its kind for each source.

import type { Kinds } from './declarations.js';
import { rootSchema } from './schema.js';

/** Draft 07, which the YAML language server of VS Code and other editors understands best. */
export function composeSchema(kinds: Kinds): object {
  const known = Object.values(kinds);
  const source = {
    type: 'object',
    required: ['kind'],
    properties: {
      kind: {
        enum: known.map(({ kind }) => kind),
        description: `What kind of source this is. ${known.map(({ kind, summary }) => `${kind}: ${summary}`).join(' ')}`,
      },
    },
    // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema; nobody awaits a schema
    allOf: known.map(({ kind, schema }) => ({ if: { properties: { kind: { const: kind } }, required: ['kind'] }, then: schema })),
  };
  return {
    ...rootSchema,
    properties: { ...rootSchema.properties, sources: { ...rootSchema.properties.sources, additionalProperties: source } },
  };
}

/** The content of exporters.schema.json. */
export function renderSchema(kinds: Kinds): string {
  return `${JSON.stringify(composeSchema(kinds), null, 2)}\n`;
}
