// The series of a ledger, all of them at 0 from the first scrape.

import { responses } from '../../../conventions.js';
import type { Accumulator } from '../../../domain/accumulator.js';
import { placeLabels } from '../../../domain/coverage.js';
import { OUTCOMES, type Outcome } from '../../../domain/flow.js';
import type { Labels, MetricDefinition, Observation } from '../../../domain/observation.js';
import type { Identity } from '../directory.js';
import type { Subject } from '../check.js';
import type { Ledger } from './ledger.js';

export const UNMATCHED = ['unknown', 'no_key', 'unreadable', 'too_large'] as const;
export type Unmatched = (typeof UNMATCHED)[number];

/** What is counted, and so stands in the record. */
export const COUNTED: readonly MetricDefinition[] = [
  responses.total,
  responses.late,
  responses.unmatched,
  responses.forgotten,
  responses.duration,
];

export class ResponseMetrics {
  readonly #accumulator: Accumulator;
  readonly #partners: readonly string[];
  readonly #labels: readonly Labels[];
  readonly #common: Labels;
  readonly #within: number | undefined;

  /** @param within seconds after which an answer is late */
  constructor(accumulator: Accumulator, subject: Subject, partners: readonly string[], identity: Identity, within: number | undefined) {
    this.#accumulator = accumulator;
    this.#partners = partners;
    this.#within = within;
    const { flow, stage } = subject;
    const { env, path } = identity;
    this.#labels = partners.map((partner) => placeLabels({ flow, partner, stage }, env, path));
    this.#common = { flow, env, stage, ...(path !== undefined && { path }) };
    for (const labels of this.#labels) this.#declare(labels);
    for (const reason of UNMATCHED) accumulator.counter(responses.unmatched, { ...this.#common, reason });
  }

  answered(partner: number, outcome: Outcome, seconds: number): void {
    const labels = this.#labels[partner];
    if (!labels) return;
    this.#accumulator.counter(responses.total, { ...labels, outcome }).add(1);
    this.#accumulator.histogram(responses.duration, labels).observe(seconds);
    if (this.#within !== undefined && seconds > this.#within) this.#accumulator.counter(responses.late, labels).add(1);
  }

  unmatched(reason: Unmatched): void {
    this.#accumulator.counter(responses.unmatched, { ...this.#common, reason }).add(1);
  }

  forgotten(partner: number, reason: 'age' | 'full'): void {
    const labels = this.#labels[partner];
    if (labels) this.#accumulator.counter(responses.forgotten, { ...labels, reason }).add(1);
  }

  /** @param now Unix seconds */
  *observations({ pending }: Ledger, now: number): Generator<Observation> {
    const waiting = this.#partners.map(() => ({ count: 0, oldest: Infinity }));
    for (const { at, partner } of pending.values()) {
      const one = waiting[partner];
      if (!one) continue;
      one.count++;
      one.oldest = Math.min(one.oldest, at, now);
    }
    for (const [index, labels] of this.#labels.entries()) {
      const { count, oldest } = waiting[index] ?? { count: 0, oldest: Infinity };
      yield { metric: responses.pending, labels, value: count };
      yield { metric: responses.oldest, labels, value: count === 0 ? 0 : oldest };
      if (this.#within !== undefined) yield { metric: responses.within, labels, value: this.#within };
    }
  }

  #declare(labels: Labels): void {
    for (const outcome of OUTCOMES) this.#accumulator.counter(responses.total, { ...labels, outcome });
    for (const reason of ['age', 'full']) this.#accumulator.counter(responses.forgotten, { ...labels, reason });
    if (this.#within !== undefined) this.#accumulator.counter(responses.late, labels);
    this.#accumulator.histogram(responses.duration, labels);
  }
}
