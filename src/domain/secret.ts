// A secret is named in the YAML, not written there; it is read when it is used, so that a rotated one is picked up.

/** A plain string is accepted for a first try, and `vigie check` warns about it. */
export type Secret = string | { readonly env: string } | { readonly file: string };
