// From the rows of a query that is asked again and again to the signals and metrics it feeds.

import { observed } from '../../conventions.js';
import type { Place, Undeclared } from '../../domain/coverage.js';
import { OUTCOMES, type Outcome } from '../../domain/flow.js';
import { concat, type MetricDefinition, type Observation } from '../../domain/observation.js';
import { isOutcome } from '../names-in-data.js';
import type { QueryResult } from './driver.js';
import { observeIndicators } from './indicators.js';
import { combine, observeOwn, OwnMetric, type Duplicates } from './own.js';
import { placeKey, Places, type PlaceContext } from './places.js';
import type { SqlQuery } from './schema.js';
import { polledSignals, type PolledSignal } from './signals.js';
import { Table, type Meaning, type ReadNumber, type Reading, type Row } from './table.js';

const MEANING: Readonly<Record<PolledSignal, Meaning>> = {
  backlog: 'count',
  backlog_oldest: 'time',
  messages: 'count',
  last_message: 'time',
};

/** Numbers by outcome; null where a row has NULL. */
type Counts = Partial<Record<Outcome, number | null>>;

/** What the rows say of one place. */
interface PlaceValues {
  readonly place: Place;
  readonly messages: Counts;
  readonly backlog: Counts;
  /** Undefined while no row has said anything; null where one has NULL. */
  oldest: number | null | undefined;
  newest: number | null | undefined;
}

/** What was read, and which columns nothing in the YAML speaks of. */
export interface Mapped {
  readonly observations: Iterable<Observation>;
  readonly unused: readonly string[];
  /** Declared flows that no row spoke of. */
  readonly silent: readonly string[];
}

export class RowMapper {
  readonly #reading: Reading;
  readonly #duplicates: Duplicates;
  readonly #signals: readonly { readonly signal: PolledSignal; readonly metric: MetricDefinition; readonly column: string }[];
  readonly #own: readonly OwnMetric[];
  readonly #places: Places;
  readonly #query: SqlQuery;

