// What lines say of flows: the first event that a line fulfils feeds the signals of its place.

import { observed } from '../../../conventions.js';
import type { CounterHandle, GaugeHandle, HistogramHandle } from '../../../domain/accumulator.js';
import { coveredPlaces, PlaceIndex, placeLabels, type Place } from '../../../domain/coverage.js';
import type { Outcome } from '../../../domain/flow.js';
import type { SourceConfig, SourceContext } from '../../kind.js';
import { isOutcome } from '../../names-in-data.js';
import { compileCondition, type Condition } from './condition.js';
import { coverageOf } from '../definitions.js';
import { parseDurationField } from '../../duration-field.js';
import { fieldReader, keptText, numberOf, textOf, type Fields } from '../formats/fields.js';
import type { EventOptions, LogOptions } from '../schema.js';
import type { SeriesSet } from './series.js';
import type { TimeReader } from '../formats/time.js';

/** `malformed`: taken, but a value in it cannot be read. */
export type Verdict = 'matched' | 'unmatched' | 'malformed';

type ReadText = (fields: Fields) => string | undefined;
type ReadNumber = (fields: Fields) => number | undefined;

interface PlaceSeries {
  readonly messages: Readonly<Record<Outcome, CounterHandle>>;
  readonly last: GaugeHandle;
  readonly bytes: CounterHandle | undefined;
  readonly duration: HistogramHandle | undefined;
}

interface CompiledEvent {
  readonly fulfils: Condition;
  readonly flow: ReadText;
  readonly stage: ReadText;
  readonly partner: ReadText;
  readonly outcome: ReadText;
  readonly bytes: ReadNumber | undefined;
  /** In seconds. */
  readonly duration: ReadNumber | undefined;
  /** By flow, stage and partner: all that are declared. */
  readonly places: ReadonlyMap<string, ReadonlyMap<string, ReadonlyMap<string, PlaceSeries>>>;
  readonly index: PlaceIndex;
}

export class Events {
  readonly #events: readonly CompiledEvent[];
  readonly #time: TimeReader;
  readonly #undeclared: SourceContext['undeclared'];

  constructor(config: SourceConfig<LogOptions>, context: SourceContext, series: SeriesSet, time: TimeReader) {
    this.#events = (config.options.events ?? []).map((event) => compileEvent(event, config, context, series));
    this.#time = time;
    this.#undeclared = (label, value) => context.undeclared(label, keptText(value));
  }

  /** @param now milliseconds since the Unix epoch */
  take(fields: Fields, now: number): Verdict {
    for (const event of this.#events) {
      if (event.fulfils(fields)) return this.#count(event, fields, now);
    }
    return 'unmatched';
  }

  #count(event: CompiledEvent, fields: Fields, now: number): Verdict {
    const place = { flow: event.flow(fields) ?? '', stage: event.stage(fields) ?? '', partner: event.partner(fields) ?? '' };
    const series = event.places.get(place.flow)?.get(place.stage)?.get(place.partner);
    if (!series) {
      const undeclared = event.index.undeclared(place) ?? { label: 'partner', value: place.partner };
      this.#undeclared(undeclared.label, undeclared.value);
      return 'matched';
    }
    const outcome = event.outcome(fields) ?? '';
    if (!isOutcome(outcome)) {
      this.#undeclared('outcome', outcome);
      return 'matched';
    }
    series.messages[outcome].add(1);
    return this.#measure(event, series, fields, now);
  }

  #measure(event: CompiledEvent, series: PlaceSeries, fields: Fields, now: number): Verdict {
    let verdict: Verdict = 'matched';
    const time = this.#time(fields);
    if (time === 'unreadable') verdict = 'malformed';
    series.last.raise(Math.min(typeof time === 'number' ? time : now, now) / 1000);
    if (event.bytes) {
      const bytes = event.bytes(fields);
      if (bytes === undefined || bytes < 0) verdict = 'malformed';
      else series.bytes?.add(bytes);
    }
    if (event.duration) {
      const seconds = event.duration(fields);
      if (seconds === undefined || seconds < 0) verdict = 'malformed';
      else series.duration?.observe(seconds);
    }
    return verdict;
  }
}

function compileEvent(event: EventOptions, config: SourceConfig<LogOptions>, context: SourceContext, series: SeriesSet): CompiledEvent {
  const coverage = coverageOf(event);
  return {
    fulfils: compileCondition(event.when),
    flow: compileIdentity(event.flow, 'flow'),
    stage: compileIdentity(event.stage, 'stage'),
    partner: compileIdentity(event.partner, 'partner'),
    outcome: compileOutcome(event.outcome),
    bytes: event.bytes === undefined ? undefined : compileNumber(event.bytes, 1),
    duration: compileDuration(event.duration),
    places: declarePlaces(coveredPlaces(context.flows, coverage), event, config, series),
    index: new PlaceIndex(context.flows, coverage),
  };
}

/** Every declared series exists at 0 before the first line. */
function declarePlaces(
  places: readonly Place[],
  event: EventOptions,
  { env, path }: SourceConfig,
  series: SeriesSet,
): CompiledEvent['places'] {
  const byFlow = new Map<string, Map<string, Map<string, PlaceSeries>>>();
  for (const place of places) {
    const labels = placeLabels(place, env, path);
    const byStage = byFlow.get(place.flow) ?? new Map<string, Map<string, PlaceSeries>>();
    const byPartner = byStage.get(place.stage) ?? new Map<string, PlaceSeries>();
    byFlow.set(place.flow, byStage.set(place.stage, byPartner));
    const messages = (outcome: Outcome) => series.counter(observed.messages, { ...labels, outcome });
    byPartner.set(place.partner, {
      messages: { ok: messages('ok'), error: messages('error'), rejected: messages('rejected') },
      last: series.gauge(observed.last_message, labels),
      bytes: event.bytes === undefined ? undefined : series.counter(observed.bytes, labels),
      duration: event.duration === undefined ? undefined : series.histogram(observed.duration, labels),
    });
  }
  return byFlow;
}

function compileIdentity(written: EventOptions['flow'], label: 'flow' | 'partner' | 'stage'): ReadText {
  if (typeof written === 'string') return () => written;
  const read = fieldReader(written?.from ?? label);
  const names = new Map(Object.entries(written?.map ?? {}));
  if (names.size === 0) return (fields) => textOf(read(fields));
  return (fields) => {
    const text = textOf(read(fields));
    return text === undefined ? undefined : (names.get(text) ?? text);
  };
}

function compileOutcome(written: EventOptions['outcome'] = 'ok'): ReadText {
  if (typeof written === 'string') return () => written;
  const read = fieldReader(written.from);
  const names = new Map(Object.entries(written.map ?? {}));
  const { otherwise } = written;
  return (fields) => {
    const text = textOf(read(fields));
    const outcome = text === undefined ? undefined : (names.get(text) ?? (isOutcome(text) ? text : undefined));
    return outcome ?? otherwise ?? text;
  };
}

function compileDuration(written: string | undefined): ReadNumber | undefined {
  const parsed = written === undefined ? undefined : parseDurationField(written);
  return parsed && compileNumber(parsed.field, parsed.unit);
}

function compileNumber(field: string, unit: number): ReadNumber {
  const read = fieldReader(field);
  return (fields) => {
    const number = numberOf(read(fields));
    return number === undefined ? undefined : number * unit;
  };
}
