// Fields and their units: `took ms`, `size KiB`, `share %`. Values become base units, as Prometheus wants them: seconds, bytes, ratios.
// https://prometheus.io/docs/practices/naming/#base-units

export type BaseUnit = 'seconds' | 'bytes' | 'ratio' | 'none';

export interface Unit {
  /** How many of the base unit one of it is. */
  readonly unit: number;
  readonly base: BaseUnit;
}

export interface Quantity extends Unit {
  readonly field: string;
}

const NONE: Unit = { unit: 1, base: 'none' };

/** All units by the names that they have in the YAML; upper and lower case differ, as they do in SI and IEC 80000-13. */
export const UNITS: ReadonlyMap<string, Unit> = new Map([
  ...unitsOf('seconds', { us: 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600, d: 86_400 }),
  ...unitsOf('bytes', { B: 1, kB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 }),
  ...unitsOf('ratio', { '%': 0.01 }),
]);

function unitsOf(base: BaseUnit, units: Readonly<Record<string, number>>): [string, Unit][] {
  return Object.entries(units).map(([name, unit]) => [name, { unit, base }]);
}

/**
 * A field, and a unit after a blank. A field without a unit has the base `none` and the unit 1. What follows the last blank is always
 * taken for the unit, so that a mistake in it is found; a field whose name has a blank in it needs a unit therefore.
 * @returns undefined where the text is blank, or its unit is unknown
 */
export function parseQuantity(text: string): Quantity | undefined {
  const { field, unit: name } = parts(text);
  const unit = name === undefined ? NONE : UNITS.get(name);
  return field === '' || unit === undefined ? undefined : { field, ...unit };
}

/**
 * What is wrong with a field and its unit, and what would be right.
 * @param bases what the value may be; a field without a unit is refused unless `none` is among them
 * @returns undefined where nothing is wrong
 */
export function quantityProblem(text: string, bases: readonly BaseUnit[]): string | undefined {
  const quantity = parseQuantity(text);
  if (quantity && bases.includes(quantity.base)) return undefined;
  const allowed = [...UNITS].filter(([, { base }]) => bases.includes(base)).map(([name]) => name);
  const { unit } = parts(text);
  // Only a slip in upper and lower case is sure enough: the nearest name of "KB" would be "B".
  const meant = allowed.find((name) => name.toLowerCase() === unit?.toLowerCase());
  const hint = unit === undefined || allowed.includes(unit) ? '' : `: "${unit}" is none${meant === undefined ? '' : ` (is it ${meant}?)`}`;
  const wanted = bases.includes('none') ? 'a field, or a field and its unit' : 'a field and its unit';
  return `"${text}" must be ${wanted} (${allowed.join(', ')}), e.g. ${EXAMPLES[bases[0] ?? 'none']}${hint}`;
}

const EXAMPLES: Readonly<Record<BaseUnit, string>> = { seconds: 'took ms', bytes: 'size KiB', ratio: 'share %', none: 'count' };

function parts(text: string): { field: string; unit: string | undefined } {
  const trimmed = text.trim();
  const { field = trimmed, unit } = /^(?<field>.*\S)\s+(?<unit>\S+)$/s.exec(trimmed)?.groups ?? {};
  return { field, unit };
}
