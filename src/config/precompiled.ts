// Validators that the build has compiled. They are found by what they are made from, so that one never stands for another schema.

import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { ValidateFunction } from 'ajv';

const require = createRequire(import.meta.url);
export const PRECOMPILED_FOLDER = join(import.meta.dirname, 'precompiled');

/** @returns undefined where the build does not know the schema: a kind of a test, say */
export function precompiled(schema: object): ValidateFunction | undefined {
  const file = precompiledFile(schema);
  if (!existsSync(file)) return undefined;
  const make: (schema: object) => ValidateFunction = require(file);
  return make(schema);
}

/** Where the validator of the schema is or would be. */
export function precompiledFile(schema: object): string {
  const digest = createHash('sha256').update(JSON.stringify(schema)).digest('hex');
  return join(PRECOMPILED_FOLDER, `${digest.slice(0, 16)}.cjs`);
}
