// From the rows of a query to the signals and metrics it feeds.

import { observed } from '../../conventions.js';
import {
  coveredPlaces,
  coveredStages,
  PlaceIndex,
  placeLabels,
  type Coverage,
  type Place,
  type Undeclared,
} from '../../domain/coverage.js';
import { OUTCOMES, type Flow, type Outcome } from '../../domain/flow.js';
import { seriesKey, type MetricDefinition, type Observation } from '../../domain/observation.js';
import type { SourceContext } from '../kind.js';
import { definitionOf, labelName } from '../own-metric.js';
import { coverageOf, observedSignals, type SqlSignal } from './check.js';
import type { Cell, QueryResult } from './driver.js';
import { DEFAULT_MAX_ROWS, type SqlQuery } from './schema.js';
import { Table, type Meaning } from './table.js';

export interface RowContext {
  readonly source: Pick<SourceContext, 'flows' | 'partners' | 'undeclared'>;
  readonly env: string;
  readonly path: string | undefined;
  /** How the engine gives a time its zone. */
  readonly timeHint: string;
}

type Row = readonly Cell[];
type Identity = Undeclared['label'];
type ReadText = (row: Row) => string | null;

/** What one place shows; what no row tells stays 0, since GROUP BY returns no row for nothing. */
interface PlaceValues {
  readonly place: Place;
  readonly messages: Record<Outcome, number>;
  readonly rest: Record<Exclude<SqlSignal, 'messages'>, number>;
}

interface OwnMetric {
  readonly definition: MetricDefinition;
  readonly value: string;
  readonly labels: readonly string[];
}

const IDENTITY: readonly string[] = ['flow', 'partner', 'stage'] satisfies Identity[];
const MEANING: Readonly<Record<SqlSignal, Meaning>> = {
  backlog: 'count',
  backlog_oldest: 'time',
  messages: 'count',
  last_message: 'time',
};
/** How NULL is shown among undeclared values. */
const NULL_TEXT = 'NULL';

export class RowMapper {
  readonly #name: string;
  readonly #context: RowContext;
  readonly #maxRows: number;
  readonly #coverage: Coverage;
  readonly #signals: readonly { signal: SqlSignal; column: string }[];
  readonly #own: readonly OwnMetric[];
  readonly #places: readonly Place[];
  readonly #index: PlaceIndex;
  readonly #known: Readonly<Record<Identity, ReadonlySet<string>>>;
  /** Whose partner needs no column: there is one only. */
  readonly #onlyPartner: ReadonlyMap<string, string>;

