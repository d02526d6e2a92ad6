// Metrics of the user's own naming, as a query feeds them: from a row to labels and a value.

import { DURATION_BUCKETS } from '../../conventions.js';
import { seriesKey, type Labels, type MetricDefinition, type Observation } from '../../domain/observation.js';
import { definitionOf, labelName } from '../own-metric.js';
import { isIdentity, mapOf, NULL_TEXT, textColumn, type PlaceContext, type Places } from './places.js';
import type { SqlMetric, SqlQuery } from './schema.js';
import type { NumberColumn, ReadText, Row, Table } from './table.js';

/** What becomes of several rows with the same labels. */
export type Duplicates = 'error' | 'sum' | 'max' | 'min';

/** In place of a column: each row counts as one. */
export const EACH_ROW = 'rows';

/** The metric as exposed: constant labels, those of targets and `env` come with its own. */
export function ownDefinition(metric: SqlMetric, query: SqlQuery, targetLabels: readonly string[] | undefined): MetricDefinition {
  const definition = definitionOf(metric);
  const constants = Object.keys(query.labels ?? {});
  const more = targetLabels ? [...targetLabels, 'target'] : [];
  return {
    ...definition,
    labels: [...new Set([...definition.labels.slice(0, -1), ...constants, ...more, 'env'])],
    ...(definition.type === 'histogram' && { buckets: metric.buckets ?? DURATION_BUCKETS }),
  };
}

/** Labels of a row, or undefined where it speaks of something that is not declared. */
export type ReadLabels = (row: Row, at: number) => Labels | undefined;

/** A metric of a query, ready to read rows. */
export class OwnMetric {
  readonly definition: MetricDefinition;
  /** Undefined where each row counts as one. */
  readonly value: NumberColumn | undefined;
  readonly #labels: NonNullable<SqlMetric['labels']>;
  readonly #base: Labels;
  readonly #places: Places;

  constructor(metric: SqlMetric, query: SqlQuery, places: Places, { env, target, targetLabels }: PlaceContext) {
    this.definition = ownDefinition(metric, query, target && (targetLabels ?? []));
    this.value = valueColumn(metric.value, query);
    this.#labels = metric.labels ?? [];
    this.#base = { env, ...query.labels, ...target?.labels, ...(target && { target: target.name }) };
    this.#places = places;
  }

  /** Labels that rows fill. */
  get labelNames(): string[] {
    return this.#labels.map(labelName);
  }

  /** Those that are the same for all rows. */
  get constantLabels(): Labels {
    return this.#base;
  }

  /** @param undeclared is told what a row speaks of that is not declared, by the place of the row */
  labelReader(table: Table, undeclared: (at: number, label: 'flow' | 'partner' | 'stage', value: string) => void): ReadLabels {
    const readers = this.#labels.map((written) => this.#labelReader(table, written));
    return (row, at) => {
      const labels: Record<string, string> = { ...this.#base };
      for (const { label, read } of readers) {
        const text = read(row, at);
        if (isIdentity(label) && !this.#places.knows(label, text ?? NULL_TEXT)) {
          undeclared(at, label, text ?? NULL_TEXT);
          return undefined;
        }
        labels[label] = text ?? '';
      }
      return labels;
    };
  }

  #labelReader(table: Table, written: NonNullable<SqlMetric['labels']>[number]): { label: string; read: ReadText } {
    if (typeof written !== 'string') {
      const { label, from = label, map, otherwise } = written;
      return { label, read: table.text(textColumn({ from, ...(map && { map }), ...(otherwise !== undefined && { otherwise }) })) };
    }
    return { label: written, read: isIdentity(written) ? this.#places.identity(table, written) : table.text({ column: written }) };
  }
}

/** The observations of a metric, one for each set of labels. @throws SourceError of class `schema` for two rows of the same labels */
export function observeOwn(
  metric: OwnMetric,
  table: Table,
  rows: readonly Row[],
  duplicates: Duplicates,
  undeclared: (at: number, label: 'flow' | 'partner' | 'stage', value: string) => void,
): Observation[] {
  const { definition } = metric;
  const readValue = table.number(metric.value ?? { column: EACH_ROW }, definition.type === 'counter' ? 'count' : 'measurement');
  const readLabels = metric.labelReader(table, undeclared);
  const found: { metric: MetricDefinition; labels: Labels; value: number }[] = [];
  const seen = new Map<string, { readonly at: number; readonly index: number }>();
  for (const [at, row] of rows.entries()) {
    const labels = readLabels(row, at);
    if (!labels) continue;
    const value = readValue(row, at);
    if (value === null) continue;
    const key = seriesKey(definition, labels);
    const first = seen.get(key);
    if (first === undefined) {
      seen.set(key, { at, index: found.length });
      found.push({ metric: definition, labels, value });
      continue;
    }
    if (duplicates === 'error') throw table.duplicate(labels, [first.at, at], definition.name);
    const before = found[first.index];
    if (before) before.value = combine(duplicates, before.value, value);
  }
  return found;
}

export function combine(duplicates: Exclude<Duplicates, 'error'>, one: number, other: number): number {
  if (duplicates === 'sum') return one + other;
  return duplicates === 'max' ? Math.max(one, other) : Math.min(one, other);
}

function valueColumn(written: SqlMetric['value'], query: SqlQuery): NumberColumn | undefined {
  if (typeof written !== 'string') return { column: written.from, map: mapOf(written.map), otherwise: written.otherwise };
  return query.incremental !== undefined && written === EACH_ROW ? undefined : { column: written };
}
