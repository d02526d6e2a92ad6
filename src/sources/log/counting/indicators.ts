// Indicators of flows, set by lines: each value takes the place of the one before.

import { measured } from '../../../conventions.js';
import type { Labels } from '../../../domain/observation.js';
import type { IndicatorOptions } from '../schema.js';
import { Condition } from './condition.js';
import { compileIdentity, type ReadText } from './identity.js';
import type { Line } from './line.js';
import type { PendingGauge } from './pending.js';
import { compileQuantity, type ReadNumber } from './quantity.js';
import type { Rule, TellUndeclared, Verdict } from './rule.js';
import type { SeriesSet } from './series.js';
import type { Workshop } from './workshop.js';

export class IndicatorRule implements Rule {
  readonly condition: Condition;
  readonly #value: ReadNumber;
  /** Undefined where the value is of all partners. */
  readonly #partner: ReadText | undefined;
  readonly #partners: ReadonlySet<string>;
  readonly #labels: Labels;
  readonly #series: SeriesSet;
  readonly #undeclared: TellUndeclared;
  /** By partner; there once a line has told a value. */
  readonly #gauges = new Map<string, PendingGauge>();

  constructor(
    readonly name: string,
    { indicator, flow, stage, partner, value, ...meant }: IndicatorOptions,
    { config: { env, path }, context, series, scope, matchers, undeclared }: Workshop,
  ) {
    this.condition = new Condition(meant, scope, name, matchers);
    const own = this.condition.scope;
    this.#value = compileQuantity(value, own);
    this.#partner = partner === undefined ? undefined : compileIdentity(partner, 'partner', own);
    const partners = context.flows.find((one) => one.name === flow)?.partners ?? [];
    this.#partners = new Set(typeof partner === 'string' ? [partner] : partners);
    this.#labels = { flow, env, ...(stage !== undefined && { stage }), ...(path !== undefined && { path }), indicator };
    this.#series = series;
    this.#undeclared = undeclared;
    for (const labels of series.earlier(measured.indicator)) {
      const known = labels['partner'] ?? '';
      const isOwn = this.#partner ? this.#partners.has(known) : known === '';
      if (
        isOwn &&
        Object.keys({ ...labels, ...this.#labels }).every((label) => label === 'partner' || labels[label] === this.#labels[label])
      ) {
        this.#open(known);
      }
    }
  }

  take(line: Line): Verdict {
    const value = this.#value(line);
    if (value === undefined) return 'malformed';
    const partner = this.#partner ? (this.#partner(line) ?? '') : '';
    if (this.#partner && !this.#partners.has(partner)) this.#undeclared('partner', partner);
    else (this.#gauges.get(partner) ?? this.#open(partner)).set(value);
    return 'matched';
  }

  #open(partner: string): PendingGauge {
    const gauge = this.#series.gauge(measured.indicator, partner === '' ? this.#labels : { ...this.#labels, partner });
    this.#gauges.set(partner, gauge);
    return gauge;
  }
}
