// Indicators of flows, as the rows of a query tell them.

import { measured } from '../../conventions.js';
import type { Observation } from '../../domain/observation.js';
import { combine, type Duplicates, type TellUndeclared } from './own.js';
import { NULL_TEXT, type Places } from './places.js';
import type { SqlQuery } from './schema.js';
import type { Row, Table } from './table.js';

/** Labels that may be missing. */
const OPTIONAL = ['partner', 'stage'] as const;

/** @throws SourceError of class `schema` for two rows of the same labels and for values that cannot be read */
export function observeIndicators(
  { observe, partner, stage }: SqlQuery,
  places: Places,
  table: Table,
  rows: readonly Row[],
  duplicates: Duplicates,
  undeclared: TellUndeclared,
): Observation[] {
  const named = Object.entries(observe?.indicators ?? {});
  if (named.length === 0) return [];
  const written = { partner, stage };
  const labels = ['flow' as const, ...OPTIONAL.filter((label) => written[label] !== undefined || places.names(label) || table.has(label))];
  const readers = labels.map((label) => ({ label, read: places.identity(table, label) }));
  const metric = places.signalMetric(measured.indicator);
  const values = named.map(([indicator, column]) => ({ indicator, read: table.number({ column }, 'measurement') }));
  const found = new Map<string, { readonly at: number; value: number; readonly observation: Omit<Observation, 'value'> }>();
  for (const [at, row] of rows.entries()) {
    const place = Object.fromEntries(readers.map(({ label, read }) => [label, read(row, at) ?? NULL_TEXT]));
    const unknown = labels.find((label) => !places.knows(label, place[label] ?? ''));
    if (unknown !== undefined) {
      undeclared(at, unknown, place[unknown] ?? '');
      continue;
    }
    for (const { indicator, read } of values) {
      const value = read(row, at);
      if (value === null) continue;
      const key = JSON.stringify([indicator, place]);
      const before = found.get(key);
      if (before && duplicates === 'error') throw table.duplicate({ ...place, indicator }, [before.at, at], metric.name);
      if (before && duplicates !== 'error') before.value = combine(duplicates, before.value, value);
      else found.set(key, { at, value, observation: { metric, labels: { ...places.common(), ...place, indicator } } });
    }
  }
  return [...found.values()].map(({ value, observation }) => ({ ...observation, value }));
}
