// What the rows of an incremental query add up to: each row is one event, counted once.

import { observed, OTHER } from '../../conventions.js';
import {
  Accumulator,
  type AccumulatorRecord,
  type CounterHandle,
  type GaugeHandle,
  type HistogramHandle,
} from '../../domain/accumulator.js';
import type { Place } from '../../domain/coverage.js';
import type { Outcome } from '../../domain/flow.js';
import { seriesKey, type Labels, type MetricDefinition } from '../../domain/observation.js';
import { parseDurationField } from '../duration-field.js';
import { isOutcome } from '../names-in-data.js';
import { EACH_ROW, OwnMetric } from './own.js';
import { isIdentity, placeKey, Places, type PlaceContext } from './places.js';
import type { SqlQuery } from './schema.js';
import type { IncrementalSignal } from './signals.js';
import { SECONDS_BELOW, Table, type ReadNumber, type Reading, type Row } from './table.js';

/** Label sets of one metric of the user's own naming; what comes later is counted under `other`. */
const MAX_LABEL_SETS = 1000;

interface PlaceSeries {
  readonly messages: Readonly<Record<Outcome, CounterHandle>> | undefined;
  readonly last: GaugeHandle | undefined;
  readonly bytes: CounterHandle | undefined;
  readonly duration: HistogramHandle | undefined;
}

/** A value of a row beside the number of messages. */
interface Measure {
  readonly read: ReadNumber;
  readonly below: number;
  readonly add: (series: PlaceSeries, value: number) => void;
}

/** The metrics of the signals, with room for the labels of targets. */
type SignalMetrics = Readonly<Record<IncrementalSignal, MetricDefinition>>;

/** What a query counts, and how; without numbers of its own. */
export class EventMapper {
  readonly #query: SqlQuery;
  readonly #reading: Reading;
  readonly #places: Places;
  readonly #own: readonly OwnMetric[];
  readonly #signals: SignalMetrics;

