// What is expected of flows: the periods now and before as moments, and the numbers that do not change with time.

import type { Config } from '../config/model.js';
import { intended } from '../conventions.js';
import type { Expectation } from '../domain/expectation-declaration.js';
import { compilePeriods, warningOf, type OpeningHours, type Periods, type PeriodTiming } from '../domain/expectation-periods.js';
import type { MetricDefinition, Observation } from '../domain/observation.js';
import type { HolidayBook } from '../sources/holidays.js';
import { FollowedCalendars } from './calendars.js';
import { placements, type Placement } from './intentions.js';

/** How long an answer holds at most; a period that lies beyond the horizon comes into sight that late. */
const HOLDS_AT_MOST_MS = 3_600_000;

/** An expectation of a flow in an environment. */
interface Expected {
  readonly placement: Placement;
  readonly expectation: Expectation;
}

interface Dated extends Expected {
  /** Place of its schedule among those there are. */
  readonly schedule: number;
}

/** One timing in one calendar, however many expectations have it. */
interface Schedule {
  readonly calendar: string | undefined;
  readonly timing: PeriodTiming;
}

interface Answer {
  readonly from: number;
  readonly until: number;
  /** One for each schedule. */
  readonly periods: readonly Periods[];
  readonly observations: Iterable<Observation>;
}

/** The periods of all expectations. Each schedule is computed once, however many flows follow it. */
export class ExpectedPeriods {
  readonly #calendars: FollowedCalendars;
  readonly #dated: readonly Dated[];
  readonly #schedules: readonly Schedule[];
  #compiled:
    { readonly hours: ReadonlyMap<string, OpeningHours>; readonly periodsAt: readonly ((epochMs: number) => Periods)[] } | undefined;
  #answer: Answer | undefined;

  constructor(config: Config, book: HolidayBook) {
    const all = placements(config);
    const schedules = new Map<string, Schedule & { readonly index: number }>();
    this.#dated = expectedOf(all).flatMap(({ placement, expectation }) => {
      const { timing } = expectation;
      const { calendar } = placement;
      if (!timing || timing.kind === 'every') return [];
      const key = JSON.stringify([calendar, timing]);
      const schedule = schedules.get(key) ?? { calendar, timing, index: schedules.size };
      schedules.set(key, schedule);
      return [{ placement, expectation, schedule: schedule.index }];
    });
    this.#schedules = [...schedules.values()];
    this.#calendars = new FollowedCalendars(
      config,
      this.#dated.map(({ placement }) => placement),
      book,
    );
  }

  /**
   * The same object as before while nothing changed, so that nothing need be rendered anew. Its observations are made as they are asked for.
   * @throws SourceError when holidays cannot be computed: no deadline is better than a wrong one
   */
  async at(epochMs: number, signal: AbortSignal): Promise<Iterable<Observation>> {
    const last = this.#answer;
    if (last && last.from <= epochMs && epochMs < last.until) return last.observations;
    const periods = (await this.#periodsAt(epochMs, signal)).map((at) => at(epochMs));
    const isSame = last !== undefined && periods.every((one, index) => one === last.periods[index]);
    const observations = isSame ? last.observations : { [Symbol.iterator]: () => observe(this.#dated, periods) };
    const until = Math.min(epochMs + HOLDS_AT_MOST_MS, ...periods.map((one) => one.until));
    this.#answer = { from: epochMs, until, periods, observations };
    return observations;
  }

  async #periodsAt(epochMs: number, signal: AbortSignal) {
    const hours = await this.#calendars.at(epochMs, signal);
    if (this.#compiled?.hours === hours) return this.#compiled.periodsAt;
    const periodsAt = this.#schedules.map(({ calendar, timing }) =>
      compilePeriods(timing, calendar === undefined ? undefined : hours.get(calendar)),
    );
    this.#compiled = { hours, periodsAt };
    return periodsAt;
  }
}

/** What only changes with the YAML: how many messages, how often, how long. */
export function* expectedNumbers(config: Config): Generator<Observation> {
  for (const { placement, expectation } of expectedOf(placements(config))) {
    const { timing, atLeast, atMost, lasts } = expectation;
    for (const partner of expectation.partners) {
      const labels = labelsOf(placement, expectation, partner);
      yield* given(intended.expectationMin, labels, atLeast);
      yield* given(intended.expectationMax, labels, atMost);
      yield* given(intended.expectationInterval, labels, timing?.kind === 'every' ? timing.seconds : undefined);
      if (!lasts) continue;
      const ofJob = { ...labels, since: lasts.since };
      yield* given(intended.expectationShortest, ofJob, lasts.shortest);
      yield* given(intended.expectationLongest, ofJob, lasts.longest);
    }
  }
}

function expectedOf(all: readonly Placement[]): Expected[] {
  return all.flatMap((placement) => (placement.flow.expectations ?? []).map((expectation) => ({ placement, expectation })));
}

function* observe(dated: readonly Dated[], periods: readonly Periods[]): Generator<Observation> {
  for (const { placement, expectation, schedule } of dated) {
    const { current, previous } = periods[schedule] ?? {};
    for (const partner of expectation.partners) {
      const labels = labelsOf(placement, expectation, partner);
      for (const [period, found] of [
        ['current', current],
        ['previous', previous],
      ] as const) {
        if (!found) continue;
        const ofPeriod = { ...labels, period };
        yield* given(intended.expectationStart, ofPeriod, found.start / 1000);
        yield* given(intended.expectationDeadline, ofPeriod, found.deadline / 1000);
        yield* given(intended.expectationEarliest, ofPeriod, found.earliest === undefined ? undefined : found.earliest / 1000);
      }
      if (!current) continue;
      const { warnBefore } = expectation;
      const warning = warningOf(current, warnBefore === undefined ? undefined : warnBefore * 1000);
      yield* given(intended.expectationWarning, labels, warning / 1000);
    }
  }
}

function labelsOf({ flow, env }: Placement, { stage, name }: Expectation, partner: string) {
  return { flow: flow.name, partner, env, stage, expectation: name };
}

function* given(metric: MetricDefinition, labels: Observation['labels'], value: number | undefined): Generator<Observation> {
  if (value !== undefined) yield { metric, labels, value };
}