  constructor(name: string, query: SqlQuery, context: RowContext) {
    const { flows, partners } = context.source;
    this.#name = name;
    this.#context = context;
    this.#maxRows = query.max_rows ?? DEFAULT_MAX_ROWS;
    this.#coverage = coverageOf(query);
    this.#signals = observedSignals(query).map((signal) => ({ signal, column: query.observe?.[signal] ?? signal }));
    this.#own = (query.metrics ?? []).map((metric) => ({
      definition: definitionOf(metric),
      value: typeof metric.value === 'string' ? metric.value : metric.value.from,
      labels: (metric.labels ?? []).map(labelName),
    }));
    this.#places = coveredPlaces(flows, this.#coverage);
    this.#index = new PlaceIndex(flows, this.#coverage);
    const covered = coveredStages(flows, this.#coverage);
    this.#known = {
      flow: new Set(covered.map(({ flow }) => flow.name)),
      stage: new Set(covered.map(({ stage }) => stage)),
      partner: new Set(partners),
    };
    this.#onlyPartner = new Map(covered.flatMap(({ flow }) => onlyPartner(flow)));
  }

  /** @throws SourceError of phase `query` and class `schema` where the rows are not as the YAML says */
  observations(result: QueryResult): Observation[] {
    const table = new Table(this.#name, result.columns, this.#context.timeHint);
    if (result.dropped > 0) {
      throw table.error(`more than ${this.#maxRows} rows; aggregate them, or raise max_rows`);
    }
    const undeclared = new Map<Row, Undeclared>();
    const observations = [...this.#observed(table, result.rows, undeclared), ...this.#ownMetrics(table, result.rows, undeclared)];
    for (const { label, value } of undeclared.values()) this.#context.source.undeclared(label, value);
    return observations;
  }

  #observed(table: Table, rows: readonly Row[], undeclared: Map<Row, Undeclared>): Observation[] {
    if (this.#signals.length === 0) return [];
    const values = new Map(this.#places.map((place) => [placeKey(place), emptyPlace(place)]));
    const signals = this.#signals.map(({ signal, column }) => ({ signal, read: table.number(column, MEANING[signal]) }));
    const readPlace = this.#placeReader(table);
    const readOutcome = table.has('outcome') ? table.text('outcome') : undefined;
    const seen = new Set<string>();
    for (const row of rows) {
      const place = readPlace(row);
      const key = placeKey(place);
      const found = values.get(key);
      if (!found) {
        undeclared.set(row, this.#index.undeclared(place) ?? { label: 'partner', value: place.partner });
        continue;
      }
      const outcome = readOutcome ? readOutcome(row) : 'ok';
      if (!isOutcome(outcome)) {
        this.#context.source.undeclared('outcome', outcome ?? NULL_TEXT);
        continue;
      }
      if (seen.size === seen.add(`${key}\u0000${outcome}`).size) {
        const { flow, partner, stage } = place;
        throw table.duplicate({ flow, partner, stage, ...(readOutcome && { outcome }) });
      }
      for (const { signal, read } of signals) {
        const value = read(row);
        if (value !== null) merge(found, signal, outcome, value);
      }
    }
    return [...values.values()].flatMap((place) => this.#placeObservations(place));
  }

  #placeObservations({ place, messages, rest }: PlaceValues): Observation[] {
    const labels = placeLabels(place, this.#context.env, this.#context.path);
    return this.#signals.flatMap(({ signal }): Observation[] => {
      if (signal !== 'messages') return [{ metric: observed[signal], labels, value: rest[signal] }];
      return OUTCOMES.map((outcome) => ({ metric: observed.messages, labels: { ...labels, outcome }, value: messages[outcome] }));
    });
  }

  /** Constants win over columns; the partner of a flow that has one only needs neither. */
  #placeReader(table: Table): (row: Row) => Place {
    const flow = this.#identity(table, 'flow');
    const stage = this.#identity(table, 'stage');
    const { partner } = this.#coverage;
    const derived = partner === undefined && !table.has('partner') && this.#onlyPartner.size === this.#known.flow.size;
    const readPartner = derived ? undefined : this.#identity(table, 'partner');
    return (row) => {
      const name = flow(row) ?? NULL_TEXT;
      return {
        flow: name,
        stage: stage(row) ?? NULL_TEXT,
        partner: (readPartner ? readPartner(row) : this.#onlyPartner.get(name)) ?? NULL_TEXT,
      };
    };
  }

  #identity(table: Table, label: Identity): ReadText {
    const constant = this.#coverage[label];
    return constant === undefined ? table.text(label) : () => constant;
  }

  #ownMetrics(table: Table, rows: readonly Row[], undeclared: Map<Row, Undeclared>): Observation[] {
    return this.#own.flatMap(({ definition, value, labels }) => {
      const readValue = table.number(value, definition.type === 'counter' ? 'count' : 'measurement');
      const readers = labels.map((label) => ({ label, read: isIdentity(label) ? this.#identity(table, label) : table.text(label) }));
      const seen = new Set<string>();
      return rows.flatMap((row): Observation[] => {
        const found: Record<string, string> = { env: this.#context.env };
        for (const { label, read } of readers) {
          const text = read(row);
          if (isIdentity(label) && !this.#known[label].has(text ?? NULL_TEXT)) {
            undeclared.set(row, { label, value: text ?? NULL_TEXT });
            return [];
          }
          found[label] = text ?? '';
        }
        const number = readValue(row);
        if (number === null) return [];
        if (seen.size === seen.add(seriesKey(definition, found)).size) throw table.duplicate(found, definition.name);
        return [{ metric: definition, labels: found, value: number }];
      });
    });
  }
}

function onlyPartner({ name, partners }: Flow): [string, string][] {
  const [only, ...others] = partners;
  return only === undefined || others.length > 0 ? [] : [[name, only]];
}

function isIdentity(label: string): label is Identity {
  return IDENTITY.includes(label);
}

function isOutcome(text: string | null): text is Outcome {
  return OUTCOMES.some((outcome) => outcome === text);
}

function placeKey({ flow, partner, stage }: Place): string {
  return `${flow}\u0000${partner}\u0000${stage}`;
}

function emptyPlace(place: Place): PlaceValues {
  return { place, messages: { ok: 0, error: 0, rejected: 0 }, rest: { backlog: 0, backlog_oldest: 0, last_message: 0 } };
}

/** Rows of one place may differ in their outcome; signals that have none take the sum, the oldest or the newest of them. */
function merge({ messages, rest }: PlaceValues, signal: SqlSignal, outcome: Outcome, value: number): void {
  if (signal === 'messages') messages[outcome] = value;
  else if (signal === 'backlog') rest.backlog += value;
  else if (signal === 'last_message') rest.last_message = Math.max(rest.last_message, value);
  else if (value !== 0) rest.backlog_oldest = rest.backlog_oldest === 0 ? value : Math.min(rest.backlog_oldest, value);
}
