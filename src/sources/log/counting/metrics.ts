// Metrics of the user's own naming, fed by lines. Their label values come from lines, so their number is bounded.

import { OTHER } from '../../../conventions.js';
import type { Labels, MetricDefinition } from '../../../domain/observation.js';
import { keptText } from '../formats/fields.js';
import { ownMetricDefinition } from '../definitions.js';
import type { LabelOptions, MetricOptions } from '../schema.js';
import { Condition } from './condition.js';
import { compileMapped, type ReadText } from './identity.js';
import { LabelSets, type LabelNode } from './label-sets.js';
import { compileIds, type ReadIds } from './ids.js';
import type { Line } from './line.js';
import { PendingCounter, PendingGauge, type PendingHistogram, type LineIds } from './pending.js';
import { compileQuantity, type ReadNumber } from './quantity.js';
import type { Rule, Verdict } from './rule.js';
import type { Scope } from './scope.js';
import type { SeriesSet } from './series.js';
import type { Workshop } from './workshop.js';

/** Label sets of one metric; what comes later is counted under `other`. */
export const MAX_LABEL_SETS = 1000;

type Handle = PendingCounter | PendingGauge | PendingHistogram;

interface Label {
  readonly name: string;
  readonly read: ReadText;
}

export class MetricRule implements Rule {
  readonly condition: Condition;
  readonly #definition: MetricDefinition;
  readonly #value: ReadNumber | undefined;
  readonly #labels: readonly Label[];
  readonly #ids: ReadIds | undefined;
  readonly #env: string;
  readonly #series: SeriesSet;
  readonly #handles = new LabelSets<Handle>();
  #size = 0;

  constructor(
    readonly name: string,
    options: MetricOptions,
    { config: { env }, series, scope, matchers, ids }: Workshop,
  ) {
    this.condition = new Condition(options, scope, name, matchers);
    const own = this.condition.scope;
    this.#definition = ownMetricDefinition(options);
    this.#value = options.value === undefined ? undefined : compileQuantity(options.value, own);
    this.#labels = (options.labels ?? []).map((label) => compileLabel(label, own));
    this.#ids = compileIds(options.id ?? ids.id, ids.traceId, own);
    this.#env = env;
    this.#series = series;
    for (const labels of series.earlier(this.#definition)) {
      if (labels['env'] === env) this.#open(this.#labels.map((label) => labels[label.name] ?? ''));
    }
    // Known before the first line, so that a first increase is seen; a gauge has no value until a line tells one.
    if (this.#labels.length === 0 && this.#definition.type !== 'gauge') this.#open([]);
  }

  take(line: Line): Verdict {
    const value = this.#value ? this.#value(line) : 1;
    if (value === undefined) return 'malformed';
    return feed(this.#handle(line), value, this.#ids?.(line));
  }

  #handle(line: Line): Handle {
    let node: LabelNode<Handle> | undefined = this.#handles.root;
    for (const { read } of this.#labels) {
      node = node.next.get(read(line) ?? '');
      if (node === undefined) break;
    }
    return node?.item ?? this.#meet(line);
  }

  #meet(line: Line): Handle {
    const kept = this.#labels.map(({ read }) => keptText(read(line) ?? ''));
    const counted = this.#handles.get(kept) || this.#size < MAX_LABEL_SETS ? kept : kept.map(() => OTHER);
    return this.#handles.get(counted) ?? this.#open(counted);
  }

  #open(values: readonly string[]): Handle {
    const labels: Record<string, string> = { env: this.#env };
    for (const [index, { name }] of this.#labels.entries()) labels[name] = values[index] ?? '';
    const handle = this.#create(labels);
    this.#handles.set(values, handle);
    this.#size++;
    return handle;
  }

  #create(labels: Labels): Handle {
    const metric = this.#definition;
    if (metric.type === 'counter') return this.#series.counter(metric, labels);
    return metric.type === 'gauge' ? this.#series.gauge(metric, labels) : this.#series.histogram(metric, labels);
  }
}

function feed(handle: Handle, value: number, ids: LineIds | undefined): Verdict {
  if (handle instanceof PendingCounter) {
    if (value < 0) return 'malformed';
    handle.add(value, ids);
  } else if (handle instanceof PendingGauge) handle.set(value);
  else handle.observe(value, ids);
  return 'matched';
}

function compileLabel(written: LabelOptions, scope: Scope): Label {
  if (typeof written === 'string') return { name: written, read: compileMapped(written, undefined, scope) };
  const { label, from = label, map, otherwise } = written;
  return { name: label, read: compileMapped(from, map, scope, otherwise) };
}
