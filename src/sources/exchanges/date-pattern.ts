// What is wrong with a name that has a date in it. Apart from the code that reads it, since checking needs no time zones.

/** Letters in braces: those of a quantity, {8} or {2,3}, are digits. */
export const DATE_TOKEN = /\{(?<format>[A-Za-z][A-Za-z_. -]*)\}/g;
const FORMAT = /^(?:yyyy|yy|MM|DDD|dd|[_. -])+$/;

/** @returns undefined where nothing is wrong */
export function datePatternProblem(file: string): string | undefined {
  const tokens = [...file.matchAll(DATE_TOKEN)].map(({ groups }) => groups?.['format'] ?? '');
  if (tokens.length === 0) {
    return `"${file}" has no date in it: say where it stands in braces, e.g. FACT_{yyyyMMdd}_\\d+\\.xml; files of other names are for \`files\``;
  }
  const unknown = tokens.find((format) => !FORMAT.test(format));
  if (unknown === undefined) return undefined;
  return `{${unknown}} is no date: it must be made of yyyy or yy, MM, dd or DDD (day of the year), and - _ . between them, e.g. {yyyy-MM-dd}`;
}

/** The expression with a date in it, to see whether it is one. */
export function withAnyDate(file: string): string {
  return file.replaceAll(DATE_TOKEN, '0');
}
