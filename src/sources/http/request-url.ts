// URLs of the YAML with `${name}` in their paths and queries.

/** The address with the names of values in place of the values. */
export function withoutValues(url: string): string {
  return url.replaceAll(/(?<!\$)\$\{(?<name>[A-Za-z_][A-Za-z0-9_]*)\}/g, (_whole, name: string) => name).replaceAll('$${', '${');
}
