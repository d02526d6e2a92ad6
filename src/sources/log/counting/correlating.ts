// Messages that are followed from one line to another by their ids: how long they took, how many are open, since when.

import { correlated, logs, observed } from '../../../conventions.js';
import { Correlations, type Completed, type CorrelationLimits, type CorrelationsRecord } from '../../../domain/correlations.js';
import { placeLabels, type Place } from '../../../domain/coverage.js';
import { parseDuration } from '../../../domain/duration.js';
import type { Outcome } from '../../../domain/flow.js';
import { isOutcome } from '../../names-in-data.js';
import { coverageOf } from '../definitions.js';
import { textOf } from '../formats/fields.js';
import { DEFAULT_CORRELATION_TIMEOUT, DEFAULT_MAX_OPEN, type CorrelationOptions } from '../schema.js';
import { Condition } from './condition.js';
import { compileIdentity, compileOutcome, type ReadText } from './identity.js';
import type { Line } from './line.js';
import type { LineIds, PendingCounter, PendingGauge, PendingHistogram } from './pending.js';
import { Places } from './places.js';
import type { Rule, Verdict } from './rule.js';
import type { ReadField, Scope } from './scope.js';
import type { Workshop } from './workshop.js';

/** For so long an end waits for a start that stands in a file which is read after it. */
const EARLY_MS = 60_000;

interface PlaceSeries {
  readonly place: Place;
  readonly duration: PendingHistogram;
  readonly backlog: PendingGauge;
  readonly oldest: PendingGauge;
  readonly timedOut: PendingCounter;
  /** Where the end counts a message. */
  readonly messages: Readonly<Record<Outcome, PendingCounter>> | undefined;
  readonly last: PendingGauge | undefined;
}

interface MessageIds extends LineIds {
  readonly id: string;
}

type Result = 'completed' | 'timed_out' | 'dropped' | 'no_start';

export class Correlating {
  /** Its start and its end. */
  readonly rules: readonly Rule[];
  readonly #workshop: Workshop;
  readonly #limits: CorrelationLimits;
  #correlations: Correlations<string>;
  readonly #places: Places<PlaceSeries>;
  /** By origin; those that are not declared too, once they have been met. */
  readonly #series = new Map<string, PlaceSeries>();
  readonly #results: Readonly<Record<Result, PendingCounter>>;
  /** The time of the newest line, in milliseconds since the Unix epoch. */
  #newest = 0;
  #touched = true;

