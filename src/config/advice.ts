// What kinds of sources have to say about their blocks that takes longer to find out: for `vigie check`, not for the start of an exporter.

import type { SourceKind } from '../sources/kind.js';
import type { Reportable } from './load.js';
import { within } from './report.js';

/** Adds it to the report, as warnings. */
export async function advise({ config, report, sources }: Reportable, kinds: Readonly<Record<string, SourceKind>>): Promise<void> {
  for (const source of config?.sources ?? []) {
    const spot = sources.get(source.name);
    if (!spot) continue;
    for (const { path, message } of (await kinds[source.kind]?.advise?.(source)) ?? []) report.warning(within(spot, ...path), message);
  }
}