  constructor(query: SqlQuery, context: PlaceContext, reading: Reading) {
    this.#query = query;
    this.#reading = reading;
    this.#duplicates = query.duplicates ?? 'error';
    this.#places = new Places(query, context);
    this.#signals = polledSignals(query).map(({ signal, column }) => ({
      signal,
      metric: this.#places.signalMetric(observed[signal]),
      column,
    }));
    this.#own = (query.metrics ?? []).map((metric) => new OwnMetric(metric, query, this.#places, context));
  }

  /** @throws SourceError of phase `query` and class `schema` where the rows are not as the YAML says */
  read({ columns, rows, dropped }: QueryResult): Mapped {
    const table = new Table(this.#reading, columns);
    const undeclared = new Map<number, Undeclared>();
    const tell = (at: number, label: Undeclared['label'], value: string) => void undeclared.set(at, { label, value });
    const spoken = new Set<string>();
    const observations = concat([
      this.#observe(table, rows, dropped === 0, undeclared, spoken),
      observeIndicators(this.#query, this.#places, table, rows, this.#duplicates, tell),
      ...this.#own.map((metric) => observeOwn(metric, table, rows, this.#duplicates, tell)),
    ]);
    for (const one of undeclared.values()) this.#places.tellUndeclared(one);
    return { observations, unused: table.unused, silent: this.#silent(spoken) };
  }

  /** @param complete what no row tells is 0, since GROUP BY returns no row for nothing; of an incomplete result nobody knows that */
  #observe(table: Table, rows: readonly Row[], complete: boolean, undeclared: Map<number, Undeclared>, spoken: Set<string>): Observation[] {
    if (this.#signals.length === 0) return [];
    const values = new Map<string, PlaceValues>();
    if (complete) for (const place of this.#places.declared) values.set(placeKey(place), emptyPlace(place));
    const readers = this.#signals.map(({ signal, column }) => ({ signal, read: table.number({ column }, MEANING[signal]) }));
    const readPlace = this.#places.reader(table);
    const readOutcome = this.#places.outcomeReader(table);
    const seen = new Map<string, number>();
    for (const [at, row] of rows.entries()) {
      const place = readPlace(row, at);
      const unknown = this.#places.undeclared(place);
      if (unknown) {
        undeclared.set(at, unknown);
        continue;
      }
      const outcome = readOutcome(row, at);
      if (!isOutcome(outcome)) {
        this.#places.tellOutcome(outcome);
        continue;
      }
      spoken.add(place.flow);
      const key = placeKey(place);
      const found = values.get(key) ?? emptyPlace(place);
      values.set(key, found);
      this.#refuseDuplicate(table, seen, { ...place, outcome }, at);
      for (const { signal, read } of readers) this.#merge(found, signal, outcome, read, row, at);
    }
    return [...values.values()].flatMap((place) => this.#placeObservations(place));
  }

  #silent(spoken: ReadonlySet<string>): string[] {
    if (this.#signals.length === 0) return [];
    return [...new Set(this.#places.declared.map(({ flow }) => flow))].filter((flow) => !spoken.has(flow));
  }

  #refuseDuplicate(
    table: Table,
    seen: Map<string, number>,
    { flow, partner, stage, outcome }: Place & { outcome: Outcome },
    at: number,
  ): void {
    const key = `${placeKey({ flow, partner, stage })}\u0000${outcome}`;
    const first = seen.get(key);
    if (first === undefined) seen.set(key, at);
    else if (this.#duplicates === 'error') {
      throw table.duplicate({ flow, partner, stage, ...(outcome === 'ok' ? {} : { outcome }) }, [first, at]);
    }
  }

  /** Of several rows of a place the oldest and the newest time stay; counts of the same outcome are made one as the YAML says. */
  #merge(found: PlaceValues, signal: PolledSignal, outcome: Outcome, read: ReadNumber, row: Row, at: number): void {
    const value = read(row, at);
    if (signal === 'backlog_oldest') found.oldest = older(found.oldest, value);
    else if (signal === 'last_message') found.newest = newer(found.newest, value);
    else {
      const before = found[signal][outcome];
      const both = typeof before === 'number' && value !== null && this.#duplicates !== 'error';
      found[signal][outcome] = both ? combine(this.#duplicates, before, value) : (value ?? before ?? null);
    }
  }

  #placeObservations(values: PlaceValues): Observation[] {
    const labels = this.#places.labels(values.place);
    return this.#signals.flatMap(({ signal, metric }): Observation[] => {
      if (signal === 'messages') {
        return OUTCOMES.flatMap((outcome) => {
          const { [outcome]: value = 0 } = values.messages;
          return value === null ? [] : [{ metric, labels: { ...labels, outcome }, value }];
        });
      }
      const value =
        signal === 'last_message' ? (values.newest ?? 0) : signal === 'backlog' ? waiting(values.backlog) : this.#oldest(values);
      return value === null ? [] : [{ metric, labels, value }];
    });
  }

  /** No oldest one means that none waits, which is 0, unless the backlog says otherwise or nothing. */
  #oldest({ oldest, backlog }: PlaceValues): number | null {
    if (typeof oldest === 'number') return oldest;
    if (oldest === undefined || !this.#signals.some(({ signal }) => signal === 'backlog')) return 0;
    return waiting(backlog) === 0 ? 0 : null;
  }
}

function emptyPlace(place: Place): PlaceValues {
  return { place, messages: {}, backlog: {}, oldest: undefined, newest: undefined };
}

/** Messages of all outcomes; null where nobody knows. */
function waiting(counts: Counts): number | null {
  let sum = 0;
  for (const count of Object.values(counts)) {
    if (count === null) return null;
    sum += count;
  }
  return sum;
}

/** 0 is no time: none waits. */
function older(one: number | null | undefined, other: number | null): number | null {
  if (!one) return other ?? one ?? null;
  return other ? Math.min(one, other) : one;
}

function newer(one: number | null | undefined, other: number | null): number | null {
  return typeof one === 'number' && other !== null ? Math.max(one, other) : (other ?? one ?? null);
}
