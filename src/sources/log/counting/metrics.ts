// Metrics of the user's own naming, fed by lines. Their label values come from lines, so their number is bounded.

import type { CounterHandle, GaugeHandle } from '../../../domain/accumulator.js';
import type { Labels, MetricDefinition } from '../../../domain/observation.js';
import { definitionOf } from '../../own-metric.js';
import { compileCondition, type Condition } from './condition.js';
import type { Verdict } from './events.js';
import { fieldReader, keptText, numberOf, textOf, type Fields } from '../formats/fields.js';
import type { MetricOptions } from '../schema.js';
import type { SeriesSet } from './series.js';

/** Label sets of one metric; what comes later is counted under `other`. */
export const MAX_LABEL_SETS = 1000;
export const OTHER = 'other';

export class OwnMetric {
  readonly #fulfils: Condition;
  readonly #definition: MetricDefinition;
  readonly #value: ((fields: Fields) => unknown) | undefined;
  readonly #labels: readonly { readonly name: string; readonly read: (fields: Fields) => unknown }[];
  readonly #env: string;
  readonly #series: SeriesSet;
  readonly #handles = new Map<string, CounterHandle | GaugeHandle>();

  constructor(options: MetricOptions, env: string, series: SeriesSet) {
    this.#fulfils = compileCondition(options.when);
    this.#definition = definitionOf(options);
    this.#value = options.value === undefined ? undefined : fieldReader(options.value);
    this.#labels = (options.labels ?? []).map((name) => ({ name, read: fieldReader(name) }));
    this.#env = env;
    this.#series = series;
    for (const labels of series.earlier(this.#definition)) {
      if (labels['env'] === env) this.#open(this.#labels.map(({ name }) => labels[name] ?? ''));
    }
    // Known before the first line, so that a first increase is seen; a gauge has no value until a line tells one.
    if (this.#labels.length === 0 && this.#definition.type === 'counter') this.#open([]);
  }

  take(fields: Fields): Verdict {
    if (!this.#fulfils(fields)) return 'unmatched';
    const value = this.#value ? numberOf(this.#value(fields)) : 1;
    if (value === undefined) return 'malformed';
    const handle = this.#handle(fields);
    if ('set' in handle) handle.set(value);
    else if (value < 0) return 'malformed';
    else handle.add(value);
    return 'matched';
  }

  #handle(fields: Fields): CounterHandle | GaugeHandle {
    const values = this.#labels.map(({ read }) => textOf(read(fields)) ?? '');
    const known = this.#handles.get(keyOf(values));
    if (known) return known;
    const kept = values.map(keptText);
    const key = keyOf(kept);
    const counted = this.#handles.has(key) || this.#handles.size < MAX_LABEL_SETS ? kept : kept.map(() => OTHER);
    return this.#handles.get(keyOf(counted)) ?? this.#open(counted);
  }

  #open(values: readonly string[]): CounterHandle | GaugeHandle {
    const labels: Record<string, string> = { env: this.#env };
    for (const [index, { name }] of this.#labels.entries()) labels[name] = values[index] ?? '';
    const handle = this.#create(labels);
    this.#handles.set(keyOf(values), handle);
    return handle;
  }

  #create(labels: Labels): CounterHandle | GaugeHandle {
    return this.#definition.type === 'counter'
      ? this.#series.counter(this.#definition, labels)
      : this.#series.gauge(this.#definition, labels);
  }
}

function keyOf(values: readonly string[]): string {
  return values.length === 1 ? (values[0] ?? '') : values.join('\u0000');
}
