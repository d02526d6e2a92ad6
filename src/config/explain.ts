// Turns what ajv says into what somebody who edits the YAML at night understands.

import type { ErrorObject } from 'ajv';
import { DURATION_PATTERN } from '../domain/duration.js';
import { nearest, suggest } from '../domain/suggest.js';
import type { ConfigPath } from '../sources/kind.js';
import { secret } from '../sources/schema.js';
import { refusedKey, resolveAlternatives } from './alternatives.js';
import { BOUND_PATTERN } from './bounds.js';
import { DEPENDENCY_PATTERNS } from './dependencies.js';
import { underSecret } from './names.js';
import { asArray, asObject, describe, either, example, flow, isObject, patternHint, shorten, show, type SchemaObject } from './words.js';

/** One mistake, relative to the value that was validated. */
export interface Finding {
  readonly path: ConfigPath;
  readonly at: 'key' | 'value';
  readonly message: string;
}

/** What is known of the place an error is about. */
interface Place {
  readonly path: ConfigPath;
  /** Values below a key that looks like a secret's are not shown. */
  readonly hidden: boolean;
  readonly schema: SchemaObject;
  readonly data: unknown;
}

/**
 * @param errors what ajv found, with `allErrors` and `verbose`
 * @param data the value it validated
 * @param prefix path to that value: keys in it that look like a secret's hide what is below
 */
export function explain(errors: readonly ErrorObject[], data: unknown, prefix: ConfigPath): Finding[] {
  const resolved = resolveAlternatives(errors);
  const findings = new Map<string, Finding>();
  for (const error of resolved) {
    const path = pathOf(error.instancePath, data);
    const place = { path, hidden: underSecret([...prefix, ...path]), schema: asObject(error.parentSchema), data: error.data };
    const finding = error.keyword === 'required' ? missingKeys(place, resolved, error) : explainOne(error, place, prefix);
    if (!finding) continue;
    const key = JSON.stringify([finding.path, finding.at, error.keyword === 'required']);
    if (!findings.has(key)) findings.set(key, finding);
  }
  return [...findings.values()];
}

function explainOne(error: ErrorObject, place: Place, prefix: ConfigPath): Finding | undefined {
  if (isToldElsewhere(place)) return undefined;
  if (error.propertyName !== undefined) return { path: [...place.path, error.propertyName], at: 'key', message: keyMessage(error, place) };
  const params = asObject(error.params);
  switch (error.keyword) {
    case 'if':
    case 'propertyNames':
      return undefined;
    case 'additionalProperties':
    case 'unevaluatedProperties':
      return unknownKey(String(params['additionalProperty'] ?? params['unevaluatedProperty']), place);
    case 'uniqueItems':
      return repeatedItem(Math.max(Number(params['i']), Number(params['j'])), place);
    default:
      return { path: place.path, at: 'value', message: place.data === null ? emptyMessage(place, prefix) : valueMessage(error, place) };
  }
}

/** By those who know what the schema does not: the signal of a bound, and what there is to depend on. */
function isToldElsewhere({ schema, data }: Place): boolean {
  const { pattern } = schema;
  if (typeof data !== 'string' && typeof data !== 'number') return data === null && pattern === BOUND_PATTERN;
  return pattern === BOUND_PATTERN || DEPENDENCY_PATTERNS.some((known) => known === pattern);
}

/** A section may be left out, an entry of one may not: `hug: {}` declares a partner. */
function emptyMessage({ schema, path }: Place, prefix: ConfigPath): string {
  const asked = `is empty: must be ${wanted(schema)}${example(schema)}`;
  if (schema['type'] !== 'object' || schema['required'] !== undefined) return asked;
  const isEntry = prefix.length + path.length === 2 && schema['minProperties'] === undefined;
  return isEntry ? `${asked}; write {} if there is nothing to say` : `${asked}; leave the key out if there is nothing to say`;
}