  constructor(query: SqlQuery, context: PlaceContext, reading: Reading) {
    this.#query = query;
    this.#reading = reading;
    this.#places = new Places(query, context);
    this.#own = (query.metrics ?? []).map((metric) => new OwnMetric(metric, query, this.#places, context));
    const signal = (metric: MetricDefinition) => this.#places.signalMetric(metric);
    this.#signals = {
      messages: signal(observed.messages),
      bytes: signal(observed.bytes),
      duration: signal(observed.duration),
      last_message: signal(observed.last_message),
    };
  }

  /** All metrics that the query feeds. */
  get metrics(): MetricDefinition[] {
    return [...Object.values(this.#signals), ...this.#own.map(({ definition }) => definition)];
  }

  /** The counts of a record, or all at 0. */
  counts(record: AccumulatorRecord | undefined): EventCounts {
    const counts = new EventCounts(this.#query, this.#reading, this.#places, this.#own, this.#signals);
    if (record) counts.accumulator.restore(record, this.metrics);
    return counts;
  }
}

/** What has been counted. */
export class EventCounts {
  readonly accumulator = new Accumulator();
  readonly #query: SqlQuery;
  readonly #reading: Reading;
  readonly #places: Places;
  readonly #own: readonly OwnMetric[];
  readonly #signals: SignalMetrics;
  readonly #series = new Map<string, PlaceSeries>();
  readonly #labelSets = new Map<MetricDefinition, Set<string>>();

  constructor(query: SqlQuery, reading: Reading, places: Places, own: readonly OwnMetric[], signals: SignalMetrics) {
    this.#query = query;
    this.#reading = reading;
    this.#places = places;
    this.#own = own;
    this.#signals = signals;
    if (query.observe) for (const place of places.declared) this.#series.set(placeKey(place), this.#declare(place));
    // Known before the first row, so that a first increase is seen.
    for (const metric of own) if (metric.labelNames.length === 0) this.#handle(metric.definition, metric.constantLabels);
  }

  /**
   * Counts the rows. A value beside the count that cannot be one is left out, and its message counted all the same.
   * @returns how many values were left out
   * @throws SourceError of class `schema` where a column is missing, or the number of messages cannot be read
   */
  add(columns: readonly string[], rows: readonly Row[]): number {
    const table = new Table(this.#reading, columns);
    let refused = 0;
    const refuse = () => void refused++;
    if (this.#query.observe) this.#addMessages(table, rows, refuse);
    for (const metric of this.#own) this.#addOwn(metric, table, rows, refuse);
    return refused;
  }

  #addMessages(table: Table, rows: readonly Row[], refuse: () => void): void {
    const { messages } = this.#query.observe ?? {};
    const readMessages = messages === undefined || messages === EACH_ROW ? () => 1 : table.number({ column: messages }, 'count');
    const readPlace = this.#places.reader(table);
    const readOutcome = this.#places.outcomeReader(table);
    const measures = this.#measures(table);
    for (const [at, row] of rows.entries()) {
      const place = readPlace(row, at);
      const unknown = this.#places.undeclared(place);
      const series = this.#series.get(placeKey(place));
      if (unknown || !series) {
        this.#places.tellUndeclared(unknown ?? { label: 'partner', value: place.partner });
        continue;
      }
      const outcome = readOutcome(row, at);
      if (!isOutcome(outcome)) {
        this.#places.tellOutcome(outcome);
        continue;
      }
      series.messages?.[outcome].add(readMessages(row, at) ?? 0);
      for (const { read, below, add } of measures) {
        const value = read(row, at);
        if (value === null) continue;
        if (value >= 0 && value < below) add(series, value);
        else refuse();
      }
    }
  }

  #measures(table: Table): Measure[] {
    const { bytes, duration, last_message: last } = this.#query.observe ?? {};
    const measures: Measure[] = [];
    if (bytes !== undefined) {
      measures.push({ read: table.measure({ column: bytes }), below: Infinity, add: (series, value) => series.bytes?.add(value) });
    }
    const measured = duration === undefined ? undefined : parseDurationField(duration);
    if (measured) {
      const read = table.measure({ column: measured.field });
      // In seconds too it must be a number.
      const below = Number.MAX_VALUE / measured.unit;
      measures.push({ read, below, add: (series, value) => series.duration?.observe(value * measured.unit) });
    }
    if (last !== undefined) {
      measures.push({ read: table.measure({ column: last }), below: SECONDS_BELOW, add: (series, value) => series.last?.raise(value) });
    }
    return measures;
  }

  #addOwn(metric: OwnMetric, table: Table, rows: readonly Row[], refuse: () => void): void {
    const readValue = metric.value ? table.measure(metric.value) : () => 1;
    const reader = metric.labelReader(table, (_at, label, value) => this.#places.tellUndeclared({ label, value }));
    const texts: string[] = [];
    const lowest = metric.definition.type === 'counter' ? 0 : -Number.MAX_VALUE;
    for (const [at, row] of rows.entries()) {
      const value = reader.fill(row, at, texts) ? readValue(row, at) : null;
      if (value === null) continue;
      if (value >= lowest && value < Infinity) this.#handle(metric.definition, this.#bounded(metric, reader.labels(row, at)))(value);
      else refuse();
    }
  }

  /** The series, born with nothing in it, and how it takes a value. */
  #handle(metric: MetricDefinition, labels: Labels): (value: number) => void {
    if (metric.type === 'histogram') {
      const histogram = this.accumulator.histogram(metric, labels);
      return (value) => histogram.observe(value);
    }
    const counter = this.accumulator.counter(metric, labels);
    return (value) => counter.add(value);
  }

  /** The labels, or `other` in the place of all that rows may say, once there are too many of them. */
  #bounded(metric: OwnMetric, labels: Labels): Labels {
    const { definition } = metric;
    const sets = this.#labelSets.get(definition) ?? this.#setsOf(definition);
    this.#labelSets.set(definition, sets);
    const key = seriesKey(definition, labels);
    if (sets.has(key) || sets.size < MAX_LABEL_SETS) {
      sets.add(key);
      return labels;
    }
    return { ...labels, ...Object.fromEntries(metric.labelNames.filter((name) => !isIdentity(name)).map((name) => [name, OTHER])) };
  }

  /** Those that a record has brought. */
  #setsOf(definition: MetricDefinition): Set<string> {
    const own = this.accumulator.observations().filter(({ metric }) => metric.name === definition.name);
    return new Set(own.map(({ labels }) => seriesKey(definition, labels)));
  }

  #declare(place: Place): PlaceSeries {
    const { accumulator } = this;
    const { observe = {} } = this.#query;
    const labels = this.#places.labels(place);
    const messages = (outcome: Outcome) => accumulator.counter(this.#signals.messages, { ...labels, outcome });
    return {
      messages:
        observe.messages === undefined ? undefined : { ok: messages('ok'), error: messages('error'), rejected: messages('rejected') },
      last: observe.last_message === undefined ? undefined : accumulator.gauge(this.#signals.last_message, labels),
      bytes: observe.bytes === undefined ? undefined : accumulator.counter(this.#signals.bytes, labels),
      duration: observe.duration === undefined ? undefined : accumulator.histogram(this.#signals.duration, labels),
    };
  }
}
