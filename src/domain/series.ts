// One series of an accumulator: the value that events work on, and the one that is told. The series are the handles: what
// happens for each event is an addition and a comparison, with nothing made for the garbage collector.

import type { Exemplar, HistogramValue, Labels, MetricDefinition, Observation } from './observation.js';
import { ownText } from './own-text.js';

export abstract class Series {
  #metric: MetricDefinition;
  readonly labels: Labels;
  /** Shared by all series of an accumulator: those that have changed since they were published, each once. */
  readonly #changes: Series[];
  #changed = false;
  #told: Observation | undefined;

  constructor(metric: MetricDefinition, labels: Labels, changes: Series[]) {
    this.#metric = metric;
    this.labels = labels;
    this.#changes = changes;
    this.touch();
  }

  get metric(): MetricDefinition {
    return this.#metric;
  }

  /** As it was published last, the same object until something changes; undefined before the first time. */
  get told(): Observation | undefined {
    return this.#told;
  }

  /** Goes on under this definition, which may have another help. @returns false where the values mean something else under it */
  redefine(metric: MetricDefinition): boolean {
    if (metric === this.#metric) return true;
    if (!this.fits(metric)) return false;
    this.#metric = metric;
    this.touch();
    return true;
  }

  publish(): void {
    this.#changed = false;
    this.#told = this.current();
  }

  protected touch(): void {
    if (this.#changed) return;
    this.#changed = true;
    this.#changes.push(this);
  }

  protected fits({ type }: MetricDefinition): boolean {
    return type === this.#metric.type;
  }

  /** The value now; it shares nothing that will change. All have the same shape: those who read many of them are the faster for it. */
  protected abstract current(): Observation;
}

export class Counter extends Series {
  #value = 0;
  #exemplar: Exemplar | undefined;

  get value(): number {
    return this.#value;
  }

  add(amount: number, exemplar?: Exemplar): void {
    if (!(amount >= 0 && amount < Infinity)) throw new RangeError(`${this.metric.name} cannot grow by ${amount}`);
    this.#value = Math.min(this.#value + amount, Number.MAX_VALUE);
    if (exemplar !== undefined) this.#exemplar = exemplar;
    this.touch();
  }

  /** An exemplar of what the value no longer holds is forgotten. */
  restore(value: number): void {
    if (value === this.#value) return;
    this.#value = value;
    this.#exemplar = undefined;
    this.touch();
  }

  protected override current(): Observation {
    this.#exemplar = own(this.#exemplar, this.told?.exemplar);
    return { metric: this.metric, labels: this.labels, value: this.#value, exemplar: this.#exemplar };
  }
}

export class Gauge extends Series {
  #value = 0;

  get value(): number {
    return this.#value;
  }

  set(value: number): void {
    this.#value = value;
    this.touch();
  }

  raise(value: number): void {
    if (value > this.#value) this.set(value);
  }

  restore(value: number): void {
    if (value !== this.#value) this.set(value);
  }

  protected override current(): Observation {
    return { metric: this.metric, labels: this.labels, value: this.#value, exemplar: undefined };
  }
}

export class Histogram extends Series {
  readonly #bounds: readonly number[];
  /** Not cumulative; the last place counts what is above the highest bound. */
  readonly #counts: number[];
  #sum = 0;
  /** One for each place of `counts`; made for the first one. */
  #exemplars: (Exemplar | undefined)[] | undefined;

  constructor(metric: MetricDefinition, labels: Labels, changes: Series[]) {
    super(metric, labels, changes);
    this.#bounds = metric.buckets ?? [];
    this.#counts = Array.from({ length: this.#bounds.length + 1 }, () => 0);
  }

  /** A copy. */
  get counts(): number[] {
    return [...this.#counts];
  }

  get sum(): number {
    return this.#sum;
  }

  observe(value: number, exemplar?: Exemplar): void {
    if (!Number.isFinite(value)) throw new RangeError(`${this.metric.name} cannot hold ${value}`);
    const place = this.#placeOf(value);
    this.#counts[place] = (this.#counts[place] ?? 0) + 1;
    this.#sum = Math.max(-Number.MAX_VALUE, Math.min(this.#sum + value, Number.MAX_VALUE));
    if (exemplar !== undefined) this.#keep(place, exemplar);
    this.touch();
  }

  /** @param counts as many as there are. Exemplars of what the value no longer holds are forgotten. */
  restore(counts: readonly number[], sum: number): void {
    if (sum === this.#sum && counts.every((count, place) => count === this.#counts[place])) return;
    this.#counts.splice(0, counts.length, ...counts);
    this.#sum = sum;
    this.#exemplars = undefined;
    this.touch();
  }

  protected override fits(metric: MetricDefinition): boolean {
    const { buckets = [] } = metric;
    return super.fits(metric) && buckets.length === this.#bounds.length && this.#bounds.every((bound, place) => bound === buckets[place]);
  }

  protected override current(): Observation {
    return { metric: this.metric, labels: this.labels, value: this.#state(), exemplar: undefined };
  }

  #state(): HistogramValue {
    const value = cumulate(this.#counts, this.#sum);
    if (!this.#exemplars) return value;
    const before = typeof this.told?.value === 'object' ? this.told.value.exemplars : undefined;
    this.#exemplars = this.#exemplars.map((exemplar, place) => own(exemplar, before?.[place]));
    return { ...value, exemplars: [...this.#exemplars] };
  }

  /** The first bucket whose bound is not below the value. */
  #placeOf(value: number): number {
    const bounds = this.#bounds;
    let place = 0;
    while (place < bounds.length && value > (bounds[place] ?? Infinity)) place++;
    return place;
  }

  #keep(place: number, exemplar: Exemplar): void {
    this.#exemplars ??= this.#counts.map(() => undefined);
    this.#exemplars[place] = exemplar;
  }
}

/**
 * The exemplar with texts of its own, since theirs may be views of a whole piece of a log. Made when it is told, not for each event.
 * @param told what has been made so already
 */
function own(exemplar: Exemplar | undefined, told: Exemplar | undefined): Exemplar | undefined {
  if (!exemplar || exemplar === told) return exemplar;
  const labels: Record<string, string> = {};
  for (const [label, value] of Object.entries(exemplar.labels)) labels[label] = ownText(value);
  return { ...exemplar, labels };
}

function cumulate(counts: readonly number[], sum: number): HistogramValue {
  const cumulative: number[] = [];
  let total = 0;
  for (const count of counts) cumulative.push((total += count));
  cumulative.pop();
  return { cumulative, sum, count: total };
}
