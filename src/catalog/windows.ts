// Whether each flow is within its opening hours now, since when, and when that changes next.

import type { Config } from '../config/model.js';
import { intended } from '../conventions.js';
import { compileCalendar, type Calendar } from '../domain/calendar-windows.js';
import type { OpeningHours } from '../domain/expectation-periods.js';
import type { Observation } from '../domain/observation.js';
import type { HolidayBook } from '../sources/holidays.js';
import { FollowedCalendars } from './calendars.js';
import { placements, type Placement } from './intentions.js';
import { present } from './labels.js';

/** How long an answer holds at most; a change that lies beyond the horizon comes into sight that late. */
const HOLDS_AT_MOST_MS = 3_600_000;

interface Reading {
  readonly open: boolean;
  /** Milliseconds since the Unix epoch. */
  readonly nextChange: number | undefined;
  readonly lastChange: number | undefined;
}

interface Answer {
  readonly from: number;
  readonly until: number;
  /** One for each calendar, in the order of the calendars. */
  readonly readings: readonly Reading[];
  readonly observations: readonly Observation[];
}

const ALWAYS: Reading = { open: true, nextChange: undefined, lastChange: undefined };

/** The opening hours of all flows. Each calendar is computed once, however many flows follow it. */
export class Windows {
  readonly #placements: readonly Placement[];
  readonly #followed: FollowedCalendars;
  #compiled: { readonly hours: ReadonlyMap<string, OpeningHours>; readonly calendars: readonly Calendar[] } | undefined;
  #answer: Answer | undefined;

  constructor(config: Config, book: HolidayBook) {
    this.#placements = placements(config);
    this.#followed = new FollowedCalendars(config, this.#placements, book);
  }

  /**
   * The same array as before while nothing changed, so that nothing need be rendered anew.
   * @throws SourceError when holidays cannot be computed: no window is better than a wrong one
   */
  async at(epochMs: number, signal: AbortSignal): Promise<readonly Observation[]> {
    const last = this.#answer;
    if (last && last.from <= epochMs && epochMs < last.until) return last.observations;

    const readings = (await this.#calendars(epochMs, signal)).map((calendar) => ({
      open: calendar.isOpen(epochMs),
      nextChange: calendar.nextChange(epochMs),
      lastChange: calendar.lastChange(epochMs),
    }));
    const changes = readings.map(({ nextChange }) => nextChange ?? Infinity);
    const observations = last && sameReadings(last.readings, readings) ? last.observations : this.#observe(readings);
    this.#answer = { from: epochMs, until: Math.min(epochMs + HOLDS_AT_MOST_MS, ...changes), readings, observations };
    return observations;
  }

  async #calendars(epochMs: number, signal: AbortSignal): Promise<readonly Calendar[]> {
    const hours = await this.#followed.at(epochMs, signal);
    if (this.#compiled?.hours === hours) return this.#compiled.calendars;
    const calendars = [...hours.values()].map(({ declaration, holidayDates }) => compileCalendar(declaration, holidayDates));
    this.#compiled = { hours, calendars };
    return calendars;
  }

  #observe(readings: readonly Reading[]): Observation[] {
    const byName = new Map(this.#followed.names.map((name, index) => [name, readings[index] ?? ALWAYS]));
    return this.#placements.flatMap(({ flow, env, calendar }) => {
      const { open, nextChange, lastChange } = (calendar === undefined ? undefined : byName.get(calendar)) ?? ALWAYS;
      const labels = present({ flow: flow.name, env, calendar });
      return [
        { metric: intended.windowOpen, labels, value: open ? 1 : 0 },
        { metric: intended.windowLastChange, labels, value: (lastChange ?? 0) / 1000 },
        { metric: intended.windowNextChange, labels, value: nextChange === undefined ? Infinity : nextChange / 1000 },
      ];
    });
  }
}

function sameReadings(before: readonly Reading[], after: readonly Reading[]): boolean {
  return after.every(({ open, nextChange, lastChange }, index) => {
    const other = before[index];
    return other?.open === open && other.nextChange === nextChange && other.lastChange === lastChange;
  });
}
