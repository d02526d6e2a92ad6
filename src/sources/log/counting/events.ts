// What lines say of flows: an event feeds the signals of the place that its line names.

import { observed } from '../../../conventions.js';
import { placeLabels } from '../../../domain/coverage.js';
import type { Outcome } from '../../../domain/flow.js';
import type { SourceConfig, SourceContext } from '../../kind.js';
import { isOutcome } from '../../names-in-data.js';
import { coverageOf } from '../definitions.js';
import type { EventOptions } from '../schema.js';
import { Condition } from './condition.js';
import { compileIdentity, compileOutcome, type ReadText } from './identity.js';
import { compileIds, type ReadIds } from './ids.js';
import type { Line } from './line.js';
import type { PendingCounter, PendingGauge, PendingHistogram } from './pending.js';
import { Places } from './places.js';
import { compileQuantity, type ReadNumber } from './quantity.js';
import type { Rule, TellUndeclared, Verdict } from './rule.js';
import type { Workshop } from './workshop.js';

interface PlaceSeries {
  readonly messages: Readonly<Record<Outcome, PendingCounter>>;
  readonly last: PendingGauge;
  readonly bytes: PendingCounter | undefined;
  readonly duration: PendingHistogram | undefined;
}

export class EventRule implements Rule {
  readonly condition: Condition;
  readonly #flow: ReadText;
  readonly #stage: ReadText;
  readonly #partner: ReadText;
  readonly #outcome: ReadText;
  readonly #bytes: ReadNumber | undefined;
  /** In seconds. */
  readonly #duration: ReadNumber | undefined;
  readonly #ids: ReadIds | undefined;
  readonly #places: Places<PlaceSeries>;
  readonly #undeclared: TellUndeclared;
  readonly #timing: Workshop['timing'];

  constructor(
    readonly name: string,
    event: EventOptions,
    { config, context, series, scope, matchers, timing, undeclared, ids }: Workshop,
  ) {
    this.condition = new Condition(event, scope, name, matchers);
    const own = this.condition.scope;
    this.#flow = compileIdentity(event.flow, 'flow', own);
    this.#stage = compileIdentity(event.stage, 'stage', own);
    this.#partner = compileIdentity(event.partner, 'partner', own);
    this.#outcome = compileOutcome(event.outcome, own);
    this.#bytes = event.bytes === undefined ? undefined : compileQuantity(event.bytes, own);
    this.#duration = event.duration === undefined ? undefined : compileQuantity(event.duration, own);
    this.#ids = compileIds(event.id ?? ids.id, ids.traceId, own);
    this.#places = places(event, config, context, series);
    this.#undeclared = undeclared;
    this.#timing = timing;
  }

  take(line: Line): Verdict {
    const outcome = this.#outcome(line) ?? '';
    if (!isOutcome(outcome)) {
      this.#undeclared('outcome', outcome);
      return 'matched';
    }
    return this.#count(line, outcome, this.#find(line));
  }

  #find(line: Line): PlaceSeries {
    const place = { flow: this.#flow(line) ?? '', stage: this.#stage(line) ?? '', partner: this.#partner(line) ?? '' };
    const declared = this.#places.get(place);
    if (declared) return declared;
    const { series, undeclared } = this.#places.find(place);
    if (undeclared) this.#undeclared(undeclared.label, undeclared.value);
    return series;
  }

  #count(line: Line, outcome: Outcome, series: PlaceSeries): Verdict {
    let verdict: Verdict = 'matched';
    const ids = this.#ids?.(line);
    series.messages[outcome].add(1, ids);
    const { at, unreadable } = this.#timing.of(line);
    if (unreadable) verdict = 'malformed';
    series.last.set(at / 1000);
    if (this.#bytes) {
      const bytes = this.#bytes(line);
      if (bytes === undefined || bytes < 0) verdict = 'malformed';
      else series.bytes?.add(bytes, ids);
    }
    if (this.#duration) {
      const seconds = this.#duration(line);
      if (seconds === undefined || seconds < 0) verdict = 'malformed';
      else series.duration?.observe(seconds, ids);
    }
    return verdict;
  }
}

function places(event: EventOptions, config: SourceConfig, context: SourceContext, series: Workshop['series']): Places<PlaceSeries> {
  return new Places(context, coverageOf(event), (place) => {
    const labels = placeLabels(place, config.env, config.path);
    const messages = (outcome: Outcome) => series.counter(observed.messages, { ...labels, outcome });
    return {
      messages: { ok: messages('ok'), error: messages('error'), rejected: messages('rejected') },
      last: series.highest(observed.last_message, labels),
      bytes: event.bytes === undefined ? undefined : series.counter(observed.bytes, labels),
      duration: event.duration === undefined ? undefined : series.histogram(observed.duration, labels),
    };
  });
}
