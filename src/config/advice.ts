// What is to be said of the YAML that takes longer to find out, or that changes with time: for `vigie check`, not for the start of an exporter.

import { datedWindow, isDone } from '../domain/maintenance-windows.js';
import type { SourceKind } from '../sources/kind.js';
import type { Reportable } from './load.js';
import { warnOfNeverTold } from './never-told.js';
import { atKey, within } from './report.js';

/** Adds it to the report, as warnings. @param now milliseconds since the Unix epoch */
export async function advise(
  { config, report, sources, flows, maintenance }: Reportable,
  kinds: Readonly<Record<string, SourceKind>>,
  now: number,
): Promise<void> {
  for (const source of config?.sources ?? []) {
    const spot = sources.get(source.name);
    if (!spot) continue;
    for (const { path, message } of (await kinds[source.kind]?.advise?.(source)) ?? []) report.warning(within(spot, ...path), message);
  }
  if (config) warnOfNeverTold(config, flows, report, now);
  for (const work of config?.maintenance ?? []) {
    const spot = maintenance.get(work.name);
    const end = datedWindow(work)?.end ?? Infinity;
    // A reset stays as long as nobody has said that it was done: it is reminded of.
    const isReminded = work.kind === 'reset' && !isDone(work, now);
    if (spot && work.done !== undefined && isReminded) {
      report.warning(
        within(spot, 'done'),
        `"${work.done}" is yet to come, and the reset is reminded of until then: leave it out until it is done, then write the day, e.g. 2026-12-03`,
      );
    }
    if (spot && end <= now && !isReminded) {
      report.warning(atKey(spot), `is over since ${new Date(end).toISOString().slice(0, 10)}: move it, or take it out`);
    }
  }
}
