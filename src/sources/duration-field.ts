// Durations in fields of a log or columns of a database: `duration_ms ms` is the field and its unit.

/** Seconds in one unit. */
export const DURATION_UNITS: Readonly<Record<string, number>> = { us: 1e-6, ms: 1e-3, s: 1, m: 60 };

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
