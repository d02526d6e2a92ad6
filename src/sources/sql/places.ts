// Which flow, partner, stage and outcome a row speaks of, and which of them are declared.

import {
  coveredPlaces,
  coveredStages,
  PlaceIndex,
  placeLabels,
  type Coverage,
  type Place,
  type Undeclared,
} from '../../domain/coverage.js';
import type { Flow } from '../../domain/flow.js';
import type { MetricDefinition } from '../../domain/observation.js';
import type { SourceContext } from '../kind.js';
import type { SqlQuery } from './schema.js';
import type { ReadText, Row, Table, TextColumn } from './table.js';

export type Identity = Undeclared['label'];

const IDENTITY: readonly string[] = ['flow', 'partner', 'stage'] satisfies Identity[];
/** How NULL is shown among undeclared values. */
export const NULL_TEXT = 'NULL';

/** One of several databases, as its rows bear it. */
export interface Target {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface PlaceContext {
  readonly source: Pick<SourceContext, 'flows' | 'partners' | 'undeclared'>;
  readonly env: string;
  /** A label of flow signals: that of the source, else the name of the target. */
  readonly path: string | undefined;
  readonly target?: Target | undefined;
  /** Labels of all targets of the source: the series of one that lacks some of them bear fewer. */
  readonly targetLabels?: readonly string[];
}

/** What the YAML says of flow, partner and stage: constants, and which flows and stages are meant. */
export function coverageOf({ flow, partner, stage, flows, stages }: SqlQuery, target?: Target): Coverage {
  const constants = { flow, partner, stage };
  const coverage: Record<string, string> = {};
  for (const [label, written] of Object.entries(constants)) {
    const constant = target?.labels[label] ?? written;
    if (typeof constant === 'string') coverage[label] = constant;
  }
  return { ...coverage, ...(flows === undefined ? {} : { flows }), ...(stages === undefined ? {} : { stages }) };
}

/** A map of the YAML, whose keys are texts. */
export function mapOf<T>(map: Readonly<Record<string, T>> | undefined): ReadonlyMap<string, T> | undefined {
  return map && new Map(Object.entries(map));
}

export class Places {
  readonly #query: SqlQuery;
  readonly #context: PlaceContext;
  readonly #coverage: Coverage;
  readonly #index: PlaceIndex;
  readonly #known: Readonly<Record<Identity, ReadonlySet<string>>>;
  /** Whose partner needs no column: there is one only. */
  readonly #onlyPartner: ReadonlyMap<string, string>;
  /** Labels of the target that say nothing of the place. */
  readonly #extra: readonly (readonly [string, string])[];
  /** All declared places that the query speaks of. */
  readonly declared: readonly Place[];

  constructor(query: SqlQuery, context: PlaceContext) {
    const { flows, partners } = context.source;
    this.#query = query;
    this.#context = context;
    this.#coverage = coverageOf(query, context.target);
    this.#index = new PlaceIndex(flows, this.#coverage);
    this.declared = coveredPlaces(flows, this.#coverage);
    const covered = coveredStages(flows, this.#coverage);
    this.#known = {
      flow: new Set(covered.map(({ flow }) => flow.name)),
      stage: new Set(covered.map(({ stage }) => stage)),
      partner: new Set(partners),
    };
    this.#onlyPartner = new Map(covered.flatMap(({ flow }) => onlyPartner(flow)));
    this.#extra = Object.entries(context.target?.labels ?? {}).filter(([label]) => !isIdentity(label));
  }

  /** Rows of flows, partners and stages that are not declared make series too. */
  get allowsUndeclared(): boolean {
    return this.#query.undeclared === 'allow';
  }

  /** Constants win over columns; the partner of a flow that has one only needs neither. */
  reader(table: Table): (row: Row, at: number) => Place {
    const flow = this.identity(table, 'flow');
    const stage = this.identity(table, 'stage');
    const written = this.#coverage.partner !== undefined || typeof this.#query.partner === 'object' || table.has('partner');
    const derived = !written && this.#onlyPartner.size === this.#known.flow.size;
    const readPartner = derived ? undefined : this.identity(table, 'partner');
    return (row, at) => {
      const name = flow(row, at) ?? NULL_TEXT;
      return {
        flow: name,
        stage: stage(row, at) ?? NULL_TEXT,
        partner: (readPartner ? readPartner(row, at) : this.#onlyPartner.get(name)) ?? NULL_TEXT,
      };
    };
  }

  identity(table: Table, label: Identity): ReadText {
    const constant = this.#coverage[label];
    if (constant !== undefined) return () => constant;
    const written = this.#query[label];
    return table.text(typeof written === 'object' ? textColumn(written) : { column: label });
  }

  /** The outcome of each row; ok where nothing tells it. */
  outcomeReader(table: Table): ReadText {
    const { outcome } = this.#query;
    if (typeof outcome === 'string') return () => outcome;
    if (outcome) return table.text(textColumn(outcome));
    return table.has('outcome') ? table.text({ column: 'outcome' }) : () => 'ok';
  }

  /** @returns what is not declared about the place; undefined where all of it is, or need not be */
  undeclared(place: Place): Undeclared | undefined {
    if (this.allowsUndeclared) return undefined;
    return this.#index.undeclared(place);
  }

  /** @returns whether a label may have the value: those of flow, partner and stage must be declared */
  knows(label: string, value: string): boolean {
    return !isIdentity(label) || this.allowsUndeclared || this.#known[label].has(value);
  }

  tellUndeclared({ label, value }: Undeclared): void {
    this.#context.source.undeclared(label, value);
  }

  tellOutcome(outcome: string | null): void {
    this.#context.source.undeclared('outcome', outcome ?? NULL_TEXT);
  }

  /** The metric of a signal, with room for the labels of targets. */
  signalMetric(metric: MetricDefinition): MetricDefinition {
    const more = (this.#context.targetLabels ?? []).filter((label) => !metric.labels.includes(label));
    return more.length === 0 ? metric : { ...metric, labels: [...metric.labels, ...more] };
  }

  /** Whether a constant tells it: of the query or of the target. */
  names(label: Identity): boolean {
    return this.#coverage[label] !== undefined;
  }

  /** What all series of the query bear, whatever their place. */
  common(): Record<string, string> {
    const { env, path } = this.#context;
    return { env, ...(path !== undefined && { path }), ...Object.fromEntries(this.#extra) };
  }

  labels(place: Place): Record<string, string> {
    const labels = placeLabels(place, this.#context.env, this.#context.path);
    for (const [label, value] of this.#extra) labels[label] = value;
    return labels;
  }
}

export function isIdentity(label: string): label is Identity {
  return IDENTITY.includes(label);
}

export function placeKey({ flow, partner, stage }: Place): string {
  return `${flow}\u0000${partner}\u0000${stage}`;
}

interface WrittenText {
  readonly from: string;
  readonly map?: Readonly<Record<string, string>>;
  readonly otherwise?: string;
}

export function textColumn({ from, map, otherwise }: WrittenText): TextColumn {
  return { column: from, map: mapOf(map), otherwise };
}

function onlyPartner({ name, partners }: Flow): [string, string][] {
  const [only, ...others] = partners;
  return only === undefined || others.length > 0 ? [] : [[name, only]];
}
