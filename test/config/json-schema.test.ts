// The schema that editors use, and the reference: both are made from the schemas that the loader checks with.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { composeSchema } from '../../src/config/json-schema.js';
import { renderedFiles } from '../../src/config/rendered.js';
import { asArray, asObject, isObject } from '../../src/config/words.js';
import { kinds } from '../../src/sources/all-kinds.js';

const root = join(import.meta.dirname, '..', '..', '..');

describe('the schema for editors', () => {
  test('is valid JSON Schema without unknown keywords', () => {
    const ajv = new Ajv({ strict: true, strictTypes: false, strictRequired: false });

    expect(() => ajv.compile(composeSchema(kinds))).not.toThrow();
  });

  test.each(['exporters.yaml', 'exporters.d/prevoyance.yaml'])('accepts %s as shipped', (file) => {
    const fits = new Ajv({ strict: false }).compile(composeSchema(kinds));
    const data: unknown = parse(readFileSync(join(root, file), 'utf8'));

    fits(data);

    expect(fits.errors).toBeNull();
  });

  test.each([
    ['a kind that does not exist', { sources: { a: { kind: 'logs' } } }],
    ['a key that only another kind has', { sources: { a: { kind: 'log', files: ['x'], format: 'json', queries: {} } } }],
    ['a source without what its kind needs', { sources: { a: { kind: 'sftp' } } }],
  ])('refuses %s', (_case, data) => {
    const fits = new Ajv({ strict: false }).compile(composeSchema(kinds));

    expect(fits(data)).toBe(false);
  });

  test('says of every key what it means, for hover texts and the reference', () => {
    const silent = undescribed(composeSchema(kinds), '');

    expect(silent).toEqual([]);
  });

  test('is what editors are told to use, as is the reference', async () => {
    const files = await renderedFiles();

    const drifted = files.filter(({ path, content }) => readFileSync(join(root, path), 'utf8') !== content).map(({ path }) => path);

    expect(files.map(({ path }) => path)).toEqual(['exporters.schema.json', 'docs/reference.md']);
    expect(drifted).toEqual([]);
  });
});

/** Paths of properties without a description. The conditions of `if` are none. */
function undescribed(schema: unknown, path: string): string[] {
  if (!isObject(schema)) return [];
  const properties = Object.entries(asObject(schema['properties']));
  const missing = properties.filter(([, value]) => typeof asObject(value)['description'] !== 'string').map(([key]) => `${path}.${key}`);
  const nested = properties.flatMap(([key, value]) => undescribed(value, `${path}.${key}`));
  const branches = [schema['anyOf'], schema['oneOf'], schema['allOf']].flatMap((list) => asArray(list));
  const others = [schema['additionalProperties'], schema['items'], schema['then'], ...branches].flatMap((value) =>
    undescribed(value, path),
  );
  return [...missing, ...nested, ...others];
}
