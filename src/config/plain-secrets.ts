// Secrets that stand in the YAML itself: each is a warning, wherever a schema takes a secret, and in every URL.

import { secret, TEMPLATED } from '../sources/schema.js';
import { looksSecret } from './names.js';
import { within, type Report, type Spot } from './report.js';
import { asArray, asObject, isObject } from './words.js';

const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** As shells, Compose and Grafana write variables. */
const REPLACED_ELSEWHERE = /^\$\{[^}]*\}$/;
/** Where a kind fills in values itself. */
const NAMED_PLACE = /\$\{[A-Za-z_][A-Za-z0-9_]*\}/;
/** `https://user:password@host`, `postgres://user:password@host`. */
const URL_WITH_PASSWORD = /^[a-z][a-z0-9+.-]*:\/\/[^/\s@:]*:[^/\s@]+@/i;

/** Walks a value along its schema. */
export function warnOfPlainSecrets(schema: unknown, value: unknown, spot: Spot, report: Report): void {
  if (isSecret(schema)) {
    if (asObject(schema)['$comment'] === TEMPLATED && typeof value === 'string' && NAMED_PLACE.test(value)) return;
    checkSecret(value, spot, report);
    return;
  }
  const { properties, additionalProperties, items, anyOf, oneOf, allOf } = asObject(schema);
  for (const branch of [anyOf, oneOf, allOf].flatMap(asArray)) warnOfPlainSecrets(branch, value, spot, report);
  if (Array.isArray(value)) {
    for (const [index, entry] of asArray(value).entries()) warnOfPlainSecrets(items, entry, within(spot, index), report);
  }
  if (!isObject(value)) return;
  for (const [key, entry] of Object.entries(value)) {
    const known = asObject(properties)[key];
    // Under a key of the user's choice (a header, say) a text is a secret only if the key says so.
    if (known === undefined && typeof entry === 'string' && !looksSecret(key)) continue;
    warnOfPlainSecrets(known ?? additionalProperties, entry, within(spot, key), report);
  }
}

/** Passwords in URLs are seen wherever they stand, in keys that nothing knows as well. */
export function warnOfPasswordsInUrls(value: unknown, spot: Spot, report: Report): void {
  if (typeof value === 'string' && URL_WITH_PASSWORD.test(value)) {
    report.warning(
      spot,
      'a URL with a password in it: everybody who may read this file knows it now; name the secret apart, { env: NAME } or { file: path }',
    );
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [key, entry] of Object.entries(value)) {
    warnOfPasswordsInUrls(entry, within(spot, Array.isArray(value) ? Number(key) : key), report);
  }
}

/** Kinds give the fragment descriptions of their own, so that it is known by what it accepts. */
function isSecret(schema: unknown): boolean {
  return asObject(schema)['anyOf'] === secret.anyOf;
}

function checkSecret(value: unknown, spot: Spot, report: Report): void {
  if (typeof value === 'string' && REPLACED_ELSEWHERE.test(value)) {
    report.warning(spot, 'a variable in ${…} is not replaced: name it instead, e.g. { env: EXCHANGE_DB_PASSWORD }');
    return;
  }
  if (typeof value === 'string') {
    report.warning(
      spot,
      'a secret written in plain: everybody who may read this file knows it; name it instead, { env: NAME } or { file: path }',
    );
    return;
  }
  const { env } = asObject(value);
  if (typeof env === 'string' && !VARIABLE.test(env)) {
    report.warning(
      within(spot, 'env'),
      'no name of an environment variable: name the variable that holds the secret, e.g. { env: EXCHANGE_DB_PASSWORD }',
    );
  }
}
