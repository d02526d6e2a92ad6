// Whether each flow is within its opening hours now, and when that changes next.

import type { Config } from '../config/model.js';
import { intended } from '../conventions.js';
import { isRegion } from '../domain/calendar-declaration.js';
import { compileCalendar, type Calendar } from '../domain/calendar-windows.js';
import type { Observation } from '../domain/observation.js';
import type { HolidayBook } from '../sources/holidays.js';
import { placements, type Placement } from './intentions.js';
import { present } from './labels.js';

/** How long an answer holds at most; a change that lies beyond the horizon comes into sight that late. */
const HOLDS_AT_MOST_MS = 3_600_000;

interface Reading {
  readonly open: boolean;
  /** Milliseconds since the Unix epoch. */
  readonly nextChange: number | undefined;
}

interface Answer {
  readonly from: number;
  readonly until: number;
  /** One for each calendar, in the order of the calendars. */
  readonly readings: readonly Reading[];
  readonly observations: readonly Observation[];
}

const ALWAYS: Reading = { open: true, nextChange: undefined };

/** The opening hours of all flows. Each calendar is computed once, however many flows follow it. */
export class Windows {
  readonly #config: Config;
  readonly #placements: readonly Placement[];
  /** Names of the calendars that flows follow. */
  readonly #names: readonly string[];
  readonly #book: HolidayBook;
  #compiled: { readonly year: number; readonly calendars: readonly Calendar[] } | undefined;
  #answer: Answer | undefined;

  constructor(config: Config, book: HolidayBook) {
    this.#config = config;
    this.#book = book;
    this.#placements = placements(config);
    this.#names = [...new Set(this.#placements.map(({ calendar }) => calendar))].filter((name) => name !== undefined);
  }

  /**
   * The same array as before while nothing changed, so that nothing need be rendered anew.
   * @throws SourceError when holidays cannot be computed: no window is better than a wrong one
   */
  async at(epochMs: number, signal: AbortSignal): Promise<readonly Observation[]> {
    const last = this.#answer;
    if (last && last.from <= epochMs && epochMs < last.until) return last.observations;

    const calendars = await this.#calendars(new Date(epochMs).getUTCFullYear(), signal);
    const readings = calendars.map((calendar) => ({ open: calendar.isOpen(epochMs), nextChange: calendar.nextChange(epochMs) }));
    const changes = readings.map(({ nextChange }) => nextChange ?? Infinity);
    const observations = last && sameReadings(last.readings, readings) ? last.observations : this.#observe(readings);
    this.#answer = { from: epochMs, until: Math.min(epochMs + HOLDS_AT_MOST_MS, ...changes), readings, observations };
    return observations;
  }

  async #calendars(year: number, signal: AbortSignal): Promise<readonly Calendar[]> {
    if (this.#compiled?.year === year) return this.#compiled.calendars;
    const declarations = this.#names.map((name) => {
      const declaration = this.#config.calendars[name];
      if (!declaration) throw new RangeError(`no calendar "${name}"`);
      return declaration;
    });
    const regions = new Set(declarations.flatMap(({ holidays = [] }) => holidays.filter(isRegion)));
    const dates = await this.#book.around(year, [...regions], signal);
    const calendars = declarations.map((declaration) => {
      const closed = (declaration.holidays ?? []).flatMap((holiday) => [...(dates.get(holiday) ?? [])]);
      return compileCalendar(declaration, new Set(closed));
    });
    this.#compiled = { year, calendars };
    return calendars;
  }

  #observe(readings: readonly Reading[]): Observation[] {
    const byName = new Map(this.#names.map((name, index) => [name, readings[index] ?? ALWAYS]));
    return this.#placements.flatMap(({ flow, env, calendar }) => {
      const { open, nextChange } = (calendar === undefined ? undefined : byName.get(calendar)) ?? ALWAYS;
      const labels = present({ flow: flow.name, env, calendar });
      return [
        { metric: intended.windowOpen, labels, value: open ? 1 : 0 },
        { metric: intended.windowNextChange, labels, value: nextChange === undefined ? Infinity : nextChange / 1000 },
      ];
    });
  }
}

function sameReadings(before: readonly Reading[], after: readonly Reading[]): boolean {
  return after.every(({ open, nextChange }, index) => before[index]?.open === open && before[index].nextChange === nextChange);
}