function valueMessage(error: ErrorObject, place: Place): string {
  const { schema, data, path } = place;
  const shown = place.hidden ? show(data, ['secret']) : show(data, path);
  const limit = Number(asObject(error.params)['limit']);
  switch (error.keyword) {
    case 'type':
      return wrongType(place, shown);
    case 'const':
    case 'enum':
      return `must be ${wanted(schema)}, not ${shown}${nearOne(place)}`;
    case 'anyOf':
    case 'oneOf':
      return noBranch(place, shown);
    case 'pattern':
      return `${shown} ${patternHint(schema, data)}`;
    case 'minLength':
      return data === '' ? 'must not be empty' : `must have ${limit} characters or more`;
    case 'minItems':
    case 'maxItems':
      if (schema['minItems'] === schema['maxItems']) return `must have ${limit} entries, not ${asArray(data).length}${example(schema)}`;
      if (error.keyword === 'maxItems') return `must have ${limit} entries at most, not ${asArray(data).length}`;
      return limit === 1 ? 'the list is empty: name at least one' : `must have ${limit} entries or more`;
    case 'maxLength':
      return `must have ${limit} ${limit === 1 ? 'character' : 'characters'} at most${example(schema)}`;
    case 'maxProperties':
      return `must have ${limit} ${limit === 1 ? 'key' : 'keys'} at most, not ${Object.keys(asObject(data)).length}: ${knownKeys(schema)}`;
    case 'exclusiveMaximum':
      return `must be less than ${limit}, not ${shown}`;
    case 'minProperties':
      return `the block is empty: ${knownKeys(schema)}`;
    case 'minimum':
      return `must be ${limit} or more, not ${shown}`;
    case 'exclusiveMinimum':
      return `must be more than ${limit}, not ${shown}`;
    case 'maximum':
      return `must be ${limit} or less, not ${shown}`;
    case 'false schema':
      return 'has no place here';
    default:
      return `does not fit: ${error.message ?? error.keyword}`;
  }
}

