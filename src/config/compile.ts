// Compiles schemas with ajv, which is imported only when one has to be: the build has compiled those that an exporter needs at its start.

import { createRequire } from 'node:module';
import type { Ajv, ValidateFunction } from 'ajv';
import type standaloneCode from 'ajv/dist/standalone/index.js';

const require = createRequire(import.meta.url);

// That the schemas are schemas is left to a test: checking it each time would double the time.
const OPTIONS = {
  allErrors: true,
  verbose: true,
  ownProperties: true,
  strictTypes: false,
  strictRequired: false,
  meta: false,
  validateSchema: false,
} as const;

let compiler: Ajv | undefined;

/** Takes milliseconds. */
export function compile(schema: object): ValidateFunction {
  // Optimising code that runs once would take longer than running it.
  compiler ??= newAjv({ optimize: false });
  return compiler.compile(schema);
}

/**
 * The text of a CommonJS module that exports a function: given the schema, it returns what `compile` would have.
 * The schema is given and not part of the text, so that errors hold the very parts of it that the code knows, such as what a secret is.
 */
export function compileToModule(schema: object): string {
  const ajv = newAjv({ source: true });
  const validate = ajv.compile(schema);
  const standalone: typeof standaloneCode.default = require('ajv/dist/standalone').default;
  const text = standalone(ajv, validate);
  const [first, ...others] = validate.source?.scopeValues['schema'] ?? [];
  if (!first || others.length > 0) throw new Error('a schema that refers to others cannot be compiled in advance');
  const { str } = first;
  const literal = `const ${str} = ${JSON.stringify(schema)};`;
  const [head = '', body, ...more] = text.split(literal);
  const name = /^"use strict";\s*module\.exports = (?<name>\w+);\s*module\.exports\.default = \k<name>;\s*$/.exec(head)?.groups?.['name'];
  if (body === undefined || more.length > 0 || name === undefined) throw new Error('ajv writes other code than is known here');
  return `"use strict";\nmodule.exports = (${str}) => {\n${body}\nreturn ${name};\n};\n`;
}

function newAjv(code: { readonly optimize?: false; readonly source?: true }): Ajv {
  const { Ajv: Compiler }: { readonly Ajv: typeof Ajv } = require('ajv');
  const ajv = new Compiler({ ...OPTIONS, code });
  ajv.addVocabulary(['markdownDescription', 'defaultSnippets']);
  return ajv;
}
