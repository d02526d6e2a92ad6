// Checks values against JSON Schemas, and reports what does not fit in words of the trade.

import { Ajv, type ValidateFunction } from 'ajv';
import { explain } from './explain.js';
import { atKey, within, type Report, type Spot } from './report.js';

// That the schemas are schemas is left to a test: checking it at each start, and optimising code that runs once, would double the time.
const ajv = new Ajv({
  allErrors: true,
  verbose: true,
  ownProperties: true,
  strictTypes: false,
  strictRequired: false,
  meta: false,
  validateSchema: false,
  code: { optimize: false },
});
ajv.addVocabulary(['markdownDescription', 'defaultSnippets']);
const compiled = new WeakMap<object, ValidateFunction>();

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

/** Compiling takes milliseconds, so each schema is compiled once, when it is first needed. */
function validator(schema: object): ValidateFunction {
  const known = compiled.get(schema);
  if (known) return known;
  const made = ajv.compile(schema);
  compiled.set(schema, made);
  return made;
}
