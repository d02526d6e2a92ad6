// All kinds of sources, for what tells of them or works with all that a fleet has.

import type { SourceKind } from './kind.js';
import { kindNames, loadKind } from './registry.js';

export const kinds: Readonly<Record<string, SourceKind>> = Object.fromEntries(
  await Promise.all(kindNames.map(async (name) => [name, await loadKind(name)] as const)),
);