function wrongType({ schema, data, hidden, path }: Place, shown: string): string {
  const asked = `must be ${wanted(schema)}`;
  if (hidden) return asked;
  const { type, pattern, additionalProperties, propertyNames } = schema;
  if (type === 'array' && typeof data !== 'object')
    return `${asked}, not ${shown}: write [${typeof data === 'string' ? shorten(data) : flow(data)}]`;
  if (pattern === DURATION_PATTERN && typeof data === 'number') return `${asked}, not ${shown}: name the unit, ${data}s`;
  if (type === 'string' && (typeof data === 'number' || typeof data === 'boolean')) {
    if (typeof pattern === 'string' && !new RegExp(pattern).test(`${data}`)) return `${show(`${data}`, path)} ${patternHint(schema)}`;
    return schema['examples'] === undefined ? `${asked}, not ${shown}: quote it, "${data}"` : `${asked}, not ${shown}${example(schema)}`;
  }
  if ((type === 'integer' || type === 'number') && typeof data === 'string') {
    const digits = data.replaceAll(/[_', ]/g, '');
    return /^\d+$/.test(digits) ? `${asked}, not ${shown}: write ${digits}` : `${asked}, not ${shown}`;
  }
  const isNamed = isObject(additionalProperties) || propertyNames !== undefined;
  if (Array.isArray(data) && isNamed && schema['examples'] === undefined) return `${asked}, not a list: write "name:" instead of "-"`;
  // A text where a block is wanted may be a connection string.
  if (type === 'object' && typeof data === 'string') return `${asked}, not text${example(schema)}`;
  return `${asked}, not ${shown}${example(schema)}`;
}

function noBranch({ schema, data }: Place, shown: string): string {
  const branches = asArray(schema['anyOf'] ?? schema['oneOf']).map(asObject);
  if (isObject(data) && branches.every((branch) => branch['type'] === undefined && branch['required'] !== undefined)) {
    return `missing key: ${either(branches.map((branch) => asArray(branch['required']).map(String).join(' and ')))}`;
  }
  const found = typeof data === 'string' ? nearOne({ schema, data }) : '';
  const { description } = schema;
  // Where one form is a pattern, "text" would say too little.
  if (typeof description === 'string' && branches.some((branch) => 'pattern' in branch))
    return `${shown} does not fit: ${description.replace(/[.]$/, '')}`;
  return `must be ${wanted(schema)}${typeof data === 'object' ? '' : `, not ${shown}${found}`}${found === '' ? branchExample(schema) : ''}`;
}

/** Examples of secrets only show what is said already. */
function branchExample(schema: SchemaObject): string {
  return schema['anyOf'] === secret.anyOf ? '' : example(schema);
}

/** A secret may be written in plain, but nobody is told to. */
function wanted(schema: SchemaObject): string {
  return schema['anyOf'] === secret.anyOf ? '{ env: NAME } or { file: path }' : describe(schema);
}

function nearOne({ schema, data }: Pick<Place, 'schema' | 'data'>): string {
  const branches = [schema, ...asArray(schema['anyOf'] ?? schema['oneOf']).map(asObject)];
  const words = branches.flatMap((branch) => ('const' in branch ? [branch['const']] : asArray(branch['enum'])));
  const near = typeof data === 'string' && /[a-z]{3}/i.test(data) && words.length > 0 ? suggest(data, words.map(String)) : '';
  return near.startsWith(' (is it') ? near : '';
}

function keyMessage(error: ErrorObject, place: Place): string {
  const name = error.propertyName ?? '';
  if (error.keyword === 'enum') return `unknown key "${shorten(name)}"${suggest(name, asArray(error.schema).map(String))}`;
  if (error.keyword === 'pattern') return `"${shorten(name)}" ${patternHint(place.schema)}`;
  return `the key "${shorten(name)}" does not fit: ${error.message ?? error.keyword}`;
}

function unknownKey(key: string, { path, schema, hidden }: Place): Finding {
  const known = Object.keys(asObject(schema['properties']));
  const message = hidden ? `unknown key: ${knownKeys(schema)}` : `unknown key "${shorten(key)}"${suggest(key, known)}`;
  return { path: hidden ? path : [...path, key], at: 'key', message };
}

function knownKeys(schema: SchemaObject): string {
  const known = Object.keys(asObject(schema['properties']));
  return known.length > 0 ? `it may hold ${either(known)}` : `it needs an entry${example(schema)}`;
}

function repeatedItem(index: number, { path, data, hidden }: Place): Finding {
  const item = asArray(data)[index];
  const shown = hidden || typeof item === 'object' ? 'the entry' : show(item, path);
  return { path: [...path, index], at: 'value', message: `${shown} stands twice` };
}

/** All keys that one block lacks, as one finding; none for those that stand there misspelt, which is told of the misspelt one. */
function missingKeys({ path, schema, hidden }: Place, errors: readonly ErrorObject[], { instancePath }: ErrorObject): Finding | undefined {
  const here = errors.filter((error) => error.instancePath === instancePath);
  const properties = asObject(schema['properties']);
  const unknown = here.filter(({ keyword }) => keyword === 'additionalProperties').map((error) => refusedKey(error));
  const meant = new Set(hidden ? [] : unknown.map((key) => nearest(key, Object.keys(properties))));
  const keys = here.filter(({ keyword }) => keyword === 'required').map(({ params }) => String(asObject(params)['missingProperty']));
  const missing = [...new Set(keys)].filter((key) => !meant.has(key));
  const [only, ...others] = missing;
  if (only === undefined) return undefined;
  const hint = others.length === 0 && !hidden ? keyHint(asObject(properties[only])) : '';
  const named = missing.map((key) => `"${key}"`).join(', ');
  return { path, at: 'value', message: `missing key${others.length > 0 ? 's' : ''} ${named}${hint}` };
}

function keyHint(schema: SchemaObject): string {
  if (Array.isArray(schema['enum']) || 'const' in schema) return ` (${describe(schema)})`;
  const [first] = asArray(schema['examples']);
  if (first !== undefined) return ` (e.g. ${flow(first)})`;
  const description = schema['description'];
  return typeof description === 'string' ? ` (${description.replace(/[.]$/, '')})` : '';
}

/** A JSON pointer as a path, with numbers where the value is a list. */
function pathOf(pointer: string, data: unknown): (string | number)[] {
  const path: (string | number)[] = [];
  let value = data;
  for (const part of pointer.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    if (Array.isArray(value)) {
      path.push(Number(key));
      value = asArray(value)[Number(key)];
    } else {
      path.push(key);
      value = asObject(value)[key];
    }
  }
  return path;
}
