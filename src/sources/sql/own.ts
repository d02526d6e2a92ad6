// Metrics of the user's own naming, as a query feeds them: from a row to labels and a value.

import { DURATION_BUCKETS } from '../../conventions.js';
import type { Labels, MetricDefinition, Observation } from '../../domain/observation.js';
import type { IdentityLabel } from '../names-in-data.js';
import { definitionOf, labelName } from '../own-metric.js';
import { LabelSets } from './label-sets.js';
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

/** Is told what a row speaks of that is not declared. @param at place of the row */
export type TellUndeclared = (at: number, label: IdentityLabel, value: string) => void;

/** How the labels of rows are read. */
export interface LabelReader {
  /** The texts of the labels that rows fill, in their order; false for a row that speaks of something that is not declared. */
  fill(row: Row, at: number, into: string[]): boolean;
  /** All labels of a row for which `fill` is true. */
  labels(row: Row, at: number): Labels;
}

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

  labelReader(table: Table, undeclared: TellUndeclared): LabelReader {
    const readers = this.#labels.map((written) => this.#textReader(table, written));
    const fill = (row: Row, at: number, into: string[]): boolean => {
      for (const [place, { label, read }] of readers.entries()) {
        const text = read(row, at);
        if (isIdentity(label) && !this.#places.knows(label, text ?? NULL_TEXT)) {
          undeclared(at, label, text ?? NULL_TEXT);
          return false;
        }
        into[place] = text ?? '';
      }
      return true;
    };
    const labels = (row: Row, at: number): Labels => {
      const found: Record<string, string> = { ...this.#base };
      for (const { label, read } of readers) found[label] = read(row, at) ?? '';
      return found;
    };
    return { fill, labels };
  }

  #textReader(table: Table, written: NonNullable<SqlMetric['labels']>[number]): { label: string; read: ReadText } {
    if (typeof written !== 'string') {
      const { label, from = label, map, otherwise } = written;
      return { label, read: table.text(textColumn({ from, ...(map && { map }), ...(otherwise !== undefined && { otherwise }) })) };
    }
    return { label: written, read: isIdentity(written) ? this.#places.identity(table, written) : table.text({ column: written }) };
  }
}

/**
 * The observations of a metric, one for each set of labels; they are made as they are asked for, and no longer than that.
 * @throws SourceError of class `schema`, at once, for two rows of the same labels and for values that cannot be read
 */
export function observeOwn(
  metric: OwnMetric,
  table: Table,
  rows: readonly Row[],
  duplicates: Duplicates,
  undeclared: TellUndeclared,
): Iterable<Observation> {
  const { definition } = metric;
  const readValue = table.number(metric.value ?? { column: EACH_ROW }, definition.type === 'counter' ? 'count' : 'measurement');
  const reader = metric.labelReader(table, undeclared);
  const sets = new LabelSets(rows.length, (at, into) => {
    const row = rows[at];
    return row !== undefined && reader.fill(row, at, into);
  });
  const values = new Float64Array(rows.length);
  const kept = new Uint8Array(rows.length);
  for (const [at, row] of rows.entries()) {
    const first = sets.add(at);
    if (first < 0) continue;
    const value = readValue(row, at);
    if (value === null) continue;
    const before = kept[first] === 1 ? values[first] : undefined;
    if (before !== undefined && duplicates === 'error') throw table.duplicate(reader.labels(row, at), [first, at], definition.name);
    values[first] = before === undefined || duplicates === 'error' ? value : combine(duplicates, before, value);
    kept[first] = 1;
  }
  return {
    *[Symbol.iterator]() {
      for (const [at, row] of rows.entries()) {
        if (kept[at] === 1) yield { metric: definition, labels: reader.labels(row, at), value: values[at] ?? NaN };
      }
    },
  };
}

export function combine(duplicates: Exclude<Duplicates, 'error'>, one: number, other: number): number {
  if (duplicates === 'sum') return one + other;
  return duplicates === 'max' ? Math.max(one, other) : Math.min(one, other);
}

function valueColumn(written: SqlMetric['value'], query: SqlQuery): NumberColumn | undefined {
  if (typeof written !== 'string') return { column: written.from, map: mapOf(written.map), otherwise: written.otherwise };
  return query.incremental !== undefined && written === EACH_ROW ? undefined : { column: written };
}
