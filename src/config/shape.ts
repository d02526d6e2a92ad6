// Checks values against JSON Schemas, and reports what does not fit in words of the trade.

import type { ValidateFunction } from 'ajv';
import { compile } from './compile.js';
import { explain } from './explain.js';
import { precompiled } from './precompiled.js';
import { atKey, within, type Report, type Spot } from './report.js';

const validators = new WeakMap<object, ValidateFunction>();

/** A schema, and the type of the values that fit it. */
export class Shape<T> {
  readonly schema: object;

  /** @param schema the schema from which T was made */
  constructor(schema: object) {
    this.schema = schema;
  }

  fits(value: unknown): value is T {
    return validator(this.schema)(value);
  }

  /** @returns the value, or undefined where it does not fit; then each reason is in the report. */
  check(value: unknown, spot: Spot, report: Report): T | undefined {
    if (this.fits(value)) return value;
    for (const finding of explain(validator(this.schema).errors ?? [], value, spot.path)) {
      const place = within(spot, ...finding.path);
      report.error(finding.at === 'key' ? atKey(place) : place, finding.message);
    }
    return undefined;
  }
}

/** Made once for each schema, when it is first needed. */
function validator(schema: object): ValidateFunction {
  const known = validators.get(schema);
  if (known) return known;
  const made = precompiled(schema) ?? compile(schema);
  validators.set(schema, made);
  return made;
}
