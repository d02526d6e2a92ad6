// Numbers of a line in base units.

import { parseQuantity } from '../../units.js';
import { numberOf } from '../formats/fields.js';
import type { Line } from './line.js';
import type { Scope } from './scope.js';

/** @returns undefined where the field is not there or no number */
export type ReadNumber = (line: Line) => number | undefined;

/** @param written a field and its unit: `took ms` */
export function compileQuantity(written: string, scope: Scope): ReadNumber {
  const { field, unit } = parseQuantity(written) ?? { field: written, unit: 1 };
  const read = scope.reader(field);
  return (line) => {
    const number = numberOf(read(line));
    if (number === undefined) return undefined;
    const quantity = number * unit;
    return Number.isFinite(quantity) ? quantity : undefined;
  };
}