  constructor(
    readonly name: string,
    options: CorrelationOptions,
    workshop: Workshop,
  ) {
    this.#workshop = workshop;
    this.#limits = {
      maxOpen: options.max_open ?? DEFAULT_MAX_OPEN,
      timeoutMs: parseDuration(options.timeout ?? DEFAULT_CORRELATION_TIMEOUT) ?? Infinity,
      earlyMs: EARLY_MS,
    };
    this.#correlations = new Correlations(this.#limits);
    this.#places = this.#declarePlaces(options);
    const { config, series } = workshop;
    const result = (text: Result) =>
      series.counter(logs.correlations, { source: config.name, kind: config.kind, correlation: name, result: text });
    this.#results = {
      completed: result('completed'),
      timed_out: result('timed_out'),
      dropped: result('dropped'),
      no_start: result('no_start'),
    };
    this.rules = [this.#startRule(options), this.#endRule(options)];
  }

  restore(record: unknown): void {
    if (isRecord(record)) this.#correlations = Correlations.restore(record, this.#limits, (origin) => origin);
    this.#touched = true;
  }

  /** Changes whenever the record does. */
  get version(): number {
    return this.#correlations.version;
  }

  record(): CorrelationsRecord {
    return this.#correlations.record((origin) => origin);
  }

  /**
   * Gives up what is too old, and tells what is open.
   * @param caughtUp all lines have been read; until then what is missing may be in those that are not, and lines tell the time
   */
  settle(caughtUp: boolean): void {
    const { series, context } = this.#workshop;
    const { timedOut, noStart } = this.#correlations.expire(caughtUp ? context.clock.now() : this.#newest);
    for (const origin of timedOut) {
      this.#results.timed_out.add(1);
      this.#seriesOf(origin).timedOut.add(1);
    }
    if (noStart > 0) this.#results.no_start.add(noStart);
    if (this.#touched || timedOut.length > 0) {
      for (const [origin, { backlog, oldest }] of this.#series) {
        backlog.set(this.#correlations.open(origin));
        oldest.set((this.#correlations.oldest(origin) ?? 0) / 1000);
      }
    }
    this.#touched = false;
    series.pending.commit();
  }

  #startRule(options: CorrelationOptions): Rule {
    const { series, timing } = this.#workshop;
    const { condition, scope } = this.#condition(options.start, 'start');
    const readId = this.#idReader(options.start.id ?? options.id, scope);
    const flow = compileIdentity(options.flow, 'flow', scope);
    const partner = compileIdentity(options.partner, 'partner', scope);
    const readTrace = this.#traceReader(scope);
    const take = (line: Line): Verdict => {
      const id = textOf(readId(line));
      if (id === undefined) return 'malformed';
      const { at, unreadable } = timing.of(line);
      const origin = originOf(this.#find(line, options.stage, flow, partner));
      const traceId = readTrace(line);
      series.pending.whenKept(() => this.#start({ id, traceId }, at, origin));
      return unreadable ? 'malformed' : 'matched';
    };
    return { name: `${this.name} start`, condition, take };
  }

  #endRule(options: CorrelationOptions): Rule {
    const { series, timing, undeclared } = this.#workshop;
    const { condition, scope } = this.#condition(options.end, 'end');
    const readId = this.#idReader(options.end.id ?? options.id, scope);
    const outcome = options.end.outcome === undefined ? undefined : compileOutcome(options.end.outcome, scope);
    const readTrace = this.#traceReader(scope);
    const take = (line: Line): Verdict => {
      const id = textOf(readId(line));
      if (id === undefined) return 'malformed';
      const { at, unreadable } = timing.of(line);
      const result = outcome?.(line) ?? '';
      if (outcome && !isOutcome(result)) undeclared('outcome', result);
      const traceId = readTrace(line);
      series.pending.whenKept(() => this.#end({ id, traceId }, at, result));
      return unreadable ? 'malformed' : 'matched';
    };
    return { name: `${this.name} end`, condition, take };
  }

  #condition(meant: CorrelationOptions['start'], part: string): { condition: Condition; scope: Scope } {
    const { scope, matchers } = this.#workshop;
    const condition = new Condition(meant, scope, `${this.name} ${part}`, matchers);
    return { condition, scope: condition.scope };
  }

  #idReader(own: string | undefined, scope: Scope): ReadField {
    const field = own ?? this.#workshop.ids.id;
    return field === undefined ? () => undefined : scope.reader(field);
  }

  /** The trace that the line which completes a message names is the one of its exemplar. */
  #traceReader(scope: Scope): (line: Line) => string | undefined {
    const { traceId } = this.#workshop.ids;
    const read = traceId === undefined ? undefined : scope.reader(traceId);
    return (line) => read && textOf(read(line));
  }

  #find(line: Line, stage: string, flow: ReadText, partner: ReadText): Place {
    const place = { flow: flow(line) ?? '', stage, partner: partner(line) ?? '' };
    const { series, undeclared } = this.#places.find(place);
    if (undeclared) this.#workshop.undeclared(undeclared.label, undeclared.value);
    return series.place;
  }

  #start(ids: MessageIds, at: number, origin: string): void {
    this.#see(at);
    const outcome = this.#correlations.start(ids.id, at, origin);
    if (outcome.result === 'dropped') this.#results.dropped.add(1);
    else if (outcome.result === 'completed') this.#complete(ids, outcome);
  }

  #end(ids: MessageIds, at: number, detail: string): void {
    this.#see(at);
    const outcome = this.#correlations.end(ids.id, at, detail);
    if (outcome.result === 'no_start') this.#results.no_start.add(1);
    else if (outcome.result === 'completed') this.#complete(ids, outcome);
  }

  #see(at: number): void {
    this.#newest = Math.max(this.#newest, at);
    this.#touched = true;
  }

  #complete(ids: MessageIds, { origin, seconds, detail, endedAt }: Completed<string>): void {
    const series = this.#seriesOf(origin);
    this.#results.completed.add(1);
    series.duration.observe(seconds, ids);
    if (!isOutcome(detail)) return;
    series.messages?.[detail].add(1, ids);
    series.last?.set(endedAt / 1000);
  }

  /** An origin of an earlier YAML is told as its name says. */
  #seriesOf(origin: string): PlaceSeries {
    return this.#series.get(origin) ?? this.#places.find(placeOf(origin)).series;
  }

  #declarePlaces(options: CorrelationOptions): Places<PlaceSeries> {
    const { config, context, series } = this.#workshop;
    return new Places(context, coverageOf(options), (place) => {
      const labels = placeLabels(place, config.env, config.path);
      const counter = (outcome: Outcome) => series.counter(observed.messages, { ...labels, outcome });
      const counts = options.end.outcome !== undefined;
      const made: PlaceSeries = {
        place,
        duration: series.histogram(observed.duration, labels),
        backlog: series.gauge(observed.backlog, labels),
        oldest: series.gauge(observed.backlog_oldest, labels),
        timedOut: series.counter(correlated.timedOut, labels),
        messages: counts ? { ok: counter('ok'), error: counter('error'), rejected: counter('rejected') } : undefined,
        last: counts ? series.highest(observed.last_message, labels) : undefined,
      };
      this.#series.set(originOf(place), made);
      return made;
    });
  }
}

function originOf({ flow, stage, partner }: Place): string {
  return JSON.stringify([flow, stage, partner]);
}

function placeOf(origin: string): Place {
  const parts: unknown = JSON.parse(origin);
  const [flow, stage, partner] = Array.isArray(parts) ? parts.map(String) : [];
  return { flow: flow ?? '', stage: stage ?? '', partner: partner ?? '' };
}

function isRecord(value: unknown): value is CorrelationsRecord {
  if (typeof value !== 'object' || value === null || !('open' in value) || !('early' in value)) return false;
  const { open, early } = value;
  return Array.isArray(open) && typeof early === 'object' && early !== null && 'ids' in early && Array.isArray(early.ids);
}
