// Counts the messages within the periods of expectations for one source: as its collectors tell their counters, and over restarts.

import type { Logger } from 'pino';
import type { Config } from '../config/model.js';
import { observed } from '../conventions.js';
import { isRegion } from '../domain/calendar-declaration.js';
import type { Clock } from '../domain/clock.js';
import { compilePeriods, type OpeningHours } from '../domain/expectation-periods.js';
import { concat, type Observation } from '../domain/observation.js';
import { PeriodCounts, type Counted } from '../domain/period-counts.js';
import { HolidayBook } from '../sources/holidays.js';
import type { Collector, StateRecord } from '../sources/kind.js';
import type { NumberExpected } from './counted-periods.js';
import { toSourceError } from './collector-loop.js';

/**
 * How often the record is written at most, where something was counted, and at least, so that it tells until when somebody looked.
 * Where the process dies before, counters that are kept themselves tell what is missing.
 */
const WRITE_AFTER_MS = { change: 10_000, nothing: 60_000 } as const;
/** How long to wait before holidays are computed again, where they could not be. */
const RETRY_AFTER_MS = 60_000;

export interface PeriodCounterContext {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly record: StateRecord;
}

export class PeriodCounter {
  readonly #config: Config;
  readonly #expected: readonly NumberExpected[];
  readonly #context: PeriodCounterContext;
  readonly #book: HolidayBook;
  #counts: PeriodCounts | undefined;
  /** What is counted on from, where there are no counts yet. */
  #saved: unknown;
  #year: number | undefined;
  #preparing: Promise<void> | undefined;
  #retryAt = -Infinity;
  #written = 0;
  #writtenAt = -Infinity;
  #writing: Promise<void> = Promise.resolve();
  #isWriting = false;
  #failing = false;

  private constructor(
    config: Config,
    expected: readonly NumberExpected[],
    context: PeriodCounterContext,
    book: HolidayBook,
    saved: unknown,
  ) {
    this.#config = config;
    this.#expected = expected;
    this.#context = context;
    this.#book = book;
    this.#saved = saved;
  }

  /** @param before what counted until a reload */
  static async of(
    config: Config,
    expected: readonly NumberExpected[],
    context: PeriodCounterContext,
    before: PeriodCounter | undefined,
  ): Promise<PeriodCounter> {
    // One that is damaged begins anew: a number that is missing for a period is no reason to do without the source.
    const saved = before ? before.#state : await context.record.read().catch((error: unknown) => tell(context.logger, error));
    const counter = new PeriodCounter(config, expected, context, before ? before.#book : new HolidayBook(), saved);
    // One record after the other.
    if (before) counter.#writing = before.#writing;
    await counter.#prepare();
    return counter;
  }

  /** What the collector told, and the counts after it. */
  *withCounts(collector: Collector, observations: Iterable<Observation>): Generator<Observation> {
    const counters: Observation[] = [];
    for (const observation of observations) {
      if (observation.metric === observed.messages) counters.push(observation);
      yield observation;
    }
    yield* this.#look(collector, concat([counters, collector.accumulator?.observations() ?? []]));
  }

  /** Nothing is counted after it. @returns once the record is on the disk, or cannot be written */
  async stop(): Promise<void> {
    await Promise.all([this.#preparing, this.#writing]);
    this.#write();
    await this.#writing;
  }

  get #state(): unknown {
    return this.#counts?.record() ?? this.#saved;
  }

  #look({ name, maxStaleness }: Collector, observations: Iterable<Observation>): readonly Observation[] {
    const now = this.#context.clock.now();
    if (new Date(now).getUTCFullYear() !== this.#year) {
      void this.#prepare();
      return [];
    }
    const counts = this.#counts?.look({ collector: name, observations, now, bridge: maxStaleness }) ?? [];
    const wait = this.#counts?.version === this.#written ? WRITE_AFTER_MS.nothing : WRITE_AFTER_MS.change;
    if (this.#context.clock.monotonic() - this.#writtenAt >= wait) this.#write();
    return counts;
  }

  /** Computes the holidays of the year. Until they are known nothing is counted, and nothing is lost: counters go on. */
  #prepare(): Promise<void> {
    const { clock, logger } = this.#context;
    if (clock.monotonic() < this.#retryAt) return Promise.resolve();
    this.#preparing ??= this.#prepareYear(new Date(clock.now()).getUTCFullYear())
      .catch((error: unknown) => {
        this.#retryAt = clock.monotonic() + RETRY_AFTER_MS;
        tell(logger, error);
      })
      .finally(() => (this.#preparing = undefined));
    return this.#preparing;
  }

  async #prepareYear(year: number): Promise<void> {
    const names = new Set(this.#expected.flatMap(({ calendar }) => calendar ?? []));
    const declarations = [...names].flatMap((name) => {
      const declaration = this.#config.calendars[name];
      return declaration ? [{ name, declaration }] : [];
    });
    const regions = new Set(declarations.flatMap(({ declaration: { holidays = [] } }) => holidays.filter(isRegion)));
    const dates = await this.#book.around(year, [...regions]);
    const hours = new Map(
      declarations.map(({ name, declaration }) => {
        const closed = (declaration.holidays ?? []).flatMap((holiday) => [...(dates.get(holiday) ?? [])]);
        return [name, { declaration, holidayDates: new Set(closed) }];
      }),
    );
    const counts = new PeriodCounts(this.#expected.map((one) => countedOf(one, hours)));
    counts.restore(this.#state);
    this.#counts = counts;
    this.#written = counts.version;
    this.#year = year;
  }

  /** Never two at once: the next one writes what was counted meanwhile. */
  #write(): void {
    const { clock } = this.#context;
    if (!this.#counts || this.#isWriting) return;
    this.#written = this.#counts.version;
    this.#writtenAt = clock.monotonic();
    this.#isWriting = true;
    const state = this.#counts.record();
    this.#writing = this.#writing.then(() => this.#writeNow(state)).finally(() => (this.#isWriting = false));
  }

  async #writeNow(state: unknown): Promise<void> {
    try {
      await this.#context.record.write(state);
      this.#failing = false;
    } catch (error) {
      if (!this.#failing) tell(this.#context.logger, error);
      this.#failing = true;
    }
  }
}

function countedOf({ flow, expectation, timing, calendar }: NumberExpected, hours: ReadonlyMap<string, OpeningHours>): Counted {
  const { stage, name, partners } = expectation;
  const own = calendar === undefined ? undefined : hours.get(calendar);
  return {
    flow,
    stage,
    expectation: name,
    meaning: JSON.stringify([timing, calendar]),
    partners: new Set(partners),
    periodsAt: compilePeriods(timing, own),
  };
}

function tell(logger: Logger, error: unknown): undefined {
  const { phase, errorClass, message } = toSourceError(error);
  logger.warn({ phase, class: errorClass, error: message }, 'messages within periods are not counted over restarts');
  return undefined;
}
