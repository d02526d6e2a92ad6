// Numbers of a line in base units.

import { parseQuantity } from '../../units.js';
import { numberOf } from '../formats/fields.js';
import type { Line } from './line.js';
import type { Scope } from './scope.js';

/** @returns undefined where the field is not there or no number, or none that is finite in base units */
export type ReadNumber = (line: Line) => number | undefined;

/** @param written a field and its unit: `took ms` */
export function compileQuantity(written: string, scope: Scope): ReadNumber {
  const { field, unit } = parseQuantity(written) ?? { field: written, unit: 1 };
  const read = scope.reader(field);
  return (line) => {
    const number = numberOf(read(line));
    const amount = number === undefined ? undefined : number * unit;
    return Number.isFinite(amount) ? amount : undefined;
  };
}
