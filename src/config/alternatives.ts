// Where a value may have one of several forms and fits none, finds the form that was meant, so that only its mistakes are told.

import type { ErrorObject } from 'ajv';
import { asArray, asObject, isObject, type SchemaObject } from './words.js';

interface Branch {
  readonly schema: SchemaObject;
  readonly errors: readonly ErrorObject[];
}

/**
 * Replaces the errors of all branches of each `anyOf` and `oneOf` by those of the branch that was meant.
 * Where that cannot be told, the error of the `anyOf` itself stays.
 */
export function resolveAlternatives(errors: readonly ErrorObject[]): ErrorObject[] {
  const heads = errors.filter((error) => isHead(error) && !errors.some((other) => isHead(other) && isInside(error, other)));
  const rest = errors.filter((error) => !heads.includes(error) && !heads.some((head) => isInside(error, head)));
  const chosen = heads.flatMap((head) => choose(head, branchesOf(head, errors)));
  return [...rest, ...chosen];
}

function isHead({ keyword }: ErrorObject): boolean {
  return keyword === 'anyOf' || keyword === 'oneOf';
}

function isInside(error: ErrorObject, head: ErrorObject): boolean {
  const below = error.instancePath === head.instancePath || error.instancePath.startsWith(`${head.instancePath}/`);
  return below && error.schemaPath.startsWith(`${head.schemaPath}/`);
}

function branchesOf(head: ErrorObject, errors: readonly ErrorObject[]): Branch[] {
  return asArray(head.schema).map((schema, index) => {
    const path = `${head.schemaPath}/${index}`;
    const own = errors.filter((error) => isInside(error, head) && (error.schemaPath === path || error.schemaPath.startsWith(`${path}/`)));
    return { schema: asObject(schema), errors: resolveAlternatives(own) };
  });
}

function choose(head: ErrorObject, branches: readonly Branch[]): readonly ErrorObject[] {
  if (branches.some(({ errors }) => errors.length === 0)) return [head];
  const ofThatType = branches.filter(({ errors }) => !errors.some((error) => isWrongType(error, head)));
  if (ofThatType.length === 0) return [head];
  const unknown = isObject(head.data) ? unknownKeys(head, ofThatType) : [];
  if (unknown.length > 0) return unknown;
  const discriminated = discriminate(head, ofThatType);
  if ('error' in discriminated) return [discriminated.error];
  return fewestErrors(discriminated) ?? [head];
}

function isWrongType(error: ErrorObject, head: ErrorObject): boolean {
  return error.instancePath === head.instancePath && ['type', 'const', 'enum', 'pattern', 'anyOf', 'oneOf'].includes(error.keyword);
}

/** Keys that no branch knows; suggestions come from the keys of all of them. */
function unknownKeys(head: ErrorObject, branches: readonly Branch[]): ErrorObject[] {
  const refused = branches.map(
    ({ errors }) =>
      new Set(
        errors.filter((error) => error.keyword === 'additionalProperties' && error.instancePath === head.instancePath).map(refusedKey),
      ),
  );
  const [first = new Set<string>(), ...others] = refused;
  const properties: Record<string, unknown> = {};
  for (const { schema } of branches) Object.assign(properties, asObject(schema['properties']));
  return [...first]
    .filter((key) => others.every((set) => set.has(key)))
    .map((key) => ({ ...head, keyword: 'additionalProperties', params: { additionalProperty: key }, parentSchema: { properties } }));
}

/** The key that `additionalProperties: false` refused. */
export function refusedKey({ params }: ErrorObject): string {
  return String(asObject(params)['additionalProperty']);
}

/**
 * A property with a fixed value in every branch tells the branches apart (`driver: sqlite`): keeps the branches it fits,
 * or says which values there are.
 */
function discriminate(head: ErrorObject, branches: readonly Branch[]): readonly Branch[] | { error: ErrorObject } {
  const wrong = branches.map(({ errors }) => errors.find((error) => isWrongConstant(error, head)));
  const kept = branches.filter((_, index) => wrong[index] === undefined);
  if (kept.length > 0) return kept;
  const [first] = wrong;
  if (!first || wrong.some((error) => error?.instancePath !== first.instancePath)) return branches;
  const allowed = wrong.flatMap((error) => (error?.keyword === 'const' ? [error.schema] : asArray(error?.schema)));
  return { error: { ...first, keyword: 'enum', schema: allowed, parentSchema: { enum: allowed } } };
}

function isWrongConstant(error: ErrorObject, head: ErrorObject): boolean {
  const below = error.instancePath.slice(head.instancePath.length);
  return (error.keyword === 'const' || error.keyword === 'enum') && below.lastIndexOf('/') === 0;
}

/** The errors of the one branch that comes nearest; undefined where two come as near. */
function fewestErrors(branches: readonly Branch[]): readonly ErrorObject[] | undefined {
  const [first, second] = branches.toSorted((a, b) => a.errors.length - b.errors.length);
  if (first && second && first.errors.length === second.errors.length) return undefined;
  return first?.errors;
}
