// One kind of source alone: an exporter has no use for the others, whose schemas and checks would cost it time and memory.

import type { SourceKind } from './kind.js';

/** @param name of a kind that the registry has: the configuration has been checked. @throws Error where it has not */
export async function loadKind(name: string): Promise<SourceKind> {
  const module: Readonly<Record<string, unknown>> = await import(`./${name}/index.js`);
  const kind = module[name];
  if (!isKind(kind, name)) throw new Error(`src/sources/${name}/index.ts exports no kind "${name}"`);
  return kind;
}

function isKind(value: unknown, name: string): value is SourceKind {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === name;
}
