// The validators that the build has compiled are those that ajv would make at run time: the messages about mistakes are made from their errors.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { compile, compileToModule } from '../../src/config/compile.js';
import { sectionSchemas } from '../../src/config/declarations.js';
import { precompiled } from '../../src/config/precompiled.js';
import { parseYaml } from '../../src/config/yaml-file.js';
import { kinds } from '../../src/sources/all-kinds.js';
import { fake } from './fake-kind.js';

const folder = join(import.meta.dirname, '..', '..', '..', 'test', 'invalid');
const schemas = [...sectionSchemas, ...Object.values(kinds).map(({ schema }) => schema)];

/** Files with all sorts of mistakes, their sections, and the entries of these. */
function values(): unknown[] {
  const files = readdirSync(folder).filter((file) => file.endsWith('.yaml'));
  const roots = files.map((file) => parseYaml(file, file, readFileSync(join(folder, file), 'utf8')).file?.data);
  const sections = roots.flatMap(children);
  return [undefined, ...roots, ...sections, ...sections.flatMap(children)];
}

function children(value: unknown): unknown[] {
  return typeof value === 'object' && value !== null ? Object.values(value) : [];
}

describe('the build', () => {
  test.each(schemas.map((schema, index) => [index, schema] as const))('has compiled schema %i, as ajv does', (_, schema) => {
    const made = precompiled(schema);
    const compiled = compile(schema);
    if (!made) throw new Error('not compiled by the build');

    for (const value of values()) {
      expect(made(value)).toBe(compiled(value));
      // Jest takes long to compare, and is better at telling the difference.
      if (!isDeepStrictEqual(made.errors, compiled.errors)) expect(made.errors).toEqual(compiled.errors);
      for (const [index, { parentSchema }] of (compiled.errors ?? []).entries())
        expect(made.errors?.[index]?.parentSchema).toBe(parentSchema);
    }
  });

  test('knows no other schemas', () => {
    expect(precompiled(fake.schema)).toBeUndefined();
  });

  test('refuses a schema that refers to a part of itself', () => {
    const schema = { $defs: { name: { type: 'object', minProperties: 1 } }, properties: { a: { $ref: '#/$defs/name' } } };

    expect(() => compileToModule(schema)).toThrow('cannot be compiled in advance');
  });
});
