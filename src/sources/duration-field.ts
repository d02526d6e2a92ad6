// Durations in fields of a log or columns of a database: `duration_ms ms` is the field and its unit.

import { UNITS } from './units.js';

/** Seconds in one unit. */
export const DURATION_UNITS: Readonly<Record<string, number>> = Object.fromEntries(
  ['us', 'ms', 's', 'm'].map((name) => [name, UNITS.get(name)?.unit ?? Number.NaN]),
);

export interface DurationField {
  readonly field: string;
  /** Seconds in one unit of the field. */
  readonly unit: number;
}

/** @returns undefined where the text is no field followed by a unit */
export function parseDurationField(text: string): DurationField | undefined {
  const { field, unit } = /^(?<field>.*\S)\s+(?<unit>[a-z]+)$/.exec(text)?.groups ?? {};
  const seconds = unit === undefined || !Object.hasOwn(DURATION_UNITS, unit) ? undefined : DURATION_UNITS[unit];
  return field === undefined || seconds === undefined ? undefined : { field, unit: seconds };
}
