// What the fleet says of its exporters: as a table at the start, and then as a line for each change.

import type { ExporterJson, StatusJson } from '../src/fleet/json.js';

export type Shown = Pick<ExporterJson, 'source' | 'kind' | 'state' | 'url' | 'lastError'>;

const ANSWER_LIMIT_MS = 2_000;

/** @returns undefined while the fleet does not answer */
export async function readStatus(url: string): Promise<readonly Shown[] | undefined> {
  try {
    const response = await fetch(new URL('/status.json', url), { signal: AbortSignal.timeout(ANSWER_LIMIT_MS) });
    const status: unknown = response.ok ? await response.json() : undefined;
    return isStatus(status) ? status.exporters : undefined;
  } catch {
    return undefined;
  }
}

/** Something else may listen on the port while the fleet does not. */
function isStatus(value: unknown): value is Pick<StatusJson, 'exporters'> {
  return typeof value === 'object' && value !== null && 'exporters' in value && Array.isArray(value.exporters);
}

export function isSettled(exporters: readonly Shown[] | undefined): boolean {
  return exporters !== undefined && exporters.length > 0 && exporters.every(({ state }) => state !== 'starting');
}

export function formatTable(exporters: readonly Shown[]): string {
  const rows = [['SOURCE', 'KIND', 'STATE', 'URL'], ...exporters.map(({ source, kind, state, url }) => [source, kind, state, url])];
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`).join('\n');
}

/** One line for each exporter whose state is another than before. */
export function formatChanges(before: readonly Shown[], after: readonly Shown[]): string[] {
  const known = new Map(before.map((exporter) => [exporter.source, exporter.state]));
  const changed = after
    .filter(({ source, state }) => known.get(source) !== state)
    .map(({ source, state, lastError, url }) => {
      const reason = state === 'up' || lastError === undefined ? '' : ` (${lastError})`;
      return known.has(source) ? `${source}: ${known.get(source)} → ${state}${reason}` : `${source}: new, ${state}, ${url}`;
    });
  const present = new Set(after.map(({ source }) => source));
  const gone = before.filter(({ source }) => !present.has(source)).map(({ source }) => `${source}: gone`);
  return [...changed, ...gone];
}
